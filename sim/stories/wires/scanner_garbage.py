"""Garbage stands on the scanners' lines: random bytes, cut and glued, zeros, endless runs; a wrong code is never believed.

The garbage may hit a telegram in its middle: then its code is a fragment, and the parcel an unknown one.
"""

from random import Random

from sim.scenario import Draft, Expectation, Garbage, Script


def write(draft: Draft) -> Script:
    names = sorted(draft.machine.scanners)  # a reader sends no bytes
    upsets = tuple(
        Garbage(at_ns, draft.chance.choice(names), mess(draft.chance))
        for at_ns in draft.moments(max(draft.count // 3, 10), 50)
    )
    return Script(draft.setup(), upsets, expect=Expectation(sorted_least=800))


def mess(chance: Random) -> bytes:
    """Some bytes that are no telegram."""
    kind = chance.randrange(5)
    if kind == 0:
        return chance.randbytes(chance.randint(1, 60))
    if kind == 1:
        return bytes(chance.randint(1, 40))
    if kind == 2:
        return b"\x02" + b"A" * chance.randint(400, 900)
    if kind == 3:
        return b"\x02\x02\x03\x03\r\n;;" * chance.randint(1, 5)
    return chance.choice((b"\x02", b"\x03", b"17;]C0", b"\r", b"\n\n", b"\xff\xfe\x00"))
