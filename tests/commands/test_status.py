"""`sortctl status` against a control socket that gives a made-up answer."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from sortctl.commands import status
from sortctl.runtime.links.head_link import ScannerFigures
from sortctl.runtime.links.plc_link import PlcFigures
from sortctl.runtime.parcel_desk import ParcelFigures
from sortctl.runtime.process.place import SOCKET_FILE
from sortctl.runtime.process.report import About, Report
from sortctl.runtime.recorder import JournalFigures
from sortctl.runtime.status import (
    CertificateStatus,
    ChuteStatus,
    LineStatus,
    LoopStatus,
    PlcStatus,
    ScannerStatus,
    Status,
    UnitStatus,
)
from sortctl.watch.alarms import Alarm
from sortctl.watch.figures import SorterFigures
from sortctl.watch.watch import WatchView
from sortctl.words.units import NS_PER_S

WALL_NS = 1_770_000_000 * NS_PER_S


def _report() -> Report:
    hostile = "no \x1b[31manswer"
    plc = PlcStatus("main", True, "", True, 7, 6, 2, 41, 0)
    scanners = (
        ScannerStatus("top", True, "", False, 90, 2, 5, 1),
        ScannerStatus("side", False, hostile, False, 0, 0, 0, 0),
    )
    chutes = (ChuteStatus(1, "A01", "open", "", 2, 30), ChuteStatus(2, "A02", "full", "bit 0", 0, 12))
    line = LineStatus("line1", "main", 100, 80, 12, 1, 2, 5, True, 12_345, chutes)
    many = tuple(ChuteStatus(n, f"L{n}", "full" if n == 44 else "open", "", 0, 0) for n in range(1, 61))
    out = LoopStatus(120, (17, 23), 12, 2, 1, True)
    loop = LineStatus("loop1", "loop", 60, 20, 10, 0, 0, 30, True, 99, many, "loop", out)
    units = (UnitStatus("loop", False, True, "", 6, 1), UnitStatus("press", True, False, "it is off", 0, 0))
    aged = (CertificateStatus("own certificate", "AB" * 20, 12), CertificateStatus("trusted", "CD" * 20, -1))
    rates = SorterFigures("line1", 45, 40, 5, 98.5, {}, {}, {})
    alarm = Alarm("chute_full", "chute 2", "chute 2 is full", 4 * NS_PER_S, 3)
    view = WatchView(5 * NS_PER_S, True, (), (alarm,), 0, (rates,))
    return Report(
        wall_ns=WALL_NS,
        about=About("liege", "Hub Liège", "0.1.0", "ab" * 32, 4_711, WALL_NS - 90_061 * NS_PER_S),
        controller=Status(5 * NS_PER_S, (plc,), scanners, (line, loop), view, units, aged),
        journal=JournalFigures(1_000, 990, 10, 0, True, "the disk is full", 25_000),
        since_wall_ns={"main": WALL_NS - 60 * NS_PER_S},
        plc_links={"main": PlcFigures(cycles=600, losses=1, slowest_us=4_200)},
        scanner_links={"top": ScannerFigures()},
        feed_clients=0,
        feed_clients_cut=0,
        protection={"main": "", "loop": "Basic256Sha256 SignAndEncrypt", "press": "none: an old press"},
        parcels=ParcelFigures(1_000_000, 5_100, 40, 1_900, 3, 2, 812, "parcels.db is damaged: \x1b[31m"),
    )


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder where somebody answers each connection with two statuses."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path)
    answer = b'{"status":' + msgspec.json.encode(_report()) + b"}\n"
    with socket.socket(socket.AF_UNIX) as place:
        place.bind(SOCKET_FILE)
        place.listen()

        def serve() -> None:
            try:
                while True:
                    line, _ = place.accept()
                    with line:
                        line.recv(1_000)
                        line.sendall(answer * 2)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        yield tmp_path
        place.shutdown(socket.SHUT_RDWR)
        thread.join()


def run(*words: object) -> Result:
    return CliRunner().invoke(status.command, [str(word) for word in words], env={"COLUMNS": "200"})


def test_one_screen_says_how_it_is(state: Path) -> None:
    shown = run("--state", state)
    assert shown.exit_code == 0
    for wanted in (
        "Hub Liège", "process 4711", "up 1 d 01:01:01", "epoch 7 held", "execute", "2 orders wait", "holds", "98.5 %", "chute_full",
        "(3 times)", "1,000,000 records", "slowest 1.9 ms", "SILENT: parcels.db is damaged", "LATE", "the disk is full", "90 reads", "full (bit 0)",
    ):  # fmt: skip
        assert wanted in shown.output, wanted
    assert "\x1b" not in shown.output


def test_a_loop_stands_beside_the_line_and_only_its_chutes_that_need_somebody(state: Path) -> None:
    shown = run("--state", state)
    for wanted in (
        "loop1: loop of 120 carriers, 12 recirculate (10.0 %)", "INDUCTION IS STOPPED", "2 parcels missing",
        "1 loads that nobody knows yet", "carriers out of use: 17, 23", "60 chutes: 59 open, 1 full", "L44",
    ):  # fmt: skip
        assert wanted in shown.output, wanted
    assert "L43" not in shown.output


def test_units_certificates_and_links_without_security_are_always_told(state: Path) -> None:
    shown = run("--state", state)
    for wanted in (
        "press is WITHOUT SECURITY: an old press", "unit loop", "execute, produce", "PLC press", "it is off",
        f"own certificate ({'AB' * 20}) ends in 12 days", f"trusted ({'CD' * 20}) is OVER",
    ):  # fmt: skip
        assert wanted in shown.output, wanted


def test_an_answer_of_the_version_before_is_shown_too(state: Path) -> None:
    old = json.loads(run("--state", state, "--json").output)
    del old["protection"], old["controller"]["units"], old["controller"]["certificates"]
    for line in old["controller"]["lines"]:
        del line["kind"], line["loop"]
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(status.page(old))
    assert "holds" in console.export_text()


def test_the_answer_itself_can_be_had(state: Path) -> None:
    shown = run("--state", state, "--json")
    told: dict[str, Any] = json.loads(shown.output)
    assert told["controller"]["lines"][0]["holds"] is True
    assert told["journal"]["committed_row"] == 990


def test_a_watch_that_loses_its_controller_says_so(state: Path) -> None:
    shown = run("--state", state, "--watch")
    assert shown.exit_code == 3
    assert "has ended" in shown.output
    lines = run("--state", state, "--watch", "--json").output.splitlines()
    assert [json.loads(line)["about"]["hub"] for line in lines[:2]] == ["liege", "liege"]


def test_nobody_there(tmp_path: Path) -> None:
    shown = run("--state", tmp_path)
    assert shown.exit_code == 3
    assert "no controller runs" in shown.output
    assert "sortctl run SITE" in shown.output
