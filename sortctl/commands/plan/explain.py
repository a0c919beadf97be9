"""sortctl plan explain: why a parcel goes where it goes, and what would change that.

Comes in: a code that the hub knows, or attributes. Goes out: the rule that wins, those that fit too and why they lose, the chutes on each
sorter, what would change it. Never here: holds, customs verdicts, full chutes: `sortctl trace` tells what was decided.
"""

from pathlib import Path
from typing import Any, Final

import click

from sortctl.commands.options import Exit, Stop, json_option
from sortctl.commands.plan.sources import (
    CURRENT,
    Hub,
    hub_state_option,
    load_hub,
    load_named,
    plan_option,
    site_argument,
)
from sortctl.commands.screen import escaped, print_json, screen
from sortctl.plan import Asked, Plan, asked_of
from sortctl.plan.model import Group
from sortctl.plan.ranges import is_postcode, normalised
from sortctl.plan.rule import ATTRIBUTES
from sortctl.plan.study.explain import Explanation, Fitting, explain
from sortctl.words.causes import Balance
from sortctl.words.parcels import CustomsState, Declaration

CHUTES_SHOWN: Final = 12
"""Of one group."""
_GRAMS_MAX: Final = 10_000_000


@click.command("explain", short_help="Why does this parcel go there?")
@site_argument
@click.argument("code", required=False)
@click.option("--tenant", default="", help="Platform or merchant.")
@click.option("--country", default="", help="Two letters of ISO 3166-1.")
@click.option("--postcode", default="", help="As written in that country.")
@click.option("--barcode", "code_read", default="", help="The waybill or barcode, for rules with code ranges.")
@click.option("--service", default="", help="As the host says it.")
@click.option("--declaration", type=click.Choice([each.value for each in Declaration if each.value]), default=None,
              help="Kind of customs declaration.")  # fmt: skip
@click.option(
    "--customs", type=click.Choice([each.value for each in CustomsState]), default=None, help="Customs state."
)
@click.option("--label", default="", help="Kind of label.")
@click.option("--weight", "weight_g", type=click.IntRange(0, _GRAMS_MAX), default=0, help="Weight in g.")
@click.option("--longest", "longest_mm", type=click.IntRange(0, 100_000), default=0, help="Longest side in mm.")
@plan_option
@hub_state_option
@json_option
def explain_command(site: Path, code: str | None, which: str, state: Path | None, as_json: bool, **given: Any) -> None:
    """Say by which rule a parcel goes where, which rules fit too and why they lose, and what would change it.

    \b
    Example:
      sortctl plan explain config/demo RR123456785NL
      sortctl plan explain config/lgg --country BE --postcode 4020 --service express

    CODE is a waybill or another code of a parcel that the hub knows (`sortctl parcels import`); options stand in the place of what is
    known. Without --plan the plan of SITE is asked; --plan current asks the one in force.
    Exit codes: 0 explained, 1 no rule fits, 3 no such folder or parcel, 5 not sound.
    """  # noqa: D301 - \b keeps the lines apart
    hub = load_hub(site, state)
    asked = _asked(hub, code, given)
    plan = load_named(hub, which)
    found = explain(plan, asked)
    if as_json:
        print_json({"plan": plan.document, "explanation": found, "chutes": _groups(hub, plan, found)})
    else:
        _show(hub, plan, found, which)
    if found.winner is None:
        raise SystemExit(Exit.NEGATIVE)


def _asked(hub: Hub, code: str | None, given: dict[str, Any]) -> Asked:
    given["code"] = given.pop("code_read")
    said = {name: value for name, value in given.items() if value}
    if code is None:
        if not said:
            raise click.UsageError("name a parcel by a code, or give at least one attribute, as --country BE")
        asked = Asked()
    else:
        from sortctl.commands.plan.parcels import parcel_of

        record = parcel_of(hub, code)
        if record is None:
            hint = "give what is known of it as options, or take it in with `sortctl parcels import`"
            raise Stop(Exit.NOT_FOUND, f"the hub knows no parcel {code}", hint)
        asked = asked_of(record)
    fields = {
        "tenant": asked.tenant, "country": asked.country, "postcode": asked.postcode, "service": asked.service,
        "declaration": asked.declaration, "customs": asked.customs, "label": asked.label, "weight_g": asked.weight_g,
        "longest_mm": asked.longest_mm, "code": asked.code, **said,
    }  # fmt: skip
    postcode = normalised(fields["postcode"])
    if postcode and not is_postcode(postcode):
        raise click.UsageError(f'"{postcode[:40]}" is no postcode')
    fields |= {"country": fields["country"].upper(), "postcode": postcode}
    fields |= {"declaration": Declaration(fields["declaration"]), "customs": CustomsState(fields["customs"])}
    return Asked(**fields)


def _groups(hub: Hub, plan: Plan, found: Explanation) -> dict[str, Group]:
    if found.winner is None:
        return {}
    return {
        machine.sorter_id: plan.group(machine.sorter_id, found.winner.destination) for machine in hub.loaded.machines
    }


def _show(hub: Hub, plan: Plan, found: Explanation, which: str) -> None:
    out = screen()
    out.print(f"Plan {plan.document.id} version {plan.document.version}, checksum {plan.document.checksum[:12]}"
              f"{' (in force)' if which == CURRENT else ''}")  # fmt: skip
    out.print(escaped(f"Asked: {_words(found)}"))
    if found.winner is None:
        out.print("\nNo rule fits: the parcel is rejected as no_rule.")
    else:
        winner = found.winner
        out.print(f"\nRule {winner.rule} (line {winner.line}) sends it to {winner.destination}: {_asks(winner)}")
        for sorter, group in _groups(hub, plan, found).items():
            out.print(f"  on {sorter}: {_chutes(group)}")
        told = plan.destination(winner.destination)
        if told is not None and told.departures:
            out.print(f"  leaves with {', '.join(told.departures)}")
    if found.others:
        out.print("\nThese fit too, and lose:")
        for other in found.others:
            why = "stands further down" if other.decided_by == "line" else f"is less specific by its {other.decided_by}"
            out.print(escaped(f"  {other.rule} (line {other.line}) to {other.destination}: {why} ({_asks(other)})"))
        if found.more:
            out.print(f"  and {found.more:,} more")
    if found.changes:
        out.print("\nIt would go elsewhere with")
        for change in found.changes:
            out.print(escaped(f"  {change.attribute} {change.value}: to {change.destination} by rule {change.rule}"))


def _words(found: Explanation) -> str:
    asked = found.asked
    size = f"{asked.longest_mm} mm" + (f" (size {found.size})" if found.size else "") if asked.longest_mm else ""
    values = (
        asked.tenant, asked.code, asked.country, asked.postcode, asked.service, asked.declaration.value, asked.customs.value, asked.label,
        f"{asked.weight_g} g" if asked.weight_g else "", size,
    )  # fmt: skip
    known = [f"{name} {value}" for name, value in zip(ATTRIBUTES, values, strict=True) if value]
    unknown = [name for name, value in zip(ATTRIBUTES, values, strict=True) if not value]
    return ", ".join(known) + (f"; not known: {', '.join(unknown)}" if unknown else "")


def _asks(rule: Fitting) -> str:
    return ", ".join(f"{name} {value}" for name, value in rule.asks.items()) or "any parcel"


def _chutes(group: Group) -> str:
    if not group.chutes:
        return "no chute there, parcels are rejected"
    left = len(group.chutes) - CHUTES_SHOWN
    text = f"chute{'s' if len(group.chutes) > 1 else ''} {', '.join(map(str, group.chutes[:CHUTES_SHOWN]))}"
    text += f" and {left:,} more" if left > 0 else ""
    text += f" ({group.balance.value})" if group.balance is not Balance.FIXED else ""
    text += f", then {', '.join(map(str, group.alternates))}" if group.alternates else ""
    return text + (f", overflow {', '.join(map(str, group.overflow))}" if group.overflow else "")
