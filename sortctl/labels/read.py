"""Read: one code to what it is. The way in to everything below.

Comes in: a `Code` as the scanner sent it, any text at all, and the site's rules. Goes out: a `Label`. Never raises, and takes
bounded time: nothing is looked at beyond LENGTH_MAX characters, every pattern is bounded by construction.
Order: an envelope says itself what it is; then GS1, where the scanner or a separator says so; then numbers; last a GS1
message that nothing announced. Never here: which of several codes is the waybill (`labels/choose.py`).
"""

from typing import Final

from sortctl.labels.aim import split
from sortctl.labels.countries import country, is_too_long
from sortctl.labels.forms import element_strings, envelopes, maxicode
from sortctl.labels.gs1 import check_digit, looks_like_sscc, sscc_fault
from sortctl.labels.label import NOWHERE, UNKNOWN, WAYBILL, Label, Routing, Severity, Use
from sortctl.labels.numbers.judging import judge_number
from sortctl.labels.rules import LabelRules
from sortctl.words.facts import Code

LENGTH_MAX: Final = 4096
"""The largest QR code holds 4,296 characters; no parcel label comes near."""

GS1: Final = "gs1"
ISO15434: Final = "iso15434"
MAXICODE: Final = "maxicode"
GTIN: Final = "gtin"

_AROUND: Final = " \t\r\n\0"
_GS: Final = element_strings.GS
_ANNOUNCED: Final = frozenset(("]C1", "]e0", "]d2", "]d5", "]Q3", "]Q4", "]J1"))
"""Identifiers that say GS1 (ISO/IEC 15424). Of QR and Data Matrix the second is the same with extended channels."""
_IN_GS1: Final = frozenset(("sscc", "usps_impb"))
"""Numbers that are printed as GS1 messages."""
_UNANNOUNCED: Final = ("00", "401", "402", "403", "410", "420", "421", "43")
"""With these a message may begin that nobody announced. Others would be guessed out of any digits."""
_UNANNOUNCED_MIN: Final = 23
"""One element beside an SSCC."""
_GTIN_LENGTHS: Final = (8, 12, 13, 14)

_ROLES: Final = {
    "00": "sscc",
    "401": "consignment",
    "402": "shipment",
    "403": "route",
    "410": "ship_to",
    "413": "ship_for",
    "420": "postcode",
    "421": "country_postcode",
    "4300": "to_company",
    "4301": "to_name",
    "4302": "to_street",
    "4303": "to_street_2",
    "4304": "to_suburb",
    "4305": "to_locality",
    "4306": "to_region",
    "4307": "to_country",
    "4308": "to_phone",
    "4309": "to_position",
    "4320": "service",
    "4321": "dangerous",
    "4322": "leave_at_door",
    "4323": "signature",
    "4324": "not_before",
    "4325": "not_after",
}
"""Roles of GS1 elements; others are ai_ and their identifier."""


def read(code: Code, rules: LabelRules) -> Label:
    """What the code is. Never raises."""
    text, aim = code.text.strip(_AROUND), code.aim
    if len(text) > LENGTH_MAX:
        why = f"{len(text)} characters, at most {LENGTH_MAX} are read"
        return Label(UNKNOWN, text[:LENGTH_MAX], "", why, Severity.REFUSE, sure=False)
    if not aim:
        aim, text = split(text)
    # FNC1 in front is not data, though some scanners send it as GS; and one behind the last element parts it from nothing.
    led, text = text.startswith(_GS), text.strip(_GS)
    if not text.strip():
        return Label(UNKNOWN, text, "", "there is no text", Severity.REFUSE, sure=False)
    if maxicode.is_message(text) or (aim[:2] == "]U" and maxicode.is_headless(text)):
        return _maxicode(text, rules)
    if envelopes.is_envelope(text):
        return _envelope(text, rules)
    if aim[:2] == "]E" and text.isascii() and text.isdigit():
        return _product(text)
    return _plain(text, aim, led, rules)


def _plain(text: str, aim: str, led: bool, rules: LabelRules) -> Label:
    """A code without an envelope."""
    announced = aim in _ANNOUNCED
    separated = not aim and (led or _GS in text)
    if not (announced or separated):
        return _unannounced(text, aim, rules)
    if looks_like_sscc(text):
        return judge_number(text, aim, rules)
    message = _gs1(text, rules)
    if message.valid and message.id("sscc"):
        return message
    # Carriers print numbers of their own in GS1-128. Put together without its separators a message can look like many.
    number = judge_number(text.replace(_GS, ""), aim, rules)
    if number.sure and (number.kind in _IN_GS1 or (number.valid and _GS not in text)):
        return number
    if separated and not message.valid and not element_strings.parse(text).elements:
        return judge_number(text, aim, rules)  # separators of somebody else: not even its beginning is GS1
    return message


def _unannounced(text: str, aim: str, rules: LabelRules) -> Label:
    """Nobody said GS1. Its message is believed, or distrusted, only for an SSCC in it that is right."""
    label = judge_number(text, aim, rules)
    if len(text) < _UNANNOUNCED_MIN or not text.startswith(_UNANNOUNCED):
        return label
    message = _gs1(text, rules)
    if message.id("sscc") and message.valid:
        return message
    return message if _holds_sscc(text) and not (label.sure and label.valid) else label


def _holds_sscc(text: str) -> bool:
    return any(looks_like_sscc(end) and not sscc_fault(end) for end in (text[:20], text[-20:]))


def _product(text: str) -> Label:
    right = len(text) in _GTIN_LENGTHS and text[-1] == str(check_digit(text[:-1]))
    why = "" if right else "it is no GTIN of 8, 12, 13 or 14 digits with its check digit"
    return Label(GTIN, text, "", why, Severity.IGNORE, Use.PRODUCT)


def _gs1(text: str, rules: LabelRules) -> Label:
    message = element_strings.parse(text)
    routing, why = (NOWHERE, message.why) if message.why else _gs1_routing(message)
    if why:
        # Nothing of it is given out: with a separator missing even the fields that look right are others.
        return Label(GS1, text, "", why, rules.severity(GS1), ids=())
    ids = tuple((_ROLES.get(name, f"ai_{name}"), value) for name, value in message.elements)
    sscc, shipment = message.value("00"), message.value("402")
    if sscc:
        return Label(GS1, text, ids=((WAYBILL, "00" + sscc), *ids), routing=routing)
    use = Use.PARCEL if shipment or (not routing.postcode and not message.value("403")) else Use.ROUTING
    return Label(GS1, text, use=use, ids=ids, routing=routing)


def _gs1_routing(message: element_strings.Message) -> tuple[Routing, str]:
    both, to_country = message.value("421"), message.value("4307")
    where = country(both[:3]) if both else country(to_country)
    if (both or to_country) and not where:
        return NOWHERE, f"no country has the code {both[:3] or to_country}"
    name, code = ("421", both[3:]) if both else ("420", message.value("420"))
    if is_too_long(where, code):
        place = f" of {where}" if where else ""
        return NOWHERE, f"{name} has {code!a}, longer than a postcode{place}: the separator behind it is missing"
    return Routing(where, code, message.value("4320")), ""


def _envelope(text: str, rules: LabelRules) -> Label:
    envelope = envelopes.open_envelope(text)
    severity = rules.severity(ISO15434)
    if envelope.format == "05":
        inner = _gs1(envelope.body.strip(_GS), rules)
        why, how_bad = (inner.why, inner.severity) if inner.why else (envelope.why, severity)
        return Label(GS1, text, "", why, how_bad, inner.use, inner.ids, inner.routing)
    if envelope.format != "06":
        why = envelope.why or "it holds no identifiers"
        return Label(ISO15434, text, "", why, severity, Use.PARCEL if envelope.format else Use.ROUTING)
    ids = tuple(envelopes.identified(envelope.fields()))
    label = Label(ISO15434, text, "", envelope.why, severity, ids=ids)
    if not ids:
        return Label(ISO15434, text, "", "no field has a data identifier", severity)
    route = judge_number("2L" + label.id("routing"), "", rules) if label.id("routing") else None
    plate = label.id("licence_plate")
    routing = route.routing if route and route.valid else NOWHERE
    use = Use.PARCEL if plate or not routing.country else Use.ROUTING
    issuer = judge_number("J" + plate, "", rules).issuer if plate else ""
    return Label(ISO15434, text, issuer, envelope.why, severity, use, ids, routing)


def _maxicode(text: str, rules: LabelRules) -> Label:
    carried = maxicode.read_message(text)
    return Label(
        MAXICODE, text, carried.carrier, carried.why, rules.severity(MAXICODE), ids=carried.ids, routing=carried.routing
    )
