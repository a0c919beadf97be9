"""Log: one line per event to stderr. JSON for machines, readable on a terminal.

Comes in: events with a stable code (`plc_lost`) and fields, from structlog and from the libraries' standard logging.
Goes out: lines, through a bounded queue and a thread of its own: a reader that stalls never stops the loop. What does not
fit is dropped, counted and told. One code is written only so often in a while. Text from outside, a scanner's above all,
is shown with its control characters escaped. Parcels are not logged here; their story is in the journal.
"""

import logging
import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

import orjson
import structlog

LINES_MAX: Final = 10_000
"""About 3 MB of waiting lines."""
BATCH_PAUSE_S: Final = 0.02
"""Lines are gathered for so long; one write for all of them."""
FLUSH_WAIT_S: Final = 1.0
"""At the end a stalled reader is waited for no longer."""
SAME_CODE_MAX: Final = 20
"""Lines with one code within a window; the rest are counted into the first of the next."""
SAME_CODE_WINDOW_NS: Final = 10_000_000_000
CODES_MAX: Final = 1_000
"""Codes are a closed set in practice; beyond so many the oldest count is forgotten."""
FOREIGN: Final = ("pymodbus.logging", "asyncua", "asyncio")
"""Libraries that log by themselves; below WARNING they only make noise."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

Event = MutableMapping[str, Any]


class LineQueue:
    """Where log lines wait. `msg` never blocks; a thread writes to `descriptor`."""

    def __init__(self, descriptor: int, lines_max: int) -> None:
        self._descriptor = descriptor
        self._lines_max = lines_max
        self._lines: deque[bytes] = deque()
        self._filled = threading.Event()
        self._closing = False
        self._told_dropped = 0
        self.dropped = 0
        self._thread = threading.Thread(target=self._write_on, name="log", daemon=True)
        self._thread.start()

    def msg(self, line: bytes) -> None:
        """Take one line, or drop and count it when the reader has stalled for too long."""
        if len(self._lines) >= self._lines_max:
            self.dropped += 1
            return
        self._lines.append(line)
        if not self._filled.is_set():
            self._filled.set()

    debug = info = warning = error = critical = exception = msg

    def close(self) -> None:
        """Write what waits, but do not wait for a reader that has stalled."""
        self._closing = True
        self._filled.set()
        self._thread.join(FLUSH_WAIT_S)

    def _write_on(self) -> None:
        while True:
            self._filled.wait()
            if not self._closing:
                time.sleep(BATCH_PAUSE_S)
            self._filled.clear()
            if not self._write_waiting() or (self._closing and not self._lines):
                return

    def _write_waiting(self) -> bool:
        """Write all that waits; False when nobody will ever read again."""
        while self._lines:
            waiting = [self._lines.popleft() for _ in range(min(len(self._lines), 256))]
            dropped = self.dropped - self._told_dropped
            if dropped:
                self._told_dropped += dropped
                waiting.append(orjson.dumps({"event": "log_lines_dropped", "level": "warning", "lines": dropped}))
            rest = b"\n".join(waiting) + b"\n"
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                return False
        return True


class RateLimit:
    """Processor: lets `SAME_CODE_MAX` lines of one code pass in a window, and says how many it held back."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._windows: dict[str, tuple[int, int]] = {}

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        code, now_ns = str(event.get("event")), self._now_ns()
        began_ns, count = self._windows.get(code, (now_ns, 0))
        if now_ns - began_ns >= SAME_CODE_WINDOW_NS:
            if count > SAME_CODE_MAX:
                event["held_back"] = count - SAME_CODE_MAX
            began_ns, count = now_ns, 0
        self._windows[code] = (began_ns, count + 1)
        if len(self._windows) > CODES_MAX:
            del self._windows[next(iter(self._windows))]
        if count >= SAME_CODE_MAX:
            raise structlog.DropEvent
        return event


class LibraryRoute(logging.Handler):
    """Brings records of the standard logging into the same queue: code `library_log`, its text as a field."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on; a record that cannot be formatted is named, not raised."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError) as unformattable:
            text = f"{record.msg} ({unformattable})"
        trouble = {"exc_info": record.exc_info} if record.exc_info else {}
        code = f"library_log {record.name}"
        structlog.get_logger().log(record.levelno, code, text=text[:1_000], **trouble)


def start_log(descriptor: int) -> LineQueue:
    """Set the log up for this process. `close()` the returned queue at the end."""
    lines = LineQueue(descriptor, LINES_MAX)
    structlog.configure(
        processors=[
            RateLimit(time.monotonic_ns),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _escape,
            *_rendering(os.isatty(descriptor), os.environ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [LibraryRoute(logging.WARNING)]
    root.setLevel(logging.WARNING)
    for name in FOREIGN:
        logging.getLogger(name).setLevel(logging.WARNING)
    return lines


def colours_wanted(terminal: bool, environment: Mapping[str, str]) -> bool:
    """Colour only on a terminal that can and may show it (no-color.org)."""
    return terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def _rendering(terminal: bool, environment: Mapping[str, str]) -> list[Callable[[Any, str, Event], Any]]:
    if not terminal:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    plain = structlog.dev.ConsoleRenderer(
        colors=colours_wanted(terminal, environment), exception_formatter=structlog.dev.plain_traceback
    )
    return [lambda logger, method, event: str(plain(logger, method, event)).encode(errors="replace")]


def _json(event: Any, **_unused: Any) -> bytes:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS)


def _escape(_logger: object, _method: str, event: Event) -> Event:
    for key, value in event.items():
        if isinstance(value, str) and _CONTROL.search(value):
            event[key] = visible(value)
    return event


def visible(text: str) -> str:
    """The text with every control character (and those that turn the direction of writing) written out."""
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def standard_error() -> int:
    """The descriptor of stderr, also when a test or a service manager has replaced the object."""
    return sys.__stderr__.fileno() if sys.__stderr__ is not None else 2
