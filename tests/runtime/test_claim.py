"""One state folder, one owner number, one process."""

import os
from pathlib import Path

import pytest

from sortctl.runtime.process.claim import LOCK_FILE, AlreadyRunning, claim


def test_a_state_folder_belongs_to_one_process(tmp_path: Path) -> None:
    held = claim(tmp_path / "state", 64_001, ["127.0.0.1:1"])
    with pytest.raises(AlreadyRunning, match=f"in use by process {os.getpid()}"):
        claim(tmp_path / "state", 64_002, ["127.0.0.1:2"])
    held.release()
    claim(tmp_path / "state", 64_001, ["127.0.0.1:1"]).release()


def test_an_owner_number_towards_a_plc_belongs_to_one_process(tmp_path: Path) -> None:
    held = claim(tmp_path / "a", 64_003, ["127.0.0.1:1", "127.0.0.1:2"])
    with pytest.raises(AlreadyRunning, match="owner 64003 of the PLC at 127.0.0.1:2"):
        claim(tmp_path / "b", 64_003, ["127.0.0.1:2"])
    claim(tmp_path / "b", 64_003, ["127.0.0.1:3"]).release()
    held.release()


def test_a_claim_that_was_refused_holds_nothing(tmp_path: Path) -> None:
    held = claim(tmp_path / "a", 64_004, ["127.0.0.1:1"])
    with pytest.raises(AlreadyRunning):
        claim(tmp_path / "b", 64_004, ["127.0.0.1:1"])
    held.release()
    claim(tmp_path / "b", 64_004, ["127.0.0.1:1"]).release()


def test_a_lock_file_left_by_a_dead_process_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text("999999999999 and more\n")
    claim(tmp_path, 64_005, []).release()
    assert (tmp_path / LOCK_FILE).read_text() == f"{os.getpid()}\n"
