"""The demonstration hub as files in memory, to be spoiled."""

from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"


@pytest.fixture
def demo() -> dict[str, bytes]:
    return {path.relative_to(DEMO).as_posix(): path.read_bytes() for path in DEMO.rglob("*") if path.is_file()}
