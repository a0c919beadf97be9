"""Killed at random moments, nothing that was reported committed is missing. Full and failing disks of a real process."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sortctl.journal.read import JournalReader
from sortctl.journal.verify import verify

ROUNDS = 25
ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import asyncio, os, resource, sys
from pathlib import Path
from sortctl.journal.recover import recover
from sortctl.journal.writer import JournalWriter
from tests.journal.made import beat

path, limit = Path(sys.argv[1]), int(sys.argv[2])

async def main():
    def told(text):
        os.write(1, f"trouble {text}\\n".encode())
        if text and limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    writer = JournalWriter.open(
        path, lambda seq: os.write(1, f"{seq}\\n".encode()), told, asyncio.get_running_loop()
    )
    got = recover(path)
    seq = got.last_seq if got else 0
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    while True:
        for _ in range(7):
            writer.append([beat(seq + 1), beat(seq + 2), beat(seq + 3)])
            seq += 3
        if seq % 1050 == 0:
            writer.append_snapshot(seq, seq, b"x" * 50_000)
        await asyncio.sleep(0.0005)
        if limit and seq > 6000:
            writer.close()
            return

asyncio.run(main())
"""


def child(path: Path, limit: int = 0) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(limit)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def is_sound(path: Path) -> bool:
    with JournalReader(path) as reader:
        return verify(reader, lambda _: None, lambda _: None).sound


@pytest.mark.slow
def test_killed_at_any_moment_nothing_acknowledged_is_missing(tmp_path: Path, seed: int) -> None:
    """All rounds write into one journal: each begins with what the one before left."""
    chance = random.Random(seed)
    path = tmp_path / "journal.db"
    acknowledged = 0
    for _ in range(ROUNDS):
        process = child(path)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(chance.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        told = first + process.stdout.read()
        process.wait()
        process.stdout.close()
        acknowledged = int(told.decode().split("\n")[-2])  # the last may be cut in two
        with JournalReader(path) as reader:
            last = reader.last()
        assert last is not None
        assert last.seq >= acknowledged
        assert last.seq % 3 == 0, "rows of one append are there together or not at all"
    assert acknowledged > ROUNDS
    assert is_sound(path)


@pytest.mark.slow
def test_a_file_that_cannot_grow_stops_nothing(tmp_path: Path) -> None:
    """The kernel refuses every write beyond 200,000 bytes until the alarm; then the same rows are written."""
    path = tmp_path / "journal.db"
    process = child(path, limit=200_000)
    told = process.communicate(timeout=30)[0].decode().split("\n")
    troubles = [line for line in told if line.startswith("trouble")]
    assert process.returncode == 0
    assert "cannot be written" in troubles[0]
    assert troubles[-1] == "trouble None"
    assert is_sound(path)
    with JournalReader(path) as reader:
        last = reader.last()
    assert last is not None
    assert last.seq > 6000
