"""Two close neighbours of different length change places behind the induct: both are found out, nobody else is concerned.

Half of the pairs change before the scanner, half between the scanner and the first eye. Only their lengths betray them.
"""

from sim.scenario import LINE, Draft, Expectation, Script
from sim.world.deeds import Swap

KINDS = LINE
GAP_MM = (290, 340)
DIFFERENCE_MM = 150


def write(draft: Draft) -> Script:
    pairs = draft.numbers(max(draft.count // 25, 1), apart=4)
    scan_mm = draft.machine.sorter.scan_points[0].position_mm
    eye_mm = draft.machine.line.eyes[0].position_mm
    deeds = []
    for number in pairs:
        lengths = sorted((draft.chance.randint(180, 350), 0))
        lengths = [lengths[1], lengths[1] + DIFFERENCE_MM + draft.chance.randrange(80)]
        draft.chance.shuffle(lengths)
        draft.resize(number, lengths[0])
        draft.resize(number + 1, lengths[1])
        draft.widen(number + 1, draft.chance.randint(*GAP_MM))
        # Both have left the induct eye and not come to the next thing, the scanner or the first eye.
        first_mm, last_mm = lengths[1] + 60, scan_mm - lengths[0] - lengths[1] // 2 - GAP_MM[1]
        if draft.chance.randrange(2):
            first_mm, last_mm = scan_mm + lengths[1] + 60, eye_mm - lengths[0] - GAP_MM[1] - 60
        deeds.append(Swap(number, draft.chance.randint(first_mm, max(first_mm, last_mm))))
    concerned = frozenset(number + which for number in pairs for which in (0, 1))
    setup = draft.setup(tuple(deeds))._replace(operators_s=(1, 2))
    return Script(setup, concerned=concerned, expect=Expectation(sorted_least=800, same_exits=True))
