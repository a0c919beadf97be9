"""Carriers: the kinds of numbers that are built in, as a table in the language of `numbers/shape.py`.

Goes out: `BUILT_IN`, in the order in which equals are believed. Sources and what is unconfirmed: docs/reference/labels.md.
Where no carrier document confirms a check digit its fault is ignored; where a carrier prints numbers that break its own
rule (UPS) it is a warning. Never here: numbers of one site, those stand in its labels.csv.
"""

from collections.abc import Iterator
from typing import Final

from sortctl.labels.label import Severity, Use
from sortctl.labels.numbers.kind import Kind
from sortctl.labels.numbers.shape import compile_shape

_IGNORE, _WARN, _REFUSE = Severity.IGNORE, Severity.WARN, Severity.REFUSE


def _sure(name: str, issuer: str, *patterns: str, check: str = "", severity: Severity = _WARN) -> Iterator[Kind]:
    """Kinds that their shape gives away."""
    for pattern in patterns:
        yield Kind(name, issuer, compile_shape(pattern), check, severity)


def _unsure(name: str, issuer: str, *patterns: str, check: str = "", aims: str = "") -> Iterator[Kind]:
    """Kinds whose shape others have too."""
    for pattern in patterns:
        yield Kind(name, issuer, compile_shape(pattern), check, _IGNORE, sure=False, aims=aims)


def _usps() -> Iterator[Kind]:
    """IMpb: 22, 26 or 30 digits, with or without ZIP in front. Of 34 digits the check digit says how to divide them."""
    for digits in (20, 24, 28):
        body = f"(waybill:9[1-5]#{{{digits}}})"
        yield from _sure("usps_impb", "USPS", body, check="gs1")
        for zip_digits in (5, 9):
            shape = compile_shape(f"420(postcode:#{{{zip_digits}}}){body}")
            yield Kind("usps_impb", "USPS", shape, "gs1", _WARN, home="US")


def _fedex() -> Iterator[Kind]:
    shape = compile_shape("[0-8]#{14}(postcode:#{5})(checked:##(waybill:#{12}))")
    yield Kind("fedex_34", "FedEx", shape, "fedex", _WARN, home="US")
    yield from _sure("fedex_ground_96", "FedEx", "96#{5}(checked:#{15})", check="gs1")
    yield from _sure("fedex_ground_96", "FedEx", "96#{18}(checked:##(waybill:#{12}))", check="fedex")


def _dpd() -> Iterator[Kind]:
    body = "(postcode:*{7})(waybill:#{14})(service:###)(country:###)"
    # The printed check character may be missing in the bars; the % is the identification character of the bars.
    yield from _sure("dpd", "DPD", f"(checked:{body}*)", f"%(checked:{body}*)", check="iso7064")
    yield from _sure("dpd", "DPD", f"%{body}")
    yield from _unsure("dpd", "DPD", body)
    yield from _sure("dpd", "DPD", "(checked:(waybill:#{14})?)", check="iso7064")


def _german_post() -> Iterator[Kind]:
    shape = compile_shape("(postcode:#{5})#{9}")
    yield Kind("dhl_leitcode", "DHL", shape, "dhl_paket", _IGNORE, False, "I", Use.ROUTING, "DE")
    yield from _unsure("dhl_identcode", "DHL", "#{12}", check="dhl_paket", aims="I")


def _colissimo_routing() -> Iterator[Kind]:
    """The second bar code of a Colissimo label. Abroad it has the first three characters of the postcode, filled with zeros."""
    for pattern, home in (("#?1(postcode:#{5})(checked:#{16})", "FR"), ("??2(country:??)***(checked:#{16})", "")):
        yield Kind("colissimo_routing", "La Poste", compile_shape(pattern), "gs1", use=Use.ROUTING, home=home)


def _table() -> Iterator[Kind]:
    # Sure of themselves. SSCC first: 00 and eighteen digits are nobody else's.
    yield Kind("sscc", "", compile_shape("00(checked:#{18})"), "gs1", _REFUSE, role="sscc")
    yield from _sure("ups", "UPS", "1Z(checked:(shipper:*{6})(service:**)*{7}#)", check="ups")
    yield from _usps()
    yield from _fedex()
    yield from _dpd()
    yield from _sure("ontrac", "OnTrac", "[CD]#{14}", check="ups")
    yield from _sure("yunexpress", "YunExpress", "YT#{16}")
    yield from _sure("cainiao", "Cainiao", "LP#{12-15}", "CN??UP#{8-11}", "CN??#{10-16}HD")
    yield from _sure("4px", "4PX", "4PX#{13}CN")
    yield from _sure("sf_express", "SF Express", "SF#{13}")
    yield from _sure("amazon", "Amazon", "TB[ACM]#{12}")
    yield from _sure("dhl_piece", "DHL", "J??#{9-30}", "J???#{9-30}")
    yield from _sure("yodel", "Yodel", "JD#{16}", "JJD#{16}")
    yield from _sure("postnl_3s", "", "3S*{11-20}")
    yield from _sure("colissimo", "La Poste", "[0-9]?(checked:#{11})", check="gs1")
    yield from _colissimo_routing()
    yield from _sure("dhl_ecommerce", "DHL", "GM*{10-39}", "LX*{10-39}", "RX*{10-39}", "UV*{10-39}")
    route = compile_shape("2L(country:??)(postcode:*{0-12})+(service:*{0-20})")
    yield Kind("dhl_routing", "DHL", route, use=Use.ROUTING)
    # Unsure: digits that several carriers use. Their order decides only where no check digit and no symbology does.
    yield from _unsure("fedex_express", "FedEx", "#{12}", check="fedex", aims="CL")
    yield from _german_post()
    yield from _unsure("gls", "GLS", "#{12}", check="gls")
    yield from _unsure("purolator", "Purolator", "#{12}", check="luhn")
    yield from _unsure("dhl_express", "DHL", "#{10-11}", check="mod7")
    for pattern in ("(waybill:#{3}(checked:#{8}))", "(waybill:#{3}(checked:#{8}))(piece:#{5})"):
        yield Kind("awb", "", compile_shape(pattern), "mod7", _IGNORE, sure=False, role="awb")
    yield from _unsure("fedex_ground", "FedEx", "#{15}", check="gs1")
    yield from _unsure("dpd", "DPD", "(checked:(waybill:#{14})#)", check="iso7064")
    yield Kind("sscc", "", compile_shape("#{18}"), "gs1", _IGNORE, sure=False, role="sscc")
    yield from _unsure("usps_20", "USPS", "#{20}", check="gs1")
    # No check digit that is published: named as a possibility, never as the kind.
    yield from _unsure("dpd", "DPD", "#{14}")
    yield from _unsure("sf_express", "SF Express", "#{12}")
    yield from _unsure("gls", "GLS", "#{11}", "*{8}")
    yield from _unsure("dhl_ecommerce", "DHL", *(f"{two}*{{10-39}}" for two in ("CN", "SG", "TH", "IN", "HK", "MY")))


BUILT_IN: Final = tuple(_table())
NAMES: Final = tuple(dict.fromkeys(kind.name for kind in BUILT_IN))
