"""Load: a site's own tables of labels to `LabelRules`, or every mistake in them at once.

Comes in: the files of a site folder; both tables may be missing. `labels.csv`: numbers that are not built in, and how strict
the site is with those that are. `waybills.csv`: which kind of code is the waybill where a parcel has several, by tenant.
Raises `LabelsInvalid` with all problems, nothing else. Never here: patterns (`numbers/shape.py`), reading a code.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sortctl.labels.label import UNKNOWN, Severity, Use
from sortctl.labels.numbers import carriers
from sortctl.labels.numbers.digits import RULES
from sortctl.labels.numbers.kind import Kind
from sortctl.labels.numbers.shape import Shape, ShapeWrong, compile_shape
from sortctl.labels.rules import EVERYBODY, OTHER_KINDS, LabelRules, label_rules
from sortctl.site.countries import COUNTRIES
from sortctl.site.files import LABEL_FILES
from sortctl.site.problem import Invalid, Problem, bounded, errors
from sortctl.site.table import Row, read_table
from sortctl.site.wording import did_you_mean

LABELS, WAYBILLS = LABEL_FILES
KINDS_MAX: Final = 200
"""A hub's carriers and platforms are some dozens; each row costs every read of its length."""

COLUMNS: Final = {
    LABELS: {
        "kind": "a name of your own in small letters, digits and _; or a built-in kind, to say how strict you are with it",
        "pattern": "how the number looks, as in YT#{16}; empty: only bad_check of a kind that exists is set",
        "check": f"{', '.join(RULES)}; empty: no check digit",
        "bad_check": "ignore, warn or refuse; empty: warn",
        "issuer": "the carrier, shown beside the kind",
        "use": "parcel, routing, unit or product; empty: parcel",
        "country": "destination, in two letters, of a number that is for one country only; empty: the number does not say",
    },
    WAYBILLS: {
        "tenant": "whose parcels; empty: everybody without a row of their own",
        "kinds": "the kinds that can be the waybill, separated by semicolons, the one that wins first",
    },
}
"""What stands in each file."""
OPTIONAL: Final = frozenset({"issuer", "use", "country"})
"""Columns that may be left out."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")
Fault = tuple[str, str, str]
"""Column, what is wrong, how to mend it."""


class LabelsInvalid(Invalid):
    """The tables cannot be used; `problems` says all that is wrong with them."""


def load_labels(files: Mapping[str, bytes]) -> LabelRules:
    """The rules in these files; without the files those that are built in. Raises LabelsInvalid."""
    problems: list[Problem] = []
    rows = _rows(files, LABELS, problems)
    if len(rows) > KINDS_MAX:
        what = f"has {len(rows):,} rows, at most {KINDS_MAX} are taken"
        problems.append(Problem(LABELS, rows[KINDS_MAX].line, "", what, "join patterns of one carrier"))
        rows = rows[:KINDS_MAX]
    names = {*carriers.NAMES, *OTHER_KINDS, UNKNOWN, *(row.fields["kind"] for row in rows if row.fields["pattern"])}
    own, severities = _labels(rows, names, problems)
    orders = _orders(_rows(files, WAYBILLS, problems), names, problems)
    if errors(problems):
        raise LabelsInvalid(problems)
    return label_rules(own, severities, orders, bounded(problems))


def _rows(files: Mapping[str, bytes], file: str, problems: list[Problem]) -> list[Row]:
    if file not in files:
        return []
    table = read_table(file, files[file], tuple(COLUMNS[file]), OPTIONAL)
    problems += table.problems
    return table.rows


def _labels(rows: list[Row], names: set[str], problems: list[Problem]) -> tuple[list[Kind], dict[str, Severity]]:
    own: list[Kind] = []
    severities: dict[str, Severity] = {}
    lines: dict[tuple[str, str], int] = {}
    for row in rows:
        fields = row.fields
        faults = [*_name_faults(fields), *_value_faults(fields)]
        same = lines.setdefault((fields["kind"], fields["pattern"]), row.line)
        if same != row.line:
            faults.append(("kind", f"stands in line {same} already with this pattern", "delete one of them"))
        shape, wrong = _shape(fields["pattern"])
        faults += [*wrong, *(_lonely(fields, names) if not fields["pattern"] else _unchecked(fields))]
        problems += [Problem(LABELS, row.line, *fault) for fault in faults]
        if shape and not shape.fixed and not fields["check"]:
            problems.append(Problem(LABELS, row.line, "pattern", *_TOO_WIDE, "warning"))
        if not faults and shape:
            own.append(_kind(fields, shape))
        elif not faults:
            severities[fields["kind"]] = Severity(fields["bad_check"])
    return own, severities


_TOO_WIDE: Final = (
    "has nothing that stands for itself and no check digit, so no number is taken for this kind",
    "write the letters or digits that it begins with, or name its check",
)


def _kind(fields: Mapping[str, str], shape: Shape) -> Kind:
    return Kind(
        fields["kind"],
        fields.get("issuer", ""),
        shape,
        fields["check"],
        Severity(fields["bad_check"] or Severity.WARN),
        shape.fixed,
        use=Use(fields.get("use", "") or Use.PARCEL),
        home=fields.get("country", "").upper(),
        own=True,
    )


def _name_faults(fields: Mapping[str, str]) -> Iterator[Fault]:
    if not _NAME.fullmatch(fields["kind"]):
        yield "kind", f'"{fields["kind"][:40]}" is no name of a kind', "write up to 32 small letters, digits and _"
    elif fields["kind"] == UNKNOWN:
        yield "kind", "unknown is what no row fits", "give it another name"
    issuer = fields.get("issuer", "")
    if len(issuer) > 40 or not issuer.isprintable():
        yield "issuer", "is no name", "write up to 40 printable characters"


def _value_faults(fields: Mapping[str, str]) -> Iterator[Fault]:
    for column, known in (("check", RULES), ("bad_check", Severity), ("use", Use)):
        value = fields.get(column, "")
        choices = [str(one) for one in known]
        if value and value not in choices:
            mend = f"write one of {', '.join(choices)}, or nothing"
            yield column, f'"{value[:40]}" is not known', mend if len(value) > 40 else _mend(value, choices, mend)
    country = fields.get("country", "")
    if country and country.upper() not in COUNTRIES:
        yield "country", f'there is no country "{country[:40]}"', "write two letters of ISO 3166-1, as BE or NL"


def _mend(value: str, choices: list[str], otherwise: str) -> str:
    mend = did_you_mean(value, choices)
    return mend if mend.startswith("did you mean") else otherwise


def _shape(pattern: str) -> tuple[Shape | None, list[Fault]]:
    if not pattern:
        return None, []
    try:
        return compile_shape(pattern), []
    except ShapeWrong as why:
        return None, [("pattern", f"cannot be used: {why}", "write it as YT#{16}: # a digit, ? a letter, * either")]


def _lonely(fields: Mapping[str, str], names: set[str]) -> Iterator[Fault]:
    """A row without a pattern only says how strict the site is."""
    if fields["kind"] not in names:
        yield "pattern", f"is empty, and there is no kind {fields['kind'][:40]}", did_you_mean(fields["kind"], names)
    if not fields["bad_check"]:
        yield "bad_check", "is empty, so the row says nothing", "write ignore, warn or refuse, or delete the row"
    for column in ("check", "issuer", "use", "country"):
        if fields.get(column):
            yield column, "needs a pattern beside it", "write the pattern, or leave it empty"


def _unchecked(fields: Mapping[str, str]) -> Iterator[Fault]:
    if fields["bad_check"] and not fields["check"]:
        yield (
            "bad_check",
            "says what follows from a wrong check digit, but no check is named",
            "name the check, or clear it",
        )


def _orders(rows: list[Row], names: set[str], problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    orders: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    for row in rows:
        tenant = row.fields["tenant"] or EVERYBODY
        kinds = tuple(kind.strip() for kind in row.fields["kinds"].split(";") if kind.strip())
        faults: list[Fault] = []
        same = lines.setdefault(tenant, row.line)
        if same != row.line:
            faults.append(("tenant", f"stands in line {same} already", "write all its kinds in one row"))
        if not kinds:
            faults.append(("kinds", "is empty", "write the kinds, the one that wins first"))
        faults += [
            ("kinds", f'there is no kind "{kind[:40]}"', did_you_mean(kind, names))
            for kind in kinds
            if kind not in names
        ]
        faults += [
            ("kinds", f"{kind} stands there twice", "delete one of them")
            for kind in dict.fromkeys(kinds)
            if kinds.count(kind) > 1
        ]
        problems += [Problem(WAYBILLS, row.line, *fault) for fault in faults]
        orders.setdefault(tenant, kinds)
    return orders
