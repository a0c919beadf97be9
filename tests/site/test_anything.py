"""Whatever stands in the files, loading ends in a site or in SiteInvalid, never in anything else."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.site.derive import derive
from sortctl.site.load import SiteInvalid, load_files
from tests.site.conftest import DEMO

SITE = (DEMO / "site.toml").read_bytes()
CHUTES = (DEMO / "chutes.csv").read_bytes()
LOOP = (DEMO / "loop1.csv").read_bytes()
PIECES = [b"\n", b"=", b'"', b"[", b"]]", b"{", b"-1", b"0", b"99999999999999999999", b"true", b"1.5", b"\x00", b"\xff",
          b'""', b"[[sorters.line1.eyes]]", b"[[sorters.loop1.check_points]]", b"[plcs.loop.user]", b'"loop"', b'"none"', b"\n[hub]\n", b",", b";", b"'''", b"nan", b"inf", b"1979-05-27", b"\r"]  # fmt: skip


def load(site: bytes, chutes: bytes, loop: bytes = LOOP) -> None:
    try:
        loaded = load_files({"site.toml": site, "chutes.csv": chutes, "loop1.csv": loop})
    except SiteInvalid as caught:
        invalid = caught
    else:
        # whatever is accepted can be reckoned with
        assert all(derive(machine, loaded.site.limits).chutes for machine in loaded.machines)
        return
    assert invalid.problems
    assert all(problem.what and problem.mend and problem.line >= 0 for problem in invalid.problems)
    assert str(invalid)


@st.composite
def _spoiled(draw: st.DrawFn, good: bytes) -> bytes:
    """A few bytes cut out, a few put in."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 12))
        data = data[:at] + draw(st.sampled_from([b"", *PIECES])) + data[at + cut :]
    return data


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_bytes(site: bytes, chutes: bytes) -> None:
    load(site, chutes)
    load(SITE, chutes)


@given(st.text(max_size=200), st.text(max_size=200))
def test_text(site: str, chutes: str) -> None:
    load(site.encode("utf-8", "surrogatepass"), chutes.encode("utf-8", "surrogatepass"))


@given(_spoiled(SITE), _spoiled(CHUTES), _spoiled(LOOP))
def test_the_demonstration_hub_spoiled(site: bytes, chutes: bytes, loop: bytes) -> None:
    load(site, CHUTES)
    load(SITE, chutes)
    load(SITE, CHUTES, loop)
    load(site, chutes, loop)


_NAMES = st.sampled_from(
    [
        "hub",
        "plcs",
        "sorters",
        "scanners",
        "readers",
        "limits",
        "main",
        "line1",
        "rejects",
        "eyes",
        "line",
        "x y",
        "wire",
        "kind",
        "security",
    ]
)
_VALUES = st.recursive(
    st.sampled_from(
        [
            "0",
            "-1",
            "1.5",
            "true",
            '"main"',
            '"line1"',
            '"opcua"',
            '"modbus"',
            '"loop"',
            "[]",
            "{}",
            "1979-05-27",
            '"' + "x" * 300 + '"',
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | st.tuples(_NAMES, inner).map(lambda pair: f'{{"{pair[0]}" = {pair[1]}}}')
    ),
    max_leaves=4,
)


@given(st.lists(st.tuples(_NAMES, _NAMES, _VALUES), max_size=6))
def test_right_keys_with_wrong_values(entries: list[tuple[str, str, str]]) -> None:
    load("\n".join(f'"{outer}"."{inner}" = {value}' for outer, inner, value in entries).encode(), CHUTES)


@given(st.integers(0, 10_000), st.sampled_from(["", '"x"', "-1", "true", "[]", "{}", "99999999999999999999"]))
def test_every_value_of_the_demonstration_hub_replaced(place: int, value: str) -> None:
    lines = SITE.decode().split("\n")
    assignments = [at for at, line in enumerate(lines) if "=" in line and not line.lstrip().startswith(("#", "{"))]
    at = assignments[place % len(assignments)]
    lines[at] = f"{lines[at].partition('=')[0]}= {value}"
    load("\n".join(lines).encode(), CHUTES)
