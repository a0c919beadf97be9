"""Both sorters are disturbed, one after the other: what befalls one leaves every exit of the other as it was without."""

from sim.scenario import BusyPlc, Draft, Expectation, FreezeExchange, Garbage, RestartPlc, Script, UnplugScanner, Upset
from sim.stories.wires.scanner_garbage import mess

APART = True


def write(draft: Draft) -> Script:
    chance = draft.chance
    head = chance.choice(sorted(draft.machine.heads))
    upsets: list[Upset] = []
    for turn, at_ns in enumerate(draft.moments(6, 4_000)):
        kinds: tuple[Upset, ...] = (
            FreezeExchange(at_ns, chance.randint(300, 3_000), chance.choice(("now", "late", "never"))),
            BusyPlc(at_ns, chance.randint(200, 3_000)),
            RestartPlc(at_ns, chance.randint(500, 4_000), bool(chance.randrange(2))),
            UnplugScanner(at_ns, head, chance.randint(1_000, 6_000)),
        )
        upsets.append(kinds[turn % len(kinds)])
        upsets += [Garbage(at_ns, name, mess(chance)) for name in draft.machine.scanners]
    # Emptied at once: which of two chutes a parcel finds open is then no matter of milliseconds.
    setup = draft.setup()._replace(operators_s=(1, 2))
    return Script(setup, tuple(upsets), expect=Expectation(sorted_least=200, lost_most=1_000), clean=False)
