"""Whatever is written into the orders area: the PLC never fails, and its own rules stay true."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sim.plc.contacts import Terminal
from sim.plc.program import ColdStart
from tests.sim.plc.bench import BOOT, Bench, machine

WORD = st.one_of(st.sampled_from([0, 1, 2, 0x5358, 0x0100, 0xFFFF]), st.integers(0, 0xFFFF))
SLOT = st.tuples(
    st.integers(-1, 3), st.integers(0, 9), st.integers(0, 6), st.integers(0, 0xFFFF_FFFF), st.integers(-200, 2_000)
)


class AnyOrders(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(
            ColdStart(BOOT, retained_epoch=0xFFFF_FFFE), of=machine(orders=4, events=3), encoder=0xFFFF_FF00
        )
        self.last_epoch = 0xFFFF_FFFE

    @rule(words=st.lists(WORD, min_size=1, max_size=44), at=st.integers(0, 43))
    def write_anything(self, words: list[int], at: int) -> None:
        self.bench.plc.write_orders(words[: 44 - at], at)
        self.bench.scans(1)

    @rule(owner=st.sampled_from([1, 1, 1, 2]))
    def ask(self, owner: int) -> None:
        self.bench.acquire(owner)

    @precondition(lambda self: self.bench.epoch)
    @rule(slots=st.lists(SLOT, max_size=4), other=st.fixed_dictionaries(
        {}, optional={"ack": st.integers(0, 40), "epoch": st.integers(0, 3), "owner": st.integers(0, 2),
                      "request": st.integers(0, 3), "count": st.integers(0, 6), "tail": WORD}))  # fmt: skip
    def write_orders(self, slots: list[tuple[int, ...]], other: dict[str, Any]) -> None:
        bench = self.bench
        first = bench.inputs()["orders_accepted"] + 1
        packed = [
            bench.slot(
                (first + number + (jump if jump != 3 else 0)) & 0xFFFF_FFFF, op, chute, item, bench.encoder + ahead
            )
            for number, (jump, op, chute, item, ahead) in enumerate(slots)
        ]
        bench.write(*packed, **other)

    @rule(
        kind=st.sampled_from(["induct", "eye", "chute", "full", "half", "stroke"]),
        number=st.integers(1, 5),
        level=st.booleans(),
    )
    def turn_contact(self, kind: str, number: int, level: bool) -> None:
        self.bench.scan((Terminal(kind, number), level))

    @rule(scans=st.integers(1, 60))
    def run(self, scans: int) -> None:
        self.bench.scans(scans)

    @invariant()
    def window_is_the_oldest_in_order(self) -> None:
        seen, window = self.bench.inputs(), self.bench.window()
        numbers = [event["seq"] for event in window]
        waiting = seen["events_head"] - seen["events_acked"]
        assert numbers == list(range(seen["events_acked"] + 1, seen["events_acked"] + 1 + min(waiting, 3)))

    @invariant()
    def somebody_owns_exactly_while_the_lease_runs(self) -> None:
        seen = self.bench.inputs()
        assert bool(seen["owner"]) == (seen["lease_ms"] > 0)

    @invariant()
    def an_epoch_never_comes_back(self) -> None:
        epoch = self.bench.inputs()["granted_epoch"]
        assert epoch != 0
        assert (epoch - self.last_epoch) & 0xFFFF_FFFF < 1_000
        self.last_epoch = epoch

    @invariant()
    def no_divert_is_carried_out_twice(self) -> None:
        orders = [(carried.epoch, carried.order_seq) for carried in self.bench.plc.carried]
        assert len(orders) == len(set(orders))


TestAnyOrders = AnyOrders.TestCase
