"""Checks of scanners and readers: where they belong, how they are reached, whether a telegram of theirs can ever end.

Comes in: a draft. Goes out: its problems.
"""

from typing import Final

from sortctl.site.checks.wires import is_port
from sortctl.site.draft import Draft
from sortctl.site.model import Framing, Reader, Scanner, Telegram
from sortctl.site.wording import did_you_mean

_TERMINATORS: Final = {"": "", "CR": "\r", "LF": "\n", "CRLF": "\r\n", "ANY": "\r\n"}


def check(draft: Draft) -> None:
    """Scanner by scanner, then all together."""
    for name, scanner in draft.scanners.items():
        _place(draft, ("scanners", name), scanner)
        _wire(draft, name, scanner)
        _framing(draft, name, scanner.framing)
        _telegram(draft, name, scanner.telegram)
        _separators(draft, name, scanner)
        if scanner.telegram.heartbeat and not scanner.silent_ms:
            what = "is 0 although the scanner sends life telegrams: nobody would miss them"
            draft.warn(("scanners", name, "silent_ms"), what, "set it to about three of their intervals")
    for name, reader in draft.readers.items():
        _place(draft, ("readers", name), reader)
        _reader(draft, name, reader)
    _same_wire(draft)
    if set(draft.scanners) | set(draft.readers) == draft.names["scanners"] | draft.names["readers"]:
        _blind_sorters(draft)


def _place(draft: Draft, path: tuple[str, str], head: Scanner | Reader) -> None:
    if head.sorter not in draft.names["sorters"]:
        mend = did_you_mean(head.sorter, draft.names["sorters"])
        draft.error((*path, "sorter"), f'there is no sorter "{head.sorter}"', mend)
        return
    sorter = draft.sorters.get(head.sorter)
    points = [point.number for point in sorter.scan_points] if sorter else [head.scan_point]
    if head.scan_point not in points:
        what = f'sorter "{head.sorter}" has no scan point {head.scan_point}'
        draft.error((*path, "scan_point"), what, f"known: {', '.join(map(str, sorted(points)))}")


def _reader(draft: Draft, name: str, reader: Reader) -> None:
    if name in draft.names["scanners"]:
        draft.error(("readers", name), "a scanner has this name too", "scanners and readers share their names")
    if not is_port(reader.address):
        draft.error(("readers", name, "address"), f'"{reader.address}" has no usable port', "a port is 1 to 65535")
    sorter = draft.sorters.get(reader.sorter)
    if sorter is None:
        return
    # An event waits up to a publishing interval: so far a read may be behind its parcel.
    late = sorter.speed_mm_s * reader.publish_ms // 1000
    if late > reader.window_mm:
        what = f"in {reader.publish_ms} ms the parcel goes {late} mm, further than window_mm ({reader.window_mm})"
        most = reader.window_mm * 1000 // sorter.speed_mm_s
        mend = (
            f"must be at most {most}, or a scanner that sends telegrams is needed" if most else "window_mm must be more"
        )
        draft.error(("readers", name, "publish_ms"), what, mend)


def _wire(draft: Draft, name: str, scanner: Scanner) -> None:
    scheme, _, address = scanner.url.partition("://")
    network = scheme in {"tcp", "rfc2217"}
    if network and not (address.partition(":")[0] and is_port(address.partition("?")[0])):
        mend = f"write {scheme}://host:port"
        draft.error(("scanners", name, "url"), f'"{scanner.url}" has no usable port', mend)
    if "@" in address:
        what = "holds a user or password"
        draft.error(("scanners", name, "url"), what, f"write {scheme}://host:port; secrets are never in this file")
    if scanner.line is None and (scheme == "rfc2217" or scanner.url.startswith("/")):
        what = "has no settings of the serial line"
        draft.error(("scanners", name), what, f"add [scanners.{name}.line] with all five, as the scanner has them")
    if scanner.line is not None and scheme == "tcp":
        what = "over tcp there is no serial line to be set"
        draft.error(("scanners", name, "line"), what, "delete the table, or use rfc2217:// if the device server can")


def _framing(draft: Draft, name: str, framing: Framing) -> None:
    path = ("scanners", name, "framing")
    marked = framing.end or framing.terminator or framing.length_digits
    if framing.start and not marked:
        what = "has a start byte but nothing that ends a telegram"
        draft.error((*path, "start"), what, "say its end or terminator")
    elif not marked and not framing.idle_ms:
        draft.error(path, "a telegram can never end", "say its end, terminator, length_digits or idle_ms")
    if framing.start and framing.start.lower() == framing.end.lower():
        draft.error((*path, "end"), "is the same byte as start", "begin and end must differ")


def _telegram(draft: Draft, name: str, telegram: Telegram) -> None:
    path = ("scanners", name, "telegram")
    fields = list(telegram.fields)
    if fields.count("codes") != 1:
        draft.error((*path, "fields"), 'must hold "codes" exactly once', 'as fields = ["sequence", "codes"]')
    for field in ("sequence", "item"):
        if fields.count(field) > 1:
            draft.error((*path, "fields"), f'holds "{field}" twice', "a field is there once")
    if len(fields) > 1 and not telegram.field_separator:
        draft.error((*path, "field_separator"), "is missing where there are several fields", 'as field_separator = ";"')
    prefix, star, _ = telegram.heartbeat.partition("*")
    if telegram.heartbeat and (telegram.no_read == prefix or (star and telegram.no_read.startswith(prefix))):
        what = "cannot be told from the no_read text"
        draft.error((*path, "heartbeat"), what, "give the scanner another text for one of them")
    if telegram.code_separator and telegram.code_separator == telegram.field_separator and fields[-1:] != ["codes"]:
        what = 'is the same as field_separator, and "codes" is not the last field'
        draft.error((*path, "code_separator"), what, "only the last field takes the rest of the telegram")


def _separators(draft: Draft, name: str, scanner: Scanner) -> None:
    """A separator that holds what ends the telegram would never be seen."""
    framing = scanner.framing
    ends = _TERMINATORS[framing.terminator] + bytes.fromhex(framing.end).decode("latin-1")
    for key in ("field_separator", "code_separator"):
        separator = str(getattr(scanner.telegram, key))
        if any(char in ends for char in separator):
            what = "holds a character that ends the telegram"
            draft.error(("scanners", name, "telegram", key), what, "separators must differ from end and terminator")


def _same_wire(draft: Draft) -> None:
    owners: dict[str, str] = {}
    for name, scanner in draft.scanners.items():
        url = scanner.url.removeprefix("pty:").lower()
        if url in owners:
            what = f'scanner "{owners[url]}" has this address already'
            draft.error(("scanners", name, "url"), what, "every scanner has its own")
        owners.setdefault(url, name)


def _blind_sorters(draft: Draft) -> None:
    seeing = {scanner.sorter for scanner in draft.scanners.values()}
    seeing |= {reader.sorter for reader in draft.readers.values()}
    for name in draft.sorters:
        if name not in seeing:
            what = "no scanner belongs to this sorter: every parcel would be a no-read"
            draft.warn(("sorters", name), what, f'add one with sorter = "{name}"')
