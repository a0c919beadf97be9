"""What the checks find on the wires of the demonstration hub: OPC UA, its security, readers, PLCs that are only observed."""

import pytest

from sortctl.site.checks.security import looks_like_a_secret
from tests.site.spoil import Demo, found, said

POLICY = """[plcs.loop.security]                # there is no default: security is chosen, or its absence is explained
policy = "Basic256Sha256"
mode = "SignAndEncrypt"
server_uri = "urn:simulated:plc"    # the application URI in the server's certificate
"""
HEAD = POLICY.splitlines()[0] + "\n"
USER = f"[plcs.loop.user]\n{{}}\n\n{HEAD}"
WHY = 'policy = "none"\nwhy = "the maker\'s update comes in May"\n'
SECURE = """
[plcs.{name}.security]
policy = "Basic256Sha256"
server_uri = "urn:simulated:plc"
"""
INFEED = """[plcs.infeed]
wire = "opcua"
address = "127.0.0.1:4850"
namespace = "urn:infeed"
scan_ms = 20
""" + SECURE.format(name="infeed")
PACKML = """
[plcs.infeed.packml]
unit = "s=Infeed"
namespace = "urn:infeed"
"""
READER = """[readers.tunnel_side]
sorter = "loop1"
"""


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        (POLICY, "", "plcs.loop.security", "is missing; add the table [plcs.loop.security] with policy (one of"),
        (POLICY, HEAD + 'policy = "none"\n', "plcs.loop.security.policy", 'is "none" without a reason; write why'),
        (POLICY, HEAD + WHY, "plcs.loop.security.policy", "no security: the maker's update comes in May"),
        (POLICY, POLICY + 'why = "x"\n', "plcs.loop.security.why", "has no meaning: the link is secured"),
        (POLICY, HEAD + 'policy = "Basic128"\n', "plcs.loop.security.policy", 'one of "Basic256Sha256"'),
        ('server_uri = "urn:simulated:plc"', "# ", "plcs.loop.security.server_uri", "is missing; add the application URI"),
        ('server_uri = "urn:simulated:plc"', 'server_uri = ""', "plcs.loop.security.server_uri", "is empty"),
        ('"urn:simulated:plc"', '"opc.tcp://127.0.0.1:4840"', "plcs.loop.security.server_uri", "the address of an endpoint"),
        (POLICY, POLICY + 'thumbprint = "AB:CD"\n', "plcs.loop.security.thumbprint", "40 hex digits without separators"),
        # users and secrets
        (HEAD, USER.format(""), "plcs.loop.user", "says neither a name nor certificate = true"),
        (HEAD, USER.format('name = "sortctl"'), "plcs.loop.user.name", "has no password"),
        (HEAD, USER.format('password = "loop-plc"'), "plcs.loop.user.password", "is there without a name"),
        (HEAD, USER.format('name = "sortctl"\ncertificate = true\npassword = "loop-plc"'), "plcs.loop.user.certificate", "one way"),
        (HEAD, USER.format('name = "sortctl"\npassword = "Winter2026"'), "plcs.loop.user.password", "looks like a password itself"),
        (HEAD, USER.format('name = "sortctl"\npassword = "not so!"'), "plcs.loop.user.password", "is no name of a secret"),
        (POLICY, USER.format('name = "s"\npassword = "loop-plc"') + WHY, "plcs.loop.user.password", "for everybody to read"),
        ('"tcp://127.0.0.1:4002"', '"tcp://me:pw@127.0.0.1:4002"', "scanners.tunnel.url", "holds a user or password"),
        ("unit = 1\n", 'unit = 1\npassword = "x"\n', "plcs.main.password", "secrets are never in this file"),
        # nodes and addresses
        ('"s=Exchange.Inputs"', '"s=Exchange.Orders"', "plcs.loop.inputs_node", 'orders_node of PLC "loop" on the same server already'),
        ('"s=Exchange.Inputs"', '"Exchange.Inputs"', "plcs.loop.inputs_node", 'as "s=Exchange.Inputs" or "i=5001"'),
        ('address = "127.0.0.1:4840"', 'address = "127.0.0.1:0"', "plcs.loop.address", "no usable port"),
        ('address = "127.0.0.1:4840"', 'address = "127.0.0.1:5020"', "plcs.loop.address", "speaks Modbus TCP there, not OPC UA"),
        ('"tcp://127.0.0.1:4002"', '"tcp://127.0.0.1:4840"', "scanners.tunnel.url", 'PLC "loop" has this address and speaks OPC UA'),
        ('address = "127.0.0.1:5020"', 'address = "127.0.0.1:802"', "plcs.main.address", "add the table [plcs.main.tls]"),
        ('address = "127.0.0.1:4841"', 'address = "127.0.0.1:4840"', "readers.tunnel_side.security.server_uri", "has one certificate"),
        # readers
        ('address = "127.0.0.1:4841"', 'address = "127.0.0.1:99999"', "readers.tunnel_side.address", "no usable port"),
        (READER, READER.replace("loop1", "loop2"), "readers.tunnel_side.sorter", "did you mean loop1?"),
        ('device = "s=Reader1"', "", "readers.tunnel_side.device", "an OPC UA node without namespace"),
    ],
)  # fmt: skip
def test_the_site_file(demo: Demo, old: str, new: str, key: str, says: str) -> None:
    (problem,) = [problem for problem in found(demo, old, new) if problem.key == key]
    assert says in said(problem)


def test_a_password_is_never_repeated(demo: Demo) -> None:
    for password in ("not so!", "Winter2026"):
        user = USER.format(f'name = "sortctl"\npassword = "{password}"')
        assert all(password not in str(problem) for problem in found(demo, HEAD, user))


@pytest.mark.parametrize(
    ("text", "looks"),
    [("loop-plc", False), ("plc2", False), ("Loop_PLC_1", False), ("hunter", False), ("Winter2026", True),
     ("0a1b2c3d4e5f60718293", True), ("password", False)],
)  # fmt: skip
def test_what_looks_like_a_secret(text: str, looks: bool) -> None:
    assert looks_like_a_secret(text) is looks


def test_no_security_is_a_warning_that_stays(demo: Demo) -> None:
    (problem,) = found(demo, POLICY, HEAD + WHY)
    assert problem.severity == "warning"


def test_a_plc_with_packml_and_no_sorter_is_only_observed(demo: Demo) -> None:
    (problem,) = found(demo, "\n[plcs.loop]", f"\n{INFEED}\n[plcs.loop]")
    assert "give it a packml table to observe it only" in problem.mend
    assert not found(demo, "\n[plcs.loop]", f"\n{INFEED}{PACKML}\n[plcs.loop]")


def test_two_images_on_one_server_have_their_own_nodes(demo: Demo) -> None:
    text = demo["site.toml"].decode()
    second = (
        INFEED.replace("infeed", "loop2").replace("4850", "4840").replace("urn:loop2", "urn:simulated:plc:exchange")
    )
    start, end = text.index("[sorters.loop1]"), text.index("# ----", text.index("[sorters.loop1]"))
    sorter = (
        text[start:end]
        .replace("loop1]", "loop2]")
        .replace("loop1.", "loop2.", 1)
        .replace('plc = "loop"', 'plc = "loop2"')
    )
    sorter = (
        sorter.replace("loop1.rejects", "loop2.rejects")
        .replace("loop1.laps", "loop2.laps")
        .replace("loop2.csv", "loop1.csv")
    )
    problems = found(demo, "# A loop, seen", f"{second}\n{sorter}\n# A loop, seen")
    assert [problem.key for problem in problems if problem.severity == "error"] == [
        "plcs.loop2.chutes_node", "plcs.loop2.inputs_node", "plcs.loop2.orders_node",
    ]  # fmt: skip
    nodes = "".join(f'{area.lower()}_node = "s=Second.{area}"\n' for area in ("Orders", "Inputs", "Chutes"))
    second = second.replace("scan_ms", f"{nodes}scan_ms")
    problems = found(demo, "# A loop, seen", f"{second}\n{sorter}\n# A loop, seen")
    assert not [problem for problem in problems if problem.severity == "error"]


def test_scanners_and_readers_share_their_names(demo: Demo) -> None:
    text = demo["site.toml"].decode().replace("[readers.tunnel_side", "[readers.tunnel")
    problems = found({**demo, "site.toml": text.encode()}, "home_point = 5", "home_point = 6")
    assert [problem.key for problem in problems] == ["readers.tunnel"]


def test_a_modbus_link_with_tls(demo: Demo) -> None:
    address = 'address = "127.0.0.1:5020"'
    tls = "[plcs.main.tls]\n\n# The same three areas"
    with_tls = {**demo, "site.toml": demo["site.toml"].replace(b"# The same three areas", tls.encode())}
    assert not found(with_tls, address, 'address = "127.0.0.1:802"')
