"""Load: what planners and their spreadsheets write in departures.csv is taken, or refused with the line and the mend."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sortctl.departures import Departures, Kind
from sortctl.departures.load import ROWS_OF_ONE_MAX, DeparturesInvalid, load_departures, offsets_of
from sortctl.site.files import read_folder
from sortctl.site.problem import Problem

HEADER = "departure,destination,kind,weekdays,cut_off,zone,transit_min,open_min,warn_min,premium,door_min,from,until"
GOOD = "A,X,truck,Mon-Fri,18:00,Europe/Brussels,20,240,30,,,,"


def load(*lines: str, destinations: tuple[str, ...] = ()) -> Departures:
    return load_departures({"departures.csv": "\n".join((HEADER, *lines)).encode()}, destinations)


def problems(*lines: str, destinations: tuple[str, ...] = ()) -> list[Problem]:
    with pytest.raises(DeparturesInvalid) as caught:
        load(*lines, destinations=destinations)
    return list(caught.value.problems)


def spoilt(column: str, text: str) -> str:
    fields = GOOD.split(",")
    fields[HEADER.split(",").index(column)] = text
    return ",".join(fields)


@pytest.mark.parametrize(
    ("column", "text", "what", "mend"),
    [
        ("departure", "", "is no usable name", "1 to 32 letters"),
        ("departure", "a b", "is no usable name", "1 to 32 letters"),
        ("destination", "", "is empty", "separated by semicolons"),
        ("destination", "X;X", "stands there twice", "delete one"),
        ("destination", "Z", 'there is no destination "Z" in the plan', "known: X, YY"),
        ("destination", "YYY", "there is no destination", "did you mean YY?"),
        ("destination", "!no_read", "is no place that parcels leave for", "without !"),
        ("kind", "plane", 'is "plane"', "truck or flight"),
        ("weekdays", "Mo-Frj", "names no weekdays", "did you mean fri?"),
        ("weekdays", "Mon;Fry", "names no weekdays", "did you mean fri?"),
        ("weekdays", "1238", "names no weekdays", "write days as"),
        ("weekdays", "1.23E+06", "names no weekdays", "write days as"),
        ("cut_off", "18.00", "is no time of day", "as 18:30"),
        ("cut_off", "6:00 PM", "is no time of day", "as 18:30"),
        ("cut_off", "24:00", "is no time of day", "the weekday after"),
        ("cut_off", "0.75", "is no time of day", "as 18:30"),
        ("cut_off", "", "is empty", "as 18:30"),
        ("zone", "", "is empty", "as Europe/Brussels"),
        ("zone", "Qq", "there is no time zone", "Europe/Brussels"),
        ("zone", "europe/brussels", "there is no time zone", "did you mean Europe/Brussels?"),
        ("zone", "Europe/Brusels", "there is no time zone", "did you mean Europe/Brussels?"),
        ("zone", "../etc/passwd", "there is no time zone", "Europe/Brussels"),
        ("transit_min", "", "is empty", "from 0 to 1,440"),
        ("transit_min", "-5", "is no number of minutes", "from 0 to 1,440"),
        ("transit_min", "0:20", "is no number of minutes", "from 0 to 1,440"),
        ("open_min", "0", "is no number of minutes", "from 1 to 10,080"),
        ("warn_min", "250", "is more than open_min", "make it less"),
        ("premium", "maybe", 'is "maybe"', "yes or no"),
        ("door_min", "2 days", "is no number of minutes", "from 0 to 44,640"),
        ("from", "27/11/2026", "is no date", "as 2026-11-27"),
        ("until", "2026-02-30", "is no date", "as 2026-11-27"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_mend(column: str, text: str, what: str, mend: str) -> None:
    (problem,) = problems(GOOD, spoilt(column, text), destinations=("X", "YY"))
    assert (problem.file, problem.line, problem.key) == ("departures.csv", 3, column)
    assert what in problem.what
    assert mend in problem.mend


def test_all_mistakes_are_told_at_once() -> None:
    found = problems(spoilt("kind", "ship"), GOOD, "A,X,truck", spoilt("zone", "Mars/Base"))
    assert [(problem.line, problem.key) for problem in found] == [(2, "kind"), (4, ""), (5, "zone")]


def test_the_last_day_is_not_before_the_first() -> None:
    (problem,) = problems("A,X,truck,,18:00,Europe/Brussels,20,240,30,,,2026-12-01,2026-11-01")
    assert (problem.key, problem.mend) == ("until", "exchange from and until")


@pytest.mark.parametrize(
    ("text", "days"),
    [("", "1234567"), ("daily", "1234567"), ("Mon-Fri", "12345"), ("sat;SUN", "67"), ("Fri-Mon", "1567"), ("Monday", "1"),
     ("Mo-Fr", "12345"), ("Mon Wed Fri", "135"), ("Mon/Tue", "12"), ("135", "135"), ("1.3.5..", "135"), ("....5..", "5"),
     ("1 2 3", "123")],
)  # fmt: skip
def test_weekdays_are_read_as_timetables_write_them(text: str, days: str) -> None:
    (row,) = load(spoilt("weekdays", text)).rows
    assert row.weekdays == {int(day) - 1 for day in days}


@pytest.mark.parametrize(
    ("text", "minutes"), [("18:05", 1085), ("8:05", 485), ("08:05:00", 485), ("0:00", 0), ("23:59", 1439)]
)
def test_times_are_read_as_spreadsheets_write_them(text: str, minutes: int) -> None:
    (row,) = load(spoilt("cut_off", text)).rows
    assert row.cut_off_s == minutes * 60


def test_a_spreadsheet_s_file_is_taken() -> None:
    data = (
        b"\xef\xbb\xbfDeparture;Destination;Kind;Weekdays;Cut_off;Zone;Transit_min;Premium\r\n\r\n"
        b'# flights\r\nCX1;"X;Y";FLIGHT;;8:00;Asia/Hong_Kong;60;YES\r\n;;;;;;;\r\nCX2;X;flight;;9:00;Asia/Hong_Kong;60;\r\n'
    )
    found = load_departures({"departures.csv": data})
    first, second = found.rows
    assert (first.destinations, first.kind, first.premium, second.premium) == (("X", "Y"), Kind.FLIGHT, True, False)
    assert (first.open_s, first.warn_s, first.door_s) == (7 * 86_400, 15 * 60, 0)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("kind", "flight"),
        ("zone", "Europe/Paris"),
        ("transit_min", "25"),
        ("open_min", "200"),
        ("warn_min", "40"),
        ("premium", "yes"),
    ],
)
def test_the_rows_of_one_departure_have_one_dock_and_one_clock(column: str, text: str) -> None:
    (problem,) = problems(GOOD, spoilt(column, text).replace("X", "Y"))
    assert (problem.line, problem.key) == (3, column)
    assert "in line 2 of the same departure" in problem.what


def test_what_is_odd_but_can_be_meant_is_a_warning() -> None:
    found = load(
        GOOD, GOOD, spoilt("departure", "B").replace(",30,", ",20,"), "P,Y,truck,,18:00,UTC,5,60,30,yes,,,"
    ).warnings
    assert [(problem.line, problem.key) for problem in found] == [(3, "cut_off"), (4, "warn_min"), (5, "premium")]
    assert "stands in line 2 already" in found[0].what
    assert {problem.severity for problem in found} == {"warning"}


def test_a_destination_has_a_limit_of_rows() -> None:
    rows = [f"D{number},X,truck,,18:00,UTC,20,240,30,,,," for number in range(ROWS_OF_ONE_MAX + 1)]
    (problem,) = problems(*rows)
    assert (problem.line, problem.key) == (ROWS_OF_ONE_MAX + 2, "destination")


def test_a_site_without_the_file_has_no_departures() -> None:
    assert load_departures({}).rows == ()


def test_the_site_reads_the_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("site")
    (folder / "departures.csv").write_text("x")
    assert read_folder(folder)[0] == {"departures.csv": b"x"}


@pytest.mark.parametrize("name", ["Europe/Brussels", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Hong_Kong"])
def test_the_clocks_are_those_of_the_zone_data(name: str) -> None:
    offsets, zone = offsets_of(name), ZoneInfo(name)
    assert offsets is not None
    at = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    for hour in range(0, 2 * 366 * 24, 5):
        moment = datetime.fromtimestamp(at + hour * 3600, zone)
        told = moment.utcoffset()
        assert told is not None
        assert offsets.local(at + hour * 3600) == at + hour * 3600 + told.total_seconds(), moment
