"""Ask: the client's end of the control socket, for commands. Blocking and light: a status must be quick to show.

Comes in: the state folder. Goes out: the controller's answers as plain objects. NotRunning: nobody answers there.
Never here: how an answer looks to a person.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sortctl.runtime.process.place import SOCKET_FILE, reachable

ANSWER_WAIT_S: Final = 5.0
"""The status comes each second; a controller that says nothing for five is as good as gone."""


class NotRunning(Exception):
    """No controller answers at this state folder; str() says why."""


class Refused(NotRunning):
    """A controller answers there, but not as it was asked to; str() says why."""


def ask(state_dir: Path, question: str, wait_s: float = ANSWER_WAIT_S, **more: object) -> dict[str, Any]:
    """The answer to "ping", "status" or another question with what belongs to it; `wait_s` for one that takes its time."""
    with _connected(state_dir) as line:
        line.settimeout(wait_s)
        for answer in _answers(line, {"ask": question, **more}):
            return answer
    raise NotRunning("the controller closed the connection")


def follow(state_dir: Path, after: int | None) -> Iterator[dict[str, Any]]:
    """The feed: {"status"}, {"seq", "outcome"} and {"gap"} as they come; ends when the controller does."""
    request: dict[str, object] = {"ask": "feed"}
    if after is not None:
        request["after"] = after
    with _connected(state_dir) as line:
        yield from _answers(line, request)


def _connected(state_dir: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(ANSWER_WAIT_S)
    try:
        with reachable(state_dir / SOCKET_FILE) as name:
            line.connect(name)
    except OSError as nobody:
        line.close()
        raise NotRunning(_plain(nobody, state_dir)) from None
    return line


def _answers(line: socket.socket, request: dict[str, object]) -> Iterator[dict[str, Any]]:
    try:
        with suppress(BrokenPipeError):  # a controller that takes no more clients has said so before it closed
            line.sendall(json.dumps(request).encode() + b"\n")
        with line.makefile("rb") as answers:
            for answer in answers:
                told = json.loads(answer)
                if told.get("error", {}).get("code") in ("refused", "bad_request") and request["ask"] == "tell":
                    raise Refused(told["error"]["why"])
                if "error" in told:
                    raise NotRunning(f"the controller does not answer: {told['error']['why']}")
                yield told
    except TimeoutError:
        raise NotRunning(f"the controller does not answer within {line.gettimeout():g} s") from None
    except OSError as gone:
        raise NotRunning(f"the connection to the controller is gone: {gone.strerror}") from None
    except ValueError:
        raise NotRunning("what answers there is no controller") from None


def _plain(nobody: OSError, state_dir: Path) -> str:
    if isinstance(nobody, PermissionError):
        return f"this user may not talk to the controller at {state_dir}"
    if isinstance(nobody, (BlockingIOError, TimeoutError)):
        return f"the controller at {state_dir} runs, but is too busy to take another request"
    return f"no controller runs at {state_dir}"
