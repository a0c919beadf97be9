"""What follows from the demonstration hub, reckoned by hand."""

from sortctl.runtime.links import reconnect
from sortctl.site import derive
from sortctl.site.load import load_files
from sortctl.site.model import Induct, Limits, ScanPoint

Demo = dict[str, bytes]


def test_the_demonstration_hub_by_hand(demo: Demo) -> None:
    site = load_files(demo)
    line, _ = site.machines
    told = derive.derive(line, site.site.limits)
    # cycle 10, two scans of 10, commit 20, slack 20
    assert told.order_margin_ms == 70
    # 4500 - 1500; less 250 ms of belt (lead 60, half the travel 120, margin 70) at 2 mm/ms
    assert (told.chutes[0].way_mm, told.chutes[0].time_ms) == (2500, 1250)
    assert (told.chutes[-1].chute, told.chutes[-1].way_mm) == (24, 33_500 - 1_500 - 140)
    assert [(area.first, area.last) for area in told.areas] == [(0, 115), (200, 323), (400, 423)]
    # 2000 / 350 parcels a second, 12 events each
    assert (told.items_per_hour, told.events_per_s) == (20_571, 69)
    assert told.window_events_per_s == 500
    assert told.lease_usable_ms == 690
    assert told.scanner_buffer_bytes == 1024
    worst = {(each.link, each.case): each.worst_ms for each in told.recoveries}
    assert worst["PLC main", "connection cut, PLC there"] == 250 + 500 + 10 + 20
    assert worst["PLC main", "another controller takes over"] == 1000 + 400 + 10 + 20


def test_the_loop_of_the_demonstration_hub_by_hand(demo: Demo) -> None:
    site = load_files(demo)
    _, loop = site.machines
    told = derive.derive(loop, site.site.limits)
    # 96 m at 2.5 m/s; one carrier in 320 ms; one group of inducts
    assert told.turn == derive.Turn(96_000, 38_400, 120, 11_250, 1, 1, 3)
    assert told.items_per_hour == 11_250
    # 16,000 - 8,000; less 575 mm of loop (lead 40, half the travel 120, margin 70) at 2.5 mm/ms
    assert told.order_margin_ms == 70
    assert (told.chutes[0].way_mm, told.chutes[0].time_ms) == (7_425, 2_970)
    assert told.chutes[0].way_mm == told.chutes[1].way_mm
    # 3.125 carriers a second: induct, divert, two edges, four points, lap; and the home point
    assert (told.events_per_s, told.window_events_per_s) == (30, 500)
    assert (told.on_belt_max, told.diverts_waiting_max, told.waiting_diverts) == (120, 120, 120)
    assert told.areas == ()
    assert [(node.node, node.words) for node in told.nodes] == [
        ("s=Exchange.Orders", 116), ("s=Exchange.Inputs", 124), ("s=Exchange.Chutes", 60),
    ]  # fmt: skip
    worst = {(each.link, each.case): each.worst_ms for each in told.recoveries}
    assert worst["PLC loop", "connection reset, server there"] == 2_000 + 10 + 20
    assert worst["PLC loop", "half-open: noticed"] == 250 + 10
    assert worst["PLC loop", "half-open, server there"] == 250 + 2_000 + 10 + 20
    assert worst["PLC loop", "session that was not closed: let go"] == 30_000
    assert worst["reader tunnel_side", "reader back: subscribed again"] == 250 + 2_000


def test_the_way_to_a_chute_is_from_the_last_tunnel_before_it(demo: Demo) -> None:
    _, loop = load_files(demo).machines
    second = ScanPoint(number=6, position_mm=54_000)
    scan_points = (*loop.sorter.scan_points, second)
    both = loop.model_copy(update={"sorter": loop.sorter.model_copy(update={"scan_points": scan_points})})
    # before the second tunnel, behind it, and round the seam
    ways = {number: derive.reach(both, Limits(), both.chute(number)).way_mm for number in (1, 30, 31)}
    assert ways == {1: 7_425, 30: 41_600 - 575, 31: 2_000 - 575}
    near = loop.chute(1).model_copy(update={"position_mm": 500})
    assert derive.reach(both, Limits(), near).way_mm == (500 - 54_000) % 96_000 - 575


def test_inducts_with_a_chute_between_them_are_two_groups(demo: Demo) -> None:
    _, machine = load_files(demo).machines
    assert derive.induct_groups(machine.loop, machine.chutes) == [[800, 3_200]]
    apart = machine.loop.model_copy(update={"inducts": tuple(
        Induct(number=number, position_mm=at) for number, at in ((1, 95_000), (2, 800), (3, 53_000), (4, 54_000))
    )})  # fmt: skip
    assert sorted(derive.induct_groups(apart, machine.chutes)) == [[53_000, 54_000], [95_000, 800]]


def test_a_slow_scan_thins_the_event_window(demo: Demo) -> None:
    machine, _ = load_files(demo).machines
    slow = machine.model_copy(update={"plc": machine.plc.model_copy(update={"scan_ms": 50})})
    assert derive.window_events_per_s(slow) == 100


def test_the_pauses_are_those_of_the_runtime() -> None:
    """`site` may not import `runtime`, so the two are held together here."""
    longest = reconnect.PAUSE_MAX_MS * (100 + reconnect.SPREAD_PERCENT) // 100
    assert longest == derive.PLC_PAUSE_MAX_MS
    assert reconnect.SCANNER_PAUSE_MS == derive.SCANNER_PAUSE_MS
