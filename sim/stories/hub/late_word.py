"""What the host knows comes late: behind the scanner, about the point of no return, or when the parcel is past its chute.

What comes in time counts; a line rejects who is not known at the chute for that, a loop lets them ride a lap.
"""

from sim.hub.calls import Call, TellParcel, When
from sim.hub.staging import bonded
from sim.hub.words import all_of
from sim.scenario import Draft, Expectation, Script

SITE = bonded
BEHIND_SCANNER_MM = (100, 1_500)
AROUND_MM = 1_500
PAST_MM = (200, 2_000)


def write(draft: Draft) -> Script:
    calls: list[Call] = []
    withheld = set()
    for turn, number in enumerate(draft.numbers(max(draft.count // 4, 3), apart=1)):
        waybill, exit_mm = draft.feed[number - 1].parcel.waybill, draft.way_mm(number)
        ways = (
            _scan_mm(draft, number) + draft.chance.randint(*BEHIND_SCANNER_MM),
            exit_mm + draft.chance.randint(-AROUND_MM, 0),
            exit_mm + draft.chance.randint(*PAST_MM),
        )
        withheld.add(waybill)
        calls.append(TellParcel(When(number=number, way_mm=ways[turn % 3]), waybill, all_of(draft.expected(waybill))))
    return Script(draft.setup(), calls=tuple(calls), withheld=frozenset(withheld), expect=Expectation(sorted_least=500))


def _scan_mm(draft: Draft, number: int) -> int:
    """How far it is from the induct of this parcel to the first scan point."""
    sorter = draft.machine.sorter
    induct = draft.feed[number - 1].induct if draft.is_loop else 1
    from_mm = next(one.position_mm for one in sorter.inducts if one.number == induct)
    ways = [point.position_mm - from_mm for point in sorter.scan_points]
    return min(way % draft.machine.loop.length_mm if draft.is_loop else way for way in ways)
