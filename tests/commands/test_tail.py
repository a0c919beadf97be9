"""`sortctl tail`: first the end of the journal, then what happens, nothing twice and nothing left out."""

import json
import socket
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sortctl.commands import tail
from sortctl.journal.pen import Entry
from sortctl.runtime.process.place import SOCKET_FILE
from sortctl.words.causes import ChuteState
from sortctl.words.ids import CarrierNumber, ChuteNumber, EyeNumber, PassageNumber, ScannerId, SorterId
from sortctl.words.outcomes import (
    BagClosed,
    BagOpened,
    CarrierTurned,
    ChuteFills,
    ChuteStateChanged,
    Disturbed,
    ItemUnexpected,
    LinkChanged,
    MachineChanged,
    Outcome,
    PassageFound,
    PassageMissing,
    ReadOrphaned,
    Recalled,
    TrackingVoided,
    UnitTurned,
    WaveBalanced,
)
from tests.journal.made import LINE, ride, row, started, write


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty parcels of a day, one with a hostile label."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path)
    rows: list[Entry] = [started(1)]
    for number in range(1, 21):
        rows += ride(2 + 9 * (number - 1), number, "A\x1b[2JB" if number == 20 else f"RR{number}NL")
    write(tmp_path / "journal.db", rows)
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(tail.command, [str(word) for word in words])


def test_the_last_lines_are_the_last_parcels(state: Path) -> None:
    shown = run("--state", state, "--no-follow", "-n", 3)
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert len(lines) == 3
    assert "RR18NL" in lines[0]
    assert "A\\x1b[2JB" in lines[2]
    assert "\x1b" not in shown.output


def test_each_step_can_be_seen(state: Path) -> None:
    brief, whole = (run("--state", state, "--no-follow", "-n", 1_000, *more).output for more in ((), ("--all",)))
    assert len(whole.splitlines()) > 3 * len(brief.splitlines())


def test_lines_for_machines(state: Path) -> None:
    shown = run("--state", state, "--no-follow", "-n", 2, "--json")
    told = [json.loads(line) for line in shown.output.splitlines()]
    assert [line["outcome"]["type"] for line in told] == ["PassageClosed"] * 2
    assert told[0]["seq"] < told[1]["seq"]
    assert shown.output.isascii()


def test_what_happens_follows_what_has_happened(state: Path) -> None:
    """The feed is asked from the last row that was shown."""
    asked: list[bytes] = []
    feed = (
        b'{"status":{}}\n{"gap":{"after":181,"upto":190}}\n'
        b'{"seq":191,"wall_ns":1,"outcome":{"type":"Disturbed","at_ns":1,"sorter":"line1","code":"no_epoch","active":true,'
        b'"why":"lease"}}\n{"seq":192,"wall_ns":1,"outcome":{"type":"FromTheFuture"}}\n'
    )
    with socket.socket(socket.AF_UNIX) as place:
        place.bind(SOCKET_FILE)
        place.listen()

        def serve() -> None:
            line, _ = place.accept()
            with line:
                asked.append(line.recv(1_000))
                line.sendall(feed)

        thread = threading.Thread(target=serve)
        thread.start()
        shown = run("--state", state, "-n", 1)
        thread.join()
    last = json.loads(run("--state", state, "--no-follow", "-n", 1, "--json").output)["seq"]
    assert json.loads(asked[0]) == {"ask": "feed", "after": last}
    assert "no_epoch: lease" in shown.output
    assert "rows 182 to 190 are no longer in the feed" in shown.output
    assert "the controller has ended" in shown.output
    assert shown.exit_code == 3


def test_nobody_to_follow_is_said_after_what_is_known(state: Path) -> None:
    shown = run("--state", state, "-n", 1)
    assert shown.exit_code == 3
    assert "A\\x1b[2JB" in shown.output
    assert "no controller runs" in shown.output


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (LinkChanged(5, LINE, "plc", "main", False, "no answer"), "plc main is gone: no answer"),
        (LinkChanged(5, LINE, "plc", "main", True, ""), "plc main is connected"),
        (ChuteStateChanged(5, LINE, ChuteNumber(4), ChuteState.HALF_FULL, ""), "4 is half full"),
        (MachineChanged(5, LINE, "main", 11), "at main is held"),
        (MachineChanged(5, LINE, "main", 99), "at main is in state 99"),
        (TrackingVoided(5, LINE, "the PLC was restarted", 3), "3 parcels are unknown"),
        (Disturbed(5, LINE, "no_epoch", False, "granted"), "no_epoch is over: granted"),
        (ItemUnexpected(5, LINE, EyeNumber(2), ChuteNumber(0), 9, "nobody booked it"), "at eye 2: nobody booked it"),
        (UnitTurned(5, SorterId(""), "press", 9, 1), "at press is aborted, produce"),
        (CarrierTurned(5, LINE, CarrierNumber(17), True, "3 faults"), "17 is out of use: 3 faults"),
        (PassageMissing(5, LINE, PassageNumber(7), 41, "gone"), "item 41: gone; a fresh read may find it again"),
        (PassageFound(5, LINE, PassageNumber(7), 52, "read again"), "read again; the PLC calls it item 52 now"),
        (ReadOrphaned(5, LINE, ScannerId("top"), ("X1", "X2"), "no parcel"), "top read X1, X2: no parcel"),
    ],
)
def test_what_the_machine_does_is_said_in_words(state: Path, outcome: Outcome, said: str) -> None:
    (state / "journal.db").unlink()
    write(state / "journal.db", [started(1), row(2, outcome)])
    assert said in run("--state", state, "--no-follow").output


def test_what_happens_at_chutes_is_told_in_words() -> None:
    chute, number = ChuteNumber(3), PassageNumber(7)
    told = [
        BagOpened(1, LINE, chute, "B-1", "T1"),
        BagClosed(1, LINE, chute, "B-1", "20 parcels", "T1", (number,), ("W1",), 1_500, (number,)),
        Recalled(1, LINE, number, "W1", chute, "B-1", "held: police"),
        ChuteFills(1, LINE, chute, 120),
        ChuteFills(1, LINE, chute, -1),
        WaveBalanced(1, LINE, "day", 5, 3, 2, 0, 0, 1),
    ]
    lines = [tail._line(one)[1] for one in told]
    assert lines == [
        "B-1 hangs at chute 3, for T1",
        "B-1 of chute 3 is closed: 20 parcels; 1 parcels, 1 of them unsure, 1.5 kg",
        "take W1 out of bag B-1 at chute 3: held: police",
        "chute 3 will be full in 120 s",
        "chute 3 fills no longer",
        "day has ended: 5 in; 3 sorted, 2 rejected, 0 lost, 0 removed; 1 still on it",
    ]
    assert {type(one).__name__ for one in told} <= tail.BRIEF
