"""A short line with bodies on it, for the tests of the world."""

from sim.plant import Plant, Setup
from sim.world.feeder import Fed
from sim.world.parcel import Parcel
from tests.sim.plc.bench import machine

MM = 1_000
MS = 1_000_000
S = 1_000_000_000


def body(number: int, length_mm: int = 300, slip_ppm: int = 0) -> Parcel:
    return Parcel(number, f"W{number}", (f"W{number}",), length_mm * MM, slip_ppm)


def fed(*lengths_mm: int, gap_mm: int = 700) -> tuple[Fed, ...]:
    return tuple(Fed(body(number, length), gap_mm * MM) for number, length in enumerate(lengths_mm, start=1))


def plant(*lengths_mm: int, seed: int = 1, gap_mm: int = 700) -> Plant:
    """A line with these parcels to be fed."""
    return Plant(machine(), seed, Setup(feed=fed(*lengths_mm, gap_mm=gap_mm)))


def run(line: Plant, seconds: float) -> None:
    line.advance(line.now_ns + int(seconds * S))
