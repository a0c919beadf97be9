"""What is kept of codes that are not the waybill, and of a waybill with something wrong."""

from typing import Any

import pytest

from sortctl.words.causes import ReadClass
from sortctl.words.outcomes import ReadClassed
from tests.logic.hub_bench import CustomsLine, released

UPS, WRONG_UPS, S10, WRONG_S10 = "1Z999AA10123456784", "1Z999AA10123456789", "RB473124829GB", "RB473124828GB"


def classed(*codes: str, known: tuple[Any, ...] = ()) -> ReadClassed:
    desk = CustomsLine()
    desk.open_up()
    for record in known:
        desk.judge.known |= dict.fromkeys((record.waybill, *record.ids), record)
    desk.pass_scanner(desk.feed(*codes))
    desk.advance(desk.belt + 100)
    return desk.said(ReadClassed)[-1]


@pytest.mark.parametrize(
    ("codes", "known", "read_class", "remarks"),
    [
        ((UPS,), (), ReadClass.GOOD, ()),
        (
            (WRONG_UPS,),
            (),
            ReadClass.GOOD,
            (f"{WRONG_UPS} (ups): check digit is 9, the number asks for 4",),
        ),
        ((WRONG_S10,), (), ReadClass.INVALID, (f"{WRONG_S10} (s10): check digit is 8, the serial asks for 9",)),
        (("BE1",), (released("BE1"),), ReadClass.GOOD, ()),
        (
            ("BE1", UPS),
            (released("BE1"),),
            ReadClass.GOOD,
            (f"{UPS} (ups): the hub does not know it, and knows the one chosen",),
        ),
        (("BE1", UPS), (released("BE1", ids=(UPS,)),), ReadClass.GOOD, (f"{UPS} (ups): it names the same parcel",)),
        (
            (UPS, S10),
            (released(UPS), released(S10)),
            ReadClass.CONFLICT,
            tuple(
                f"{text} ({kind}): the hub knows several codes on it and no rule says which is the waybill"
                for text, kind in ((UPS, "ups"), (S10, "s10"))
            ),
        ),
    ],
)
def test_every_code_that_is_not_the_waybill_has_its_reason(
    codes: tuple[str, ...], known: tuple[Any, ...], read_class: ReadClass, remarks: tuple[str, ...]
) -> None:
    said = classed(*codes, known=known)
    assert (said.read_class in (read_class, ReadClass.MULTI_READ), said.remarks) == (True, remarks)
