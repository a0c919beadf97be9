"""Links: registers and nodes of a machine's exchange image, and how long each link takes to come back.

Comes in: a machine. Goes out: areas, nodes, worst times. Never here: whether areas overlap (`checks/wires.py`).
"""

from collections.abc import Iterator
from typing import Final

from sortctl.site.derive.told import Area, Node, Recovery
from sortctl.site.model import Machine
from sortctl.site.wires import ModbusPlc, OpcUaPlc
from sortctl.words.exchange import ACQUIRE_PAUSE_MS, PLC_TIME_STILL_MS, inputs_words, orders_words

PLC_PAUSE_MAX_MS: Final = 2_400
"""Longest pause between two tries for a PLC: 2,000 ms and the 20 % by which it is spread."""
SCANNER_PAUSE_MS: Final = 250
"""Pause between two tries for a scanner."""


def areas(machine: Machine) -> tuple[Area, ...]:
    """The registers of one machine's exchange image on Modbus TCP; none on another wire."""
    plc, name = machine.plc, machine.plc_id
    if not isinstance(plc, ModbusPlc):
        return ()
    table = f"{plc.read} registers"
    return (
        Area(name, "orders", "holding registers", plc.orders_at, _last(plc.orders_at, orders_words(plc.order_slots))),
        Area(name, "inputs", table, plc.inputs_at, _last(plc.inputs_at, inputs_words(plc.event_slots))),
        Area(name, "chutes", table, plc.chutes_at, _last(plc.chutes_at, machine.chute_words)),
    )


def nodes(machine: Machine) -> tuple[Node, ...]:
    """The nodes of one machine's exchange image on OPC UA; none on another wire."""
    plc, name = machine.plc, machine.plc_id
    if not isinstance(plc, OpcUaPlc):
        return ()
    return (
        Node(name, "orders", plc.namespace, plc.orders_node, orders_words(plc.order_slots)),
        Node(name, "inputs", plc.namespace, plc.inputs_node, inputs_words(plc.event_slots)),
        Node(name, "chutes", plc.namespace, plc.chutes_node, machine.chute_words),
    )


def _last(first: int, words: int) -> int:
    return first + words - 1


def back_in_ms(machine: Machine) -> int:
    """From the request that got no answer to the first block on a new connection that the PLC has evaluated."""
    return machine.plc.request_timeout_ms + machine.plc.connect_timeout_ms + _first_block_ms(machine)


def recoveries(machine: Machine) -> tuple[Recovery, ...]:
    """Every link of a machine."""
    plc = _opcua(machine, machine.plc) if isinstance(machine.plc, OpcUaPlc) else _modbus(machine)
    return (*plc, *_plc(machine), *_heads(machine))


def _first_block_ms(machine: Machine) -> int:
    return machine.plc.cycle_ms + 2 * machine.plc.scan_ms


def _modbus(machine: Machine) -> Iterator[Recovery]:
    name = f"PLC {machine.plc_id}"
    yield Recovery(name, "connection cut, PLC there", back_in_ms(machine), "request time-out, connect, cycle, 2 scans")


def _opcua(machine: Machine, plc: OpcUaPlc) -> Iterator[Recovery]:
    """The time-out of a connection stands for all of it: channel, session, namespace, types of the nodes."""
    name, first_block = f"PLC {machine.plc_id}", _first_block_ms(machine)
    reset = plc.connect_timeout_ms + first_block
    yield Recovery(name, "connection reset, server there", reset, "connect, cycle, 2 scans")
    yield Recovery(name, "half-open: noticed", plc.request_timeout_ms + plc.cycle_ms, "request time-out, cycle")
    yield Recovery(name, "half-open, server there", back_in_ms(machine), "request time-out, connect, cycle, 2 scans")
    yield Recovery(name, "session that was not closed: let go", plc.session_timeout_ms, "session_timeout_ms")


def _plc(machine: Machine) -> Iterator[Recovery]:
    plc, name = machine.plc, f"PLC {machine.plc_id}"
    acquire = ACQUIRE_PAUSE_MS[1] + _first_block_ms(machine)
    yield Recovery(name, "PLC program stands still: noticed", PLC_TIME_STILL_MS + plc.cycle_ms, "still time, cycle")
    yield Recovery(
        name,
        "PLC back after a long outage",
        PLC_PAUSE_MAX_MS + plc.connect_timeout_ms + acquire,
        "longest pause, connect, pause before acquire, cycle, 2 scans",
    )
    yield Recovery(
        name,
        "another controller takes over",
        plc.lease_ms + acquire,
        "lease, pause before acquire, cycle, 2 scans",
    )


def _heads(machine: Machine) -> Iterator[Recovery]:
    for head_id, scanner in machine.scanners.items():
        name = f"scanner {head_id}"
        yield Recovery(name, "scanner back: opened again", SCANNER_PAUSE_MS, "pause between two tries")
        if scanner.silent_ms:
            yield Recovery(name, "silent though connected: alarm", scanner.silent_ms, "silent_ms")
    for head_id, reader in machine.readers.items():
        name = f"reader {head_id}"
        back = SCANNER_PAUSE_MS + reader.connect_timeout_ms
        yield Recovery(name, "reader back: subscribed again", back, "pause between two tries, connect")
        if reader.silent_ms:
            yield Recovery(name, "silent though connected: alarm", reader.silent_ms, "silent_ms")
