"""What the service supervisor hears."""

import socket
from pathlib import Path

from sortctl.runtime.process.notify import supervisor, watchdog_ns


def test_the_supervisor_hears_each_message(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "n"))
        told = supervisor({"NOTIFY_SOCKET": str(tmp_path / "n")})
        told.ready()
        told.status("2 links\nup")
        told.status("2 links up")
        told.alive()
        told.stopping()
        heard = [ear.recv(200) for _ in range(4)]
    assert heard == [b"READY=1", b"STATUS=2 links up", b"WATCHDOG=1", b"STOPPING=1"]


def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0sortctl test notify")
        supervisor({"NOTIFY_SOCKET": "@sortctl test notify"}).ready()
        assert ear.recv(200) == b"READY=1"


def test_a_supervisor_that_is_absent_or_deaf_is_no_trouble(tmp_path: Path) -> None:
    supervisor({}).ready()
    supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


def test_the_watchdog_is_ours_only_if_it_names_us() -> None:
    assert watchdog_ns({"WATCHDOG_USEC": "5000000"}, 7) == 5_000_000_000
    assert watchdog_ns({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "7"}, 7) == 5_000_000_000
    assert watchdog_ns({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "8"}, 7) == 0
    assert watchdog_ns({"WATCHDOG_USEC": "soon"}, 7) == 0
    assert watchdog_ns({}, 7) == 0
