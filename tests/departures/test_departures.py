"""Departures: the next cut-off, what a change of the clocks does to it, open and warning, slack, and a search that looks at every day."""

from datetime import UTC, date, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.departures import Departures, Phase, due_slack_s, slack_s
from sortctl.departures.load import COLUMNS, load_departures
from sortctl.words.parcels import ParcelRecord

HEADER = ",".join(COLUMNS)
BRUSSELS = "Europe/Brussels"
ZONES = (BRUSSELS, "Asia/Hong_Kong", "Asia/Kuala_Lumpur", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut",
         "Africa/Casablanca", "Pacific/Chatham", "UTC")  # fmt: skip
HOUR, DAY = 3_600, 86_400


def table(*rows: str) -> Departures:
    return load_departures({"departures.csv": "\n".join((HEADER, *rows)).encode()})


def row(name: str = "A", to: str = "X", days: str = "", at: str = "18:00", zone: str = BRUSSELS, **more: object) -> str:
    fields: dict[str, object] = {"departure": name, "destination": to, "kind": "truck", "weekdays": days, "cut_off": at}
    fields |= {"zone": zone, "transit_min": 20, "open_min": 240, "warn_min": 30} | {
        key.rstrip("_"): value for key, value in more.items()
    }
    return ",".join(str(fields.get(column, "")) for column in COLUMNS)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def next_s(departures: Departures, wall_s: int, to: str = "X") -> int:
    found = departures.next_of(to, wall_s)
    assert found is not None
    return found.cut_off_s


# ---------------------------------------------------------------------------------------------- the next one


def test_the_next_cut_off_is_on_the_clock_of_the_zone() -> None:
    departures = table(row(days="Mon-Fri"))
    # Friday 2026-11-27; in Brussels it is an hour later than UTC.
    assert next_s(departures, utc("2026-11-27T16:59:59")) == utc("2026-11-27T17:00")
    assert next_s(departures, utc("2026-11-27T17:00")) == utc("2026-11-30T17:00")


def test_the_earliest_of_several_and_of_two_alike_the_first_in_the_file() -> None:
    departures = table(
        row("A", at="20:00"), row("B", at="18:00"), row("C", at="18:00"), row("P", at="17:00", premium="yes")
    )
    found = departures.next_of("X", utc("2026-11-27T12:00"))
    assert found is not None
    assert found.departure == "B"
    behind = departures.after(found)
    assert behind is not None
    assert (behind.departure, behind.cut_off_s) == ("A", utc("2026-11-27T19:00"))


def test_a_row_may_lead_to_several_destinations_and_a_departure_have_several_rows() -> None:
    departures = table(row("A", "X;Y", "Mon-Fri"), row("A", "X", "Sat", "12:00"))
    saturday = utc("2026-11-28T00:00")
    assert next_s(departures, saturday, "X") == utc("2026-11-28T11:00")
    assert next_s(departures, saturday, "Y") == utc("2026-11-30T17:00")
    named = departures.named("A", saturday)
    assert named is not None
    assert (named.cut_off_s, named.destination) == (utc("2026-11-28T11:00"), "")
    behind = departures.after(named)
    assert behind is not None
    assert behind.cut_off_s == utc("2026-11-30T17:00")


def test_what_does_not_leave_there_is_never_late() -> None:
    departures = table(row())
    assert departures.next_of("elsewhere", 0) is departures.premium_of("X", 0) is departures.named("B", 0) is None
    empty = load_departures({})
    assert (empty.next_of("X", 0), empty.states(0), empty.next_change_s(0)) == (None, {}, None)


def test_dates_bound_a_row() -> None:
    departures = table(row(from_="2026-12-01", until="2026-12-02"))
    assert next_s(departures, utc("2026-11-01T00:00")) == utc("2026-12-01T17:00")
    assert next_s(departures, utc("2026-12-01T18:00")) == utc("2026-12-02T17:00")
    assert departures.next_of("X", utc("2026-12-02T17:00")) is None
    # what has ended is remembered no longer than it is true
    assert next_s(departures, utc("2026-12-01T18:00")) == utc("2026-12-02T17:00")


def test_a_clock_that_was_set_back_gets_the_earlier_answer_again() -> None:
    departures = table(row(days="Mon"), row("B", days="Tue"))
    monday, tuesday = utc("2026-11-30T17:00"), utc("2026-12-01T17:00")
    assert [next_s(departures, at) for at in (monday, monday - 1, monday + 9, monday - DAY)] == [
        tuesday, monday, tuesday, monday,
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------- clocks that change


def test_a_cut_off_keeps_its_time_on_the_clock_over_a_change() -> None:
    departures = table(row())
    # Brussels: 2027-03-28 forward, 2027-10-31 back
    assert next_s(departures, utc("2027-03-27T12:00")) == utc("2027-03-27T17:00")
    assert next_s(departures, utc("2027-03-28T12:00")) == utc("2027-03-28T16:00")
    assert next_s(departures, utc("2027-10-30T12:00")) == utc("2027-10-30T16:00")
    assert next_s(departures, utc("2027-10-31T12:00")) == utc("2027-10-31T17:00")


def test_a_cut_off_in_the_hour_that_is_missing_is_told_and_moved_to_the_change() -> None:
    departures = table(row(at="02:30"))
    (warning,) = departures.warnings
    assert (warning.file, warning.line, warning.key) == ("departures.csv", 2, "cut_off")
    assert "02:30 is not on the clock of Europe/Brussels on the Sunday" in warning.what
    assert warning.what.endswith("the cut-off is at 03:00")
    found = departures.next_of("X", utc("2027-03-28T00:00"))
    assert found is not None
    assert found.cut_off_s == utc("2027-03-28T01:00")
    assert "moved" in found.note
    assert next_s(departures, found.cut_off_s) == utc("2027-03-29T00:30")
    assert table(row(at="02:30", days="Mon-Sat")).warnings == ()


def test_of_the_hour_that_comes_twice_the_earlier_counts() -> None:
    departures = table(row(at="02:30"), row("B", at="02:45"))
    assert next_s(departures, utc("2027-10-31T00:00")) == utc("2027-10-31T00:30")
    # in the second pass both are over, though the clock shows 02:15 again
    assert next_s(departures, utc("2027-10-31T01:15")) == utc("2027-11-01T01:30")
    found = departures.next_of("X", utc("2027-10-31T00:00"))
    assert found is not None
    assert "twice" in found.note


@pytest.mark.parametrize("zone", ["Asia/Hong_Kong", "Asia/Kuala_Lumpur"])
def test_without_summer_time_every_day_has_24_hours(zone: str) -> None:
    departures = table(row(at="02:30", zone=zone))
    assert departures.warnings == ()
    at = utc("2027-01-01T00:00")
    for _ in range(400):
        following = next_s(departures, at)
        assert following % DAY == utc("1970-01-01T18:30")
        assert following - at <= DAY
        at = following


# ---------------------------------------------------------------------------------------------- slack


def test_slack_is_what_is_left_behind_the_way_to_the_dock() -> None:
    departures = table(
        row(transit_min=20), row("B", at="19:00", transit_min=5), row("P", at="18:10", transit_min=1, premium="yes")
    )
    cut_off = utc("2026-11-27T17:00")
    first = departures.next_of("X", cut_off - 1200)
    assert first is not None
    assert [slack_s(first, cut_off - 1200 + late) for late in (0, 1)] == [0, -1]
    found = [departures.in_time_of("X", cut_off - 1200 + late) for late in (-1, 0, 1)]
    assert [leaving.departure for leaving in found if leaving] == ["A", "A", "B"]
    premium = departures.premium_of("X", cut_off)
    assert premium is not None
    assert premium.cut_off_s == cut_off + 600
    later = departures.after(premium)
    assert later is not None
    assert (later.premium, later.cut_off_s) == (True, cut_off + 600 + DAY)


def test_the_72_hour_clock_runs_to_the_door() -> None:
    leaving = table(row(door_min=26 * 60)).next_of("X", utc("2026-11-27T12:00"))
    assert leaving is not None
    due_s = utc("2026-11-28T20:00")
    assert due_slack_s(ParcelRecord("W", due_s=due_s), leaving) == HOUR
    assert due_slack_s(ParcelRecord("W"), leaving) is None


# ---------------------------------------------------------------------------------------------- open, warning, closed


def test_a_departure_opens_warns_and_closes() -> None:
    departures = table(row())
    cut_off = utc("2026-11-27T17:00")
    told = []
    at: int | None = cut_off - 20 * HOUR
    while at is not None and at <= cut_off + 20 * HOUR:
        state = departures.states(at)["A"]
        told.append(((at - cut_off) // 60, state.phase))
        assert departures.next_change_s(at) == state.next_change_s
        at = departures.next_change_s(at)
    assert told == [
        (-1200, Phase.CLOSED),
        (-240, Phase.OPEN),
        (-30, Phase.WARNING),
        (0, Phase.CLOSED),
        (24 * 60 - 240, Phase.OPEN),
    ]


def test_without_an_opening_time_it_is_closed_only_by_its_end() -> None:
    departures = table(row(open_min="", warn_min="", until="2026-11-27"))
    cut_off = utc("2026-11-27T17:00")
    assert departures.states(cut_off - 15 * 60)["A"].phase is Phase.WARNING
    assert departures.states(cut_off - 15 * 60 - 1)["A"].phase is Phase.OPEN
    assert departures.states(cut_off) == {}


def test_a_destination_is_open_while_one_of_its_departures_is() -> None:
    departures = table(row(), row("B", at="23:00", open_min=480))
    at = utc("2026-11-27T17:00")
    states = {name: state.phase for name, state in departures.states(at).items()}
    assert states == {"A": Phase.CLOSED, "B": Phase.OPEN}
    found = departures.state_of("X", at)
    assert found is not None
    assert (found.phase, found.leaving.departure) == (Phase.OPEN, "B")
    assert departures.state_of("Y", at) is None


# ---------------------------------------------------------------------------------------------- against a naive search


def naive_moment(zone: ZoneInfo, local: datetime) -> int:
    at = int(local.replace(tzinfo=zone, fold=0).timestamp())
    if datetime.fromtimestamp(at, zone).replace(tzinfo=None) == local:
        return at
    while datetime.fromtimestamp(at - 60, zone).replace(tzinfo=None) > local:
        at -= 60
    return at


def naive_next(departures: Departures, wall_s: int, to: str) -> int | None:
    found = []
    for weekly in departures.rows:
        if to not in weekly.destinations:
            continue
        zone = ZoneInfo(weekly.offsets.name)
        today = datetime.fromtimestamp(wall_s, zone).date()
        for ahead in range(-2, 12):
            day = today + timedelta(days=ahead)
            number = (day - date(1970, 1, 1)).days
            if day.weekday() in weekly.weekdays and weekly.first_day <= number <= weekly.last_day:
                local = datetime(day.year, day.month, day.day) + timedelta(seconds=weekly.cut_off_s)
                at = naive_moment(zone, local)
                if at > wall_s:
                    found.append(at)
    return min(found, default=None)


times = st.builds(
    "{:02}:{:02}".format, st.one_of(st.integers(0, 3), st.integers(0, 23)), st.one_of(st.just(30), st.integers(0, 59))
)
days = st.sets(st.integers(1, 7), min_size=1).map(lambda found: "".join(map(str, sorted(found))))
dates = st.dates(date(2026, 10, 1), date(2027, 12, 1)).map(str)


def _named(days: str, at: str, zone: str, bounds: tuple[str, str] | None) -> str:
    # rows of one name must be alike: every row has its own
    name = f"N{crc32(repr((days, at, zone, bounds)).encode())}"
    return row(name, "X", days, at, zone, from_=min(bounds) if bounds else "", until=max(bounds) if bounds else "")


rows = st.builds(_named, days, times, st.sampled_from(ZONES), st.one_of(st.none(), st.tuples(dates, dates)))
changes = st.sampled_from([utc("2027-03-28T01:00"), utc("2027-10-31T01:00"), utc("2027-11-07T06:00"), utc("2027-04-03T15:00"),
                           utc("2027-02-07T02:00"), utc("2027-03-27T22:00"), utc("2027-10-30T21:00")])  # fmt: skip
moments = st.one_of(
    st.integers(utc("2026-10-01T00:00"), utc("2027-12-01T00:00")),
    st.builds(lambda at, by: at + by, changes, st.integers(-2 * DAY, 2 * DAY)),
    st.builds(lambda at, by: at + by * 900, changes, st.integers(-12, 12)),
)


@given(st.lists(rows, min_size=1, max_size=4), st.lists(moments, min_size=1, max_size=6))
def test_the_next_cut_off_is_the_one_that_a_search_of_all_days_finds(table_rows: list[str], asked: list[int]) -> None:
    departures = table(*dict.fromkeys(table_rows))
    for wall_s in asked:
        found = departures.next_of("X", wall_s)
        naive = naive_next(departures, wall_s, "X")
        # a row that begins later than the search looks ahead
        if naive is None:
            assert found is None or found.cut_off_s > wall_s + 9 * DAY
        else:
            assert found is not None
            assert found.cut_off_s == naive


@given(st.lists(rows, min_size=1, max_size=4), moments)
def test_nothing_opens_warns_or_closes_between_two_changes(table_rows: list[str], wall_s: int) -> None:
    departures = table(*dict.fromkeys(table_rows))
    before = {name: state.phase for name, state in departures.states(wall_s).items()}
    change = departures.next_change_s(wall_s)
    if change is None:
        return
    assert change > wall_s
    again = Departures(departures.rows)
    for at in (wall_s, (wall_s + change) // 2, change - 1):
        assert {name: state.phase for name, state in again.states(at).items()} == before
    for name, state in departures.states(wall_s).items():
        assert state.leaving.cut_off_s > wall_s, name


@given(rows, st.lists(moments, min_size=2, max_size=2).map(sorted))
def test_a_later_moment_never_has_an_earlier_cut_off(one: str, asked: list[int]) -> None:
    departures = table(one)
    first, second = (departures.next_of("X", at) for at in asked)
    if first is not None and second is not None:
        assert first.cut_off_s <= second.cut_off_s
    assert second is None or first is not None
