"""All of it in one run: hands on the belt, stuck pushers, full chutes, and every wire and box failing in turn.

Boxes and wires fail one after the other, 4 s apart or more, while the hands go on. After a PLC restart much is rejected
and some is lost: what must hold is that nothing is missorted, pushed twice, or told otherwise than it was.
"""

from sim.scenario import (
    ADDED_FIRST,
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
from sim.stories.scanner_garbage import mess
from sim.world.hands import Add, Deed, Desert, Remove, Stick
from sim.world.scanners import Habits


def write(draft: Draft) -> Script:
    setup = draft.setup(tuple(_deeds(draft)))  # first: the deeds widen gaps of the feed
    setup = setup._replace(feed=tuple(draft.feed), habits=Habits(no_read=60, dirty=30, silent=200))
    concerned = frozenset(_number(deed) for deed in setup.deeds if isinstance(deed, Add | Remove))
    upsets = tuple(_upset(draft, at_ns) for at_ns in draft.moments(max(draft.count // 20, 6), 4_000))
    expect = Expectation(sorted_least=200, lost_most=1_000)
    return Script(setup, upsets, concerned=concerned, expect=expect, clean=False)


def _deeds(draft: Draft) -> list[Deed]:
    deeds: list[Deed] = []
    for turn, number in enumerate(draft.numbers(max(draft.count // 20, 2), apart=4)):
        if turn % 2:
            deeds.append(Remove(number, draft.place_after_induct(number)))
        else:
            draft.widen(number + 1, 1_200)
            deeds.append(Add(draft.parcel(ADDED_FIRST + turn, 300), number, draft.place_between(number)))
    pushers = [chute.number for chute in draft.machine.chutes if chute.actuator]
    stuck, full = draft.chance.sample(pushers, 2)
    deeds += [Stick(draft.moment(), stuck, draft.chance.randint(3_000, 20_000)), Desert(draft.moment(), full)]
    return deeds


def _number(deed: Add | Remove) -> int:
    return deed.parcel.number if isinstance(deed, Add) else deed.number


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
