"""Checks of the PLCs: who uses which, their registers, their timers.

Comes in: a draft. Goes out: its problems.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sortctl.site.draft import Draft
from sortctl.site.model import ModbusPlc, Plc
from sortctl.site.wording import did_you_mean
from sortctl.words.exchange import LEASE_RESERVE_MS, inputs_words, orders_words

REGISTERS: Final = 65_536


class _Span(NamedTuple):
    """Registers of one area; `table` is all that makes a register number unique."""

    plc: str
    key: str
    table: tuple[str, int, str]
    first: int
    last: int


def check(draft: Draft) -> None:
    """PLC by PLC, then all together."""
    _users(draft)
    for name, plc in draft.plcs.items():
        if not is_port(plc.address):
            draft.error(("plcs", name, "address"), f'"{plc.address}" has no usable port', "a port is 1 to 65535")
        _timers(draft, name, plc)
    spans = [
        span for name, plc in draft.plcs.items() if isinstance(plc, ModbusPlc) for span in _spans(draft, name, plc)
    ]
    _overlaps(draft, spans)


def is_port(address: str) -> bool:
    """Whether host:port ends in a port that exists."""
    port = address.rpartition(":")[2]
    return port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65_535


def _users(draft: Draft) -> None:
    users: dict[str, str] = {}
    for name, sorter in draft.sorters.items():
        path = ("sorters", name, "plc")
        if sorter.plc not in draft.names["plcs"]:
            mend = did_you_mean(sorter.plc, draft.names["plcs"])
            draft.error(path, f'there is no PLC "{sorter.plc}"', mend)
        elif sorter.plc in users:
            what = f'PLC "{sorter.plc}" belongs to sorter "{users[sorter.plc]}" already'
            draft.error(path, what, "one exchange image is one sorter: give this one its own table under [plcs]")
        users.setdefault(sorter.plc, name)
    # While a sorter is broken or names a PLC that is not there, the unused one may be the one it means.
    settled = set(draft.sorters) == draft.names["sorters"] and set(users) <= draft.names["plcs"]
    for name in draft.names["plcs"] - set(users) if settled else ():
        draft.warn(("plcs", name), "no sorter uses this PLC", "name it in a sorter, or delete it")


def _timers(draft: Draft, name: str, plc: Plc) -> None:
    path = ("plcs", name, "request_timeout_ms")
    if plc.request_timeout_ms < 3 * plc.scan_ms:
        what = f"{plc.request_timeout_ms} ms is less than three scans of the PLC ({3 * plc.scan_ms} ms)"
        draft.error(path, what, f"must be at least {3 * plc.scan_ms}")
    if plc.request_timeout_ms > plc.lease_ms:
        what = f"{plc.request_timeout_ms} ms is longer than the lease ({plc.lease_ms} ms)"
        draft.error(path, what, "a lost answer must be noticed before the lease ends")
    usable = plc.lease_ms - LEASE_RESERVE_MS - plc.scan_ms
    if 2 * plc.cycle_ms + plc.scan_ms > usable:
        what = f"the lease of {plc.lease_ms} ms leaves {usable} ms for orders, two cycles and a scan take longer"
        mend = f"cycle_ms must be at most {max((usable - plc.scan_ms) // 2, 0)}, or lease_ms longer (in the PLC too)"
        draft.error(("plcs", name, "cycle_ms"), what, mend)


def _spans(draft: Draft, name: str, plc: ModbusPlc) -> Iterator[_Span]:
    server = (plc.address.lower(), plc.unit)
    chutes = [
        chute.number
        for sorter_id, sorter in draft.sorters.items()
        if sorter.plc == name
        for chute in draft.chutes.get(sorter_id, ())
    ]
    for key, table, first, words in (
        ("orders_at", "holding", plc.orders_at, orders_words(plc.order_slots)),
        ("inputs_at", plc.read, plc.inputs_at, inputs_words(plc.event_slots)),
        ("chutes_at", plc.read, plc.chutes_at, max(chutes, default=1)),
    ):
        last = first + words - 1
        if last >= REGISTERS:
            what = f"the area would end at register {last:,}, the last one there is has number 65,535"
            draft.error(("plcs", name, key), what, f"must be at most {REGISTERS - words:,}")
        yield _Span(name, key, (*server, table), first, last)


def _overlaps(draft: Draft, spans: list[_Span]) -> None:
    for place, span in enumerate(spans):
        for other in spans[:place]:
            if span.table == other.table and span.first <= other.last and other.first <= span.last:
                what = (
                    f"registers {span.first} to {span.last} overlap with {other.key} of PLC "
                    f'"{other.plc}" ({other.first} to {other.last})'
                )
                mend = "give every area its own registers, as the PLC program has them"
                draft.error(("plcs", span.plc, span.key), what, mend)
