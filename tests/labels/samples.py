"""Samples: one code of every kind, named, for tests and for measuring how long a read takes.

Goes out: `SAMPLES`, the kind each must be read as, by name. Numbers are from carriers' public pages and from standards; those
marked as made up have a right check digit. Never here: codes that are wrong; those stand beside their tests.
"""

from typing import NamedTuple

from sortctl.words.facts import Code

GS, RS, EOT = "\x1d", "\x1e", "\x04"


class Sample(NamedTuple):
    """A code as a scanner sends it, and what it is."""

    code: Code
    kind: str


def _message(*fields: str) -> str:
    return f"[)>{RS}01{GS}96{GS.join(fields)}{RS}{EOT}"


SAMPLES: dict[str, Sample] = {
    "s10": Sample(Code("RB473124829GB", "]C0"), "s10"),
    "s9": Sample(Code("CNPVGAGBLALAAUN60123001100152", "]C0"), "s9"),
    "sscc": Sample(Code("00340123451234567895", "]C1"), "sscc"),
    "gs1": Sample(Code(f"42125075001{GS}00340123451234567895", "]C1"), "gs1"),
    "gs1-2d": Sample(
        Code(f"00340123451234567895403R33{GS}42075001{GS}4300Ets%20Dupont{GS}4320EXPRESS{GS}43211", "]d2"), "gs1"
    ),
    "gs1-unannounced": Sample(Code("0034012345123456789542075001"), "gs1"),
    "iso15434-05": Sample(Code(f"[)>{RS}05{GS}00340123451234567895{RS}{EOT}", "]d1"), "gs1"),
    "iso15434-06": Sample(Code(f"[)>{RS}06{GS}JUN123456789ABC{GS}2LDE53113+42000001{RS}{EOT}", "]d1"), "iso15434"),
    "maxicode": Sample(
        Code(
            _message(
                "841706672", "840", "001", "1Z12345675", "UPSN", "12345E", "089", "", "1/1", "10.1", "Y", "", "", "UT"
            ),
            "]U1",
        ),
        "maxicode",
    ),
    "ups": Sample(Code("1Z999AA10123456784", "]C0"), "ups"),
    "usps": Sample(Code("420787459400111206206406260787", "]C1"), "usps_impb"),
    "fedex-34": Sample(Code("1001921334250001000300779017972697", "]C0"), "fedex_34"),
    "fedex-12": Sample(Code("986578788855", "]C0"), "fedex_express"),
    "fedex-ground": Sample(Code("9611020987654312345672", "]C0"), "fedex_ground_96"),
    "dhl-express": Sample(Code("3318810025"), "dhl_express"),
    "dhl-piece": Sample(Code("JJD0099999999"), "dhl_piece"),
    "dhl-ecommerce": Sample(Code("GM2951173225174494"), "dhl_ecommerce"),
    "dhl-identcode": Sample(Code("563102430313", "]I1"), "dhl_identcode"),
    "dhl-leitcode": Sample(Code("21348075016401", "]I1"), "dhl_leitcode"),
    "dhl-routing": Sample(Code("2LDE53113+42000001"), "dhl_routing"),
    "dpd": Sample(Code("%008182709980000020033350276C"), "dpd"),
    "royal-mail": Sample(Code("RM123456785GB"), "s10"),
    "mailmark": Sample(Code("JGB 012100123412345678AB19XY1A 0             ", "]d1"), "mailmark"),
    "colissimo": Sample(Code("8L20524752032"), "colissimo"),
    "colissimo-routing": Sample(Code("8L1722409000011234000097"), "colissimo_routing"),
    "gls": Sample(Code("XHAX4HDA"), "unknown"),
    "sf": Sample(Code("SF1234567890123"), "sf_express"),
    "yunexpress": Sample(Code("YT2229521272164446"), "yunexpress"),
    "4px": Sample(Code("4PX3001234567890CN"), "4px"),
    "cainiao": Sample(Code("LP00724622449605"), "cainiao"),
    "amazon": Sample(Code("TBA010000000000"), "amazon"),
    "ontrac": Sample(Code("C11031500001879"), "ontrac"),
    "awb": Sample(Code("020-12345675"), "awb"),
    "uld": Sample(Code("AKE12345LH"), "uld"),
    "gtin": Sample(Code("4012345000009", "]E0"), "gtin"),
    "unknown": Sample(Code("HUB-2026/000123"), "unknown"),
    "garbage": Sample(Code("]x" + "\x00\x1d\x1e" * 40), "unknown"),
}
