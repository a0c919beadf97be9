"""Changes: what one person, or the host in a script, changes about one parcel.

Comes in: a code, a reason, a name. Goes out: the record as it stands then. Never here: whether a change is allowed (`parcels/writer.py`).
"""

from datetime import datetime
from pathlib import Path
from typing import Final

import click

from sortctl.commands.options import Exit, json_option, state_option
from sortctl.commands.parcels.store import KNOWN_SOON, by_option, code_argument, named, now_s, writing
from sortctl.commands.screen import escaped, print_json
from sortctl.parcels.writer import Done

WORDS_MAX: Final = 200


def _words(_: click.Context, parameter: click.Parameter, given: str | None) -> str:
    text = (given or "").strip()
    if len(text) > WORDS_MAX or not text.isprintable():
        raise click.BadParameter(f"at most {WORDS_MAX} printable characters", param=parameter)
    return text


def _some_words(context: click.Context, parameter: click.Parameter, given: str | None) -> str:
    text = _words(context, parameter, given)
    if not text:
        raise click.BadParameter("say why", param=parameter)
    return text


@click.command("hold", short_help="Hold a parcel.")
@code_argument
@click.argument("reason", callback=_some_words)
@by_option
@state_option
@json_option
def hold(code: str, reason: str, by: str, state: Path, as_json: bool) -> None:
    """Hold the parcel with this CODE, for this REASON: it goes to the chute for held parcels.

    \b
    Example:
      sortctl parcels hold LP390768049CN "X-ray shows a battery" --by "A. Lambert"

    A parcel on a sorter is sent elsewhere until its chute can no longer be changed; one that lies in a bag has its bag blocked. A parcel of
    which nothing is known yet is held when it comes. Exit codes: 0 held, 4 the store cannot be written.
    """  # noqa: D301 - \b keeps the lines apart
    with writing(state, by) as writer:
        _tell(writer.hold(code, reason), "Held", as_json)


@click.command("release", short_help="End a hold.")
@code_argument
@click.argument("reason", default="", callback=_words)
@click.option("--by", metavar="NAME", required=True, callback=_some_words, help="The person who releases it.")
@state_option
@json_option
def release(code: str, reason: str, by: str, state: Path, as_json: bool) -> None:
    """End the hold of the parcel with this CODE. A person must, by name. What customs said stays.

    \b
    Example:
      sortctl parcels release LP390768049CN "opened, no battery" --by "A. Lambert"

    Exit codes: 0 released, 1 nothing is known of it, 2 no name, 4 it is not held.
    """  # noqa: D301 - \b keeps the lines apart
    with writing(state, by) as writer:
        _tell(writer.release(code, by, reason), "Released", as_json)


@click.command("intercept", short_help="Take a parcel out of the stream for business reasons.")
@code_argument
@click.argument("reason", default="", callback=_words)
@click.option("--withdraw", is_flag=True, help="The parcel goes its way again.")
@by_option
@state_option
@json_option
def intercept(code: str, reason: str, withdraw: bool, by: str, state: Path, as_json: bool) -> None:
    """Take the parcel with this CODE out of the stream, for this REASON: cancelled, wrong address, to be returned.

    \b
    Example:
      sortctl parcels intercept LP390768049CN "order cancelled"
      sortctl parcels intercept LP390768049CN --withdraw

    Exit codes: 0 done, 1 nothing is known of it (--withdraw), 2 no reason.
    """  # noqa: D301 - \b keeps the lines apart
    if bool(reason) == withdraw:
        raise click.UsageError("say why, or --withdraw")
    with writing(state, by) as writer:
        _tell(writer.intercept(code, reason), "No longer intercepted" if withdraw else "Intercepted", as_json)


@click.command("customs", short_help="Take in a customs message.")
@code_argument
@click.argument("message", callback=_some_words)
@click.option("--at", "moment", metavar="MOMENT", help="When customs said it, as 2026-02-03T14:00:00Z. Default: now.")
@by_option
@state_option
@json_option
def customs(code: str, message: str, moment: str | None, by: str, state: Path, as_json: bool) -> None:
    """Take in a customs MESSAGE for the parcel with this CODE: an ICS2 number, or RELEASE, CONTROL, REFUSE, SEIZE, ACCEPTED, INVALIDATE.

    \b
    Example:
      sortctl parcels customs LP390768049CN IE3N08
      sortctl parcels customs LP390768049CN RELEASE --at 2026-02-03T14:00:00Z

    A message that no procedure knows in this state holds the parcel; an older one than the newest is not taken.
    Exit codes: 0 taken, 1 not as it was said: the output tells why.
    """  # noqa: D301 - \b keeps the lines apart
    moment_s = now_s() if moment is None else _moment_s(moment)
    with writing(state, by) as writer:
        done = writer.customs(code, message, moment_s)
    _tell(done, f"Customs says {done.record.customs}", as_json)
    if done.why:
        raise click.exceptions.Exit(Exit.NEGATIVE)


def _moment_s(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise click.BadParameter("write it in UTC, as 2026-02-03T14:00:00Z", param_hint="--at")
    return int(at.timestamp())


def _tell(done: Done, what: str, as_json: bool) -> None:
    if as_json:
        print_json({"record": done.record, "new": done.is_new, "why": done.why})
        return
    click.echo(f"{escaped(what)}: {named(done.record)}. {KNOWN_SOON}")
    if done.is_new:
        click.echo("  Nothing else is known of it yet: is the code right?", err=True)
    if done.why:
        click.echo(f"  {escaped(done.why)}", err=True)
