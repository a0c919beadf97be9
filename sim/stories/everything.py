"""All of it in one run: hands on the belt, stuck pushers, full chutes, and every wire and box failing in turn.

Boxes and wires fail one after the other, 4 s apart or more, while the hands go on. After a PLC restart much is rejected
and some is lost: what must hold is that nothing is missorted, pushed twice, or told otherwise than it was. On a loop belts of
carriers stand still, loads miss their carrier and strange loads lie there; two loads on one carrier have their own story,
for while a scanner is unplugged nobody could see them.
"""

from sim.scenario import (
    BusyPlc,
    Draft,
    Expectation,
    FreezeExchange,
    Garbage,
    KillController,
    RestartPlc,
    Script,
    UnplugScanner,
    Upset,
)
from sim.stories.loop.loop_carrier_fault import belt_fault
from sim.stories.wires.scanner_garbage import mess
from sim.world.deeds import Add, Deed, Desert, DirtyWindow, Lay, MissInduct, Remove, Stick
from sim.world.scanners import Habits

LONG_FEED = 100


def write(draft: Draft) -> Script:
    deeds = _loop_deeds(draft) if draft.is_loop else _line_deeds(draft)  # first: the deeds widen gaps of the feed
    setup = draft.setup(tuple(deeds))._replace(habits=Habits(no_read=60, dirty=30, silent=200))
    concerned = frozenset(_number(deed) for deed in deeds if isinstance(deed, Add | Lay | Remove | MissInduct))
    upsets = tuple(_upset(draft, at_ns) for at_ns in draft.moments(max(draft.count // 20, 6), 4_000))
    # A short feed may have all its faults at once.
    expect = Expectation(sorted_least=200 if draft.count >= LONG_FEED else 0, lost_most=1_000)
    return Script(setup, upsets, concerned=concerned, expect=expect, clean=False)


def _line_deeds(draft: Draft) -> list[Deed]:
    deeds: list[Deed] = []
    for turn, number in enumerate(draft.numbers(max(draft.count // 20, 2), apart=4)):
        if turn % 2:
            deeds.append(Remove(number, draft.place_after_induct(number)))
        else:
            draft.widen(number + 1, 1_200)
            deeds.append(Add(draft.added(turn, 300), number, draft.place_between(number)))
    stuck, full = draft.chance.sample(draft.pushers, 2)
    deeds += [Stick(draft.moment(), stuck, draft.chance.randint(3_000, 20_000)), Desert(draft.moment(), full)]
    return deeds


def _loop_deeds(draft: Draft) -> list[Deed]:
    deeds: list[Deed] = []
    chance, loop = draft.chance, draft.machine.loop
    for turn, number in enumerate(draft.numbers(max(draft.count // 20, 3), apart=4)):
        if turn % 3 == 0:
            deeds.append(Remove(number, draft.place_after_induct(number), bool(chance.randrange(2))))
        elif turn % 3 == 1:
            deeds.append(Lay(draft.moment(), draft.added(turn, 300), draft.place_to_lay()))
        else:
            deeds.append(MissInduct(number, "floor"))
    deeds += [Desert(draft.moment(), full) for full in chance.sample(draft.pushers, 2)]
    for carrier in chance.sample(range(1, loop.carriers + 1), 3):
        deeds.append(belt_fault(chance, draft.moment(), carrier, chance.randint(5_000, 40_000)))
    deeds.append(DirtyWindow(draft.moment(), chance.choice(sorted(draft.machine.heads)), chance.randint(2_000, 20_000)))
    return deeds


def _number(deed: Add | Lay | Remove | MissInduct) -> int:
    return deed.parcel.number if isinstance(deed, Add | Lay) else deed.number


def _upset(draft: Draft, at_ns: int) -> Upset:
    chance = draft.chance
    scanner = chance.choice(sorted(draft.machine.scanners))
    upsets: tuple[Upset, ...] = (
        RestartPlc(at_ns, chance.randint(200, 3_000), bool(chance.randrange(2))),
        FreezeExchange(at_ns, chance.randint(300, 1_500), chance.choice(("now", "late", "never"))),
        BusyPlc(at_ns, chance.randint(50, 2_000)),
        UnplugScanner(at_ns, scanner, chance.randint(1_000, 5_000)),
        Garbage(at_ns, scanner, mess(chance)),
        KillController(at_ns, chance.randint(300, 3_000)),
    )
    return chance.choice(upsets)
