"""Judging: which kind a number is when several have its shape.

Theory. A shape that nobody else has is believed, and then a wrong check digit is a fault. A shape that many have (twelve
digits) is nobody's: there a right check digit decides, or a destination country that exists; of several kinds the one whose
symbology the scanner named, then the order of the table. Where nothing decides the number is unknown. The list of expected
parcels overrules all of this.
Comes in: a text, its AIM identifier, the site's rules. Goes out: a `Label`. Never here: codes of several fields.
"""

from sortctl.labels.label import UNKNOWN, Label, Severity
from sortctl.labels.numbers import air, postal
from sortctl.labels.numbers.kind import Finding, find
from sortctl.labels.rules import LabelRules

_STRICTNESS = (Severity.IGNORE, Severity.WARN, Severity.REFUSE)


def judge_number(text: str, aim: str, rules: LabelRules) -> Label:
    """What one number is. Never raises."""
    found = [finding for kind in rules.kinds(text) if (finding := find(kind, text))]
    special = _special(text, rules)
    if special is not None:
        own = _best([finding for finding in found if finding.kind.own and finding.kind.sure], aim)
        return _label(own, text, found, rules, (special.kind,)) if own else _with_others(special, found)
    best = _best(found, aim)
    return _label(best, text, found, rules) if best else _unknown(text, found, rules)


def _special(text: str, rules: LabelRules) -> Label | None:
    length = len(text)
    if length == 13:
        return postal.read_s10(text, rules.severity(postal.S10))
    if length == 12:
        return air.read_awb(text, rules.severity(air.AWB))
    if length == 29:
        return postal.read_receptacle(text, rules.severity(postal.RECEPTACLE))
    return air.read_uld(text) if length in (9, 10) else postal.read_mailmark(text)


def _best(found: list[Finding], aim: str) -> Finding | None:
    sure = [finding for finding in found if finding.kind.sure]
    if sure:
        # A site's own row is believed before what is built in, with a wrong check digit too.
        sure = [finding for finding in sure if finding.kind.own] or sure
        return next((finding for finding in sure if not finding.why), sure[0])
    # A destination country that exists is as much evidence as a check digit.
    fitting = [finding for finding in found if not finding.why and (finding.kind.check or finding.routing.country)]
    return next((finding for finding in fitting if finding.kind.fits(aim)), fitting[0] if fitting else None)


def _label(best: Finding, text: str, found: list[Finding], rules: LabelRules, others: tuple[str, ...] = ()) -> Label:
    kind = best.kind
    possible = (*others, *(finding.kind.name for finding in found if not finding.why))
    return Label(
        kind.name,
        text,
        kind.issuer,
        best.why,
        rules.strictness(kind),
        kind.use,
        best.ids,
        best.routing,
        tuple(name for name in dict.fromkeys(possible) if name != kind.name),
        kind.sure,
    )


def _with_others(label: Label, found: list[Finding]) -> Label:
    others = tuple(dict.fromkeys(finding.kind.name for finding in found if not finding.why))
    if not others:
        return label
    fields = (label.kind, label.text, label.issuer, label.why, label.severity, label.use, label.ids, label.routing)
    return Label(*fields, others)


def _unknown(text: str, found: list[Finding], rules: LabelRules) -> Label:
    """No kind. That a check digit fits none of the kinds that have this shape is noted, and counts if the site says so."""
    failed = [finding.kind for finding in found if finding.why]
    others = tuple(dict.fromkeys(finding.kind.name for finding in found if not finding.why))
    if not failed:
        return Label(UNKNOWN, text, others=others, sure=False)
    names = ", ".join(dict.fromkeys(kind.name for kind in failed))
    severity = max(map(rules.strictness, failed), key=_STRICTNESS.index)
    why = f"its check digit is wrong for every kind of this shape that has one: {names}"
    return Label(UNKNOWN, text, "", why, severity, others=others, sure=False)
