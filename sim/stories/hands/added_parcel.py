"""A hand puts parcels into free places, before or behind the scanner: no other parcel's exit changes.

On a loop they lie on empty carriers; nobody knows of them until a check-point finds them, and they go to a reject chute.
"""

from sim.scenario import Draft, Expectation, Script
from sim.world.deeds import Add, Deed, Lay

CLEAR_MM = 120
"""More than the smallest gap on each side: what the eyes measure is a scan or two wrong."""


def write(draft: Draft) -> Script:
    deeds: list[Deed] = _laid(draft) if draft.is_loop else _put_between(draft)
    setup = draft.setup(tuple(deeds))._replace(operators_s=(1, 2))
    concerned = frozenset(deed.parcel.number for deed in deeds if isinstance(deed, Add | Lay))
    return Script(setup, concerned=concerned, expect=Expectation(sorted_least=880, same_exits=True))


def _put_between(draft: Draft) -> list[Deed]:
    behind = draft.numbers(max(draft.count // 25, 1), apart=4)
    deeds: list[Deed] = []
    for turn, number in enumerate(behind):
        length_mm = draft.chance.randint(200, 500)
        draft.widen(number + 1, length_mm + 2 * (draft.machine.line.gap_min_mm + CLEAR_MM))
        parcel = draft.added(turn, length_mm)
        parcel.scannable = bool(draft.chance.randrange(2))
        deeds.append(Add(parcel, number, draft.place_between(number)))
    return deeds


def _laid(draft: Draft) -> list[Deed]:
    deeds: list[Deed] = []
    for turn, at_ns in enumerate(draft.moments(max(draft.count // 25, 1), 2_000)):
        parcel = draft.added(turn, draft.chance.randint(200, 500))
        parcel.scannable = bool(draft.chance.randrange(2))
        deeds.append(Lay(at_ns, parcel, draft.place_to_lay()))
    return deeds
