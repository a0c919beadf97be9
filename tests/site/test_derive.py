"""What follows from the demonstration hub, reckoned by hand."""

from sortctl.runtime import reconnect
from sortctl.site import derive
from sortctl.site.load import load_files

Demo = dict[str, bytes]


def test_the_demonstration_hub_by_hand(demo: Demo) -> None:
    site = load_files(demo)
    (machine,) = site.machines
    told = derive.derive(machine, site.site.limits)
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


def test_a_slow_scan_thins_the_event_window(demo: Demo) -> None:
    (machine,) = load_files(demo).machines
    slow = machine.model_copy(update={"plc": machine.plc.model_copy(update={"scan_ms": 50})})
    assert derive.window_events_per_s(slow) == 100


def test_the_pauses_are_those_of_the_runtime() -> None:
    """`site` may not import `runtime`, so the two are held together here."""
    longest = reconnect.PAUSE_MAX_MS * (100 + reconnect.SPREAD_PERCENT) // 100
    assert longest == derive.PLC_PAUSE_MAX_MS
    assert reconnect.SCANNER_PAUSE_MS == derive.SCANNER_PAUSE_MS
