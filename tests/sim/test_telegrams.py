"""What a simulated scanner sends is what the controller's own decoder reads, for every framing that a site file can name."""

from pathlib import Path

import pytest

from sim.world.scanners import Habits, Head, Scanners
from sim.world.strokes import Passed
from sortctl.inputs.framing import Frame, Framer
from sortctl.inputs.telegram import parse
from sortctl.site.load import load_site
from sortctl.site.model import Framing, Limits, Scanner, Telegram
from sortctl.words.facts import CodesRead
from sortctl.words.ids import ScannerId
from tests.sim.lines import S, body

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
CODES = ("LX000000005CN", "SKU-1")

FRAMINGS = [
    Framing(start="02", end="03"), Framing(terminator="CR"), Framing(terminator="LF"), Framing(terminator="CRLF"),
    Framing(terminator="ANY"), Framing(start="02", end="03", terminator="CRLF"), Framing(length_digits=4),
    Framing(start="02", terminator="CR"),
]  # fmt: skip
TELEGRAMS = [
    Telegram(),
    Telegram(code_separator=";"),
    Telegram(fields=("sequence", "codes"), field_separator=";", code_separator=";", aim=True),
    Telegram(fields=("skip", "sequence", "item", "codes"), field_separator="|", code_separator=","),
]


def read(scanner: Scanner, data: bytes) -> CodesRead:
    framer = Framer(scanner.framing)
    frames = [*framer.feed(data, S)]
    [frame] = [frame for frame in frames if isinstance(frame, Frame)]
    fact = parse(frame, ScannerId("x"), scanner, Limits())
    assert isinstance(fact, CodesRead), fact
    return fact


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("telegram", TELEGRAMS)
def test_a_telegram_is_read_back(framing: Framing, telegram: Telegram) -> None:
    scanner = Scanner(
        sorter="s", scan_point=1, url="tcp://x:1", framing=framing, telegram=telegram, window_mm=100, delay_ms=10
    )
    head = Head("x", scanner)
    sent = CODES if telegram.code_separator else CODES[:1]
    assert tuple(code.text for code in read(scanner, head.telegram(CODES)).codes) == sent
    assert read(scanner, head.telegram(())).codes == ()


def test_the_scanners_of_the_demonstration_speak_their_own_ways() -> None:
    machine = load_site(DEMO).machines[0]
    heads = {head.name: head for head in Scanners(dict(machine.scanners), Habits(), 1).heads}
    assert heads["top"].telegram(CODES) == b"\x02LX000000005CN\x03"
    assert heads["side"].telegram(CODES) == b"1;]C0LX000000005CN;]C0SKU-1\r"


def test_a_scanner_that_cannot_read_says_so_or_nothing() -> None:
    machine = load_site(DEMO).machines[0]
    for silent, count in ((0, 2), (1_000, 0)):
        scanners = Scanners(dict(machine.scanners), Habits(dirty=1_000, silent=silent), 1)
        scanners.see(Passed(S, 1, body(1)))
        said = [telegram for telegram in scanners.due(3 * S) if b"NOREAD" in telegram.data]
        assert len(said) == count


def test_a_heartbeat_comes_again_and_again() -> None:
    machine = load_site(DEMO).machines[0]
    scanners = Scanners(dict(machine.scanners), Habits(), 1)
    beats = [telegram for second in range(100) for telegram in scanners.due(second * S)]
    assert [telegram.data for telegram in beats] == [b"\x02ALIVE\x03"] * 9
