"""Checks of the PLCs: who uses which, their ports, their timers.

Comes in: a draft. Goes out: its problems.
"""

from sortctl.site.draft import Draft
from sortctl.site.wires import ModbusPlc, OpcUaPlc, Plc
from sortctl.site.wording import did_you_mean
from sortctl.words.exchange import LEASE_RESERVE_MS


def check(draft: Draft) -> None:
    """PLC by PLC, then all together."""
    _users(draft)
    for name, plc in draft.plcs.items():
        if not is_port(plc.address):
            draft.error(("plcs", name, "address"), f'"{plc.address}" has no usable port', "a port is 1 to 65535")
        _timers(draft, name, plc)
        if isinstance(plc, ModbusPlc) and plc.tls is None and plc.address.endswith(":802"):
            what = "802 is the port of Modbus TCP Security, and this link has none"
            draft.warn(("plcs", name, "address"), what, f"add the table [plcs.{name}.tls], or mend the port")


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
        plc = draft.plcs.get(name)
        if not (isinstance(plc, OpcUaPlc) and plc.packml is not None):
            mend = "name it in a sorter, give it a packml table to observe it only, or delete it"
            draft.warn(("plcs", name), "no sorter uses this PLC", mend)


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
