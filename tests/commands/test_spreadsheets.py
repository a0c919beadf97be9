"""What people and their spreadsheets do to lists of parcels, to a plan and to departures, through the commands that they type: each is
taken, and then it means what was meant, or is refused with its line and what to do. The page for users shows the same table.
"""

import json
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from sortctl.commands import main
from sortctl.commands.options import Exit

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "config" / "demo"
PAGE = (ROOT / "docs" / "how-to" / "bring-in-parcel-data.md").read_text(encoding="utf-8")
HEAD = "waybill,country,postcode,weight_g,due\n"


class Case(NamedTuple):
    """One mistake. `row`: how it begins in the table for users. `said`: what must be told, with its line; empty: nothing is wrong.
    `knows`: code -> country, for what must be in the store then.
    """

    row: str
    list: str | bytes
    code: Exit
    said: str
    knows: dict[str, str]


OK, SOME, NONE = Exit.OK, Exit.NEGATIVE, Exit.CONFIG
BE = {"X1": "BE"}
TEXT = "format the column as text and export the list again"
CSV = 'save it as "CSV UTF-8"'
CASES = {
    "byte order mark": Case("byte order mark", "\ufeffwaybill,country\nX1,BE\n", OK, "", BE),
    "semicolons": Case("byte order mark", "waybill;country\nX1;BE\n", OK, "", BE),
    "tabs": Case("byte order mark", "waybill\tcountry\nX1\tBE\n", OK, "", BE),
    "quotes": Case("byte order mark", '"waybill","country"\r\n"X1","BE"\r\n', OK, "", BE),
    "old Macintosh": Case("byte order mark", "waybill,country\rX1,BE\rX2,XX\r", SOME, ":3 country", BE),
    "blank lines count": Case("byte order mark", "\n\nwaybill,country\n\nX1,BE\n,,\nX2,XX\n", SOME, ":7 country", BE),
    "capitals in the header": Case("byte order mark", "WAYBILL,Country\nX1,BE\n", OK, "", BE),
    "empty columns": Case("byte order mark", "waybill,country,,,\nX1,BE,,,\n", OK, "", BE),
    "remarks": Case("byte order mark", "# of today\nwaybill,country\n# X9,BE\nX1,BE\n", OK, "", BE),
    "sep line": Case("the line `sep=;`", "sep=;\r\nwaybill;country\r\nX1;BE\r\nX2;XX\r\n", SOME, ":4 country", BE),
    "spaces": Case("spaces and no-break spaces", "waybill ,country\nX1\u00a0, BE \n", OK, "", BE),
    "formula": Case('`="00123"`', 'waybill,country,postcode\n="00123",BE,"=""4000"""\n', OK, "", {"00123": "BE"}),
    "small country": Case("country in small letters", "waybill,country\nX1,be\n", OK, "capitals (first in line 2)", BE),
    "small waybill": Case(
        "waybill in small letters", "waybill,country\nlp1cn,BE\n", OK, "(first in line 2)", {"LP1CN": "BE", "lp1cn": "BE"}
    ),
    "lost zero": Case("postcode without", HEAD + "X1,FR,1000,,\n", OK, "put back (first in line 2)", {"X1": "FR"}),
    "two lost zeros": Case("postcode without", HEAD + "X1,DE,167,,\n", SOME, f':2 postcode: "167" has 3 digits where a postcode in DE has 5; {TEXT}', {}),
    "same line": Case("the same line twice", "waybill,country\nX1,BE\nX1,BE\n", OK, "1 lines stand there more than once", BE),
    "contradiction": Case("two different lines", "waybill,country\nX1,BE\nX1,NL\n", SOME, ":3 waybill: X1 stands in line 2 with other data", BE),
    "scientific": Case("waybill such as", "waybill;country\n1,23457E+12;BE\nX1;BE\n", SOME, f":2 waybill: \"1,23457E+12\" was rounded by a spreadsheet; {TEXT}", BE),
    "made a number": Case("waybill such as", "waybill,country\n123456789012.0,BE\n", SOME, f":2 waybill: \"123456789012.0\" was made a number; {TEXT}", {}),
    "postcode a number": Case("waybill such as", HEAD + "X1,BE,4000.0,,\n", SOME, f":2 postcode: \"4000.0\" was made a number; {TEXT}", {}),
    "zeros at the end": Case("waybill of 18 digits", "waybill,country\n123456789012345000,BE\n", OK, "the digits are gone (first in line 2)", {}),
    "error value": Case("`#N/A`", "waybill,country\n#N/A,BE\n'00123,BE\nX1,#REF!\n", SOME, ':2 waybill: "#N/A" is no code', {}),
    "apostrophe": Case("`#N/A`", "waybill,country\n'00123,BE\n", SOME, ":2 waybill: \"'00123\" is no code", {}),
    "typographic": Case("letters that no barcode", "waybill,country\n“X1”,BE\n", SOME, ":2 waybill: \"“X1”\" has a “, which no barcode holds", {}),
    "full width": Case("letters that no barcode", "waybill,country\n１２３,BE\n", SOME, ":2 waybill:", {}),
    "date": Case("a date such as", HEAD + "X1,BE,,,03/04/2026\n", SOME, ':2 due: "03/04/2026" is no moment; write it as 2026-02-03T14:00:00Z', {}),
    "date without zone": Case("a date such as", HEAD + "X1,BE,,,2026-04-03 14:00\n", SOME, ":2 due: \"2026-04-03 14:00\" has no time zone", {}),
    "day number": Case("a date such as", HEAD + "X1,BE,,,46085.5\n", SOME, ":2 due:", {}),
    "thousands": Case("weight such as", HEAD.replace(",", ";") + "X1;BE;;1.500;\n", SOME, ':2 weight_g: "1.500" is no whole number; write grams in plain digits, as 1500', {}),
    "decimal comma": Case("weight such as", HEAD.replace(",", ";") + "X1;BE;;1,5;\n", SOME, ':2 weight_g: "1,5"', {}),
    "unit": Case("weight such as", HEAD + "X1,BE,,1.5 kg,\n", SOME, ':2 weight_g: "1.5 kg"', {}),
    "thin space": Case("weight such as", HEAD + "X1,BE,,1\u202f500,\n", SOME, ":2 weight_g:", {}),
    "country name": Case("name of a country", "waybill,country\nX1,Belgium\n", SOME, ':2 country: there is no country "Belgium"; write two letters of ISO 3166-1, as BE or NL', {}),
    "three letters": Case("name of a country", "waybill,country\nX1,BEL\n", SOME, ":2 country:", {}),
    "nobody holds": Case("`no` or `FALSE`", "waybill,country,hold\nX1,BE,FALSE\n", SOME, ':2 hold: is "FALSE", which would hold the parcel; leave it empty', {}),
    "other language": Case("header in another language", "Sendungsnummer;Land\nX1;BE\n", NONE, ":1: has no name of a column", {}),
    "no header": Case("header in another language", "X1,BE\nX2,NL\n", NONE, ":1: has no name of a column", {}),
    "bars": Case("header in another language", "waybill|country\nX1|BE\n", NONE, "separated by commas, semicolons or tabs", {}),
    "unknown column": Case("unknown or missing column", "waybill,contry\nX1,BE\n", NONE, ":1 contry: unknown column; did you mean country?", {}),
    "missing column": Case("unknown or missing column", "country,postcode\nBE,4000\n", NONE, ":1 waybill: column is missing", {}),
    "column twice": Case("unknown or missing column", "waybill,country,country\nX1,BE,BE\n", NONE, ":1 country: column stands there twice", {}),
    "too few": Case("too few or too many fields", "waybill,country,postcode\nX2,BE\nX1,BE,4000\n", SOME, ":2: has 2 fields where the header has 3", BE),
    "too many": Case("too few or too many fields", "waybill,country\nX2,BE,4000\nX1,BE\n", SOME, ":2: has 3 fields where the header has 2", BE),
    "line break": Case("a line break within quotes", 'waybill,country,tenant\nX2,BE,"note a\nX3,NL,b"\nX1,BE,c\nX4,XX,c\n', SOME, ":5 country", BE),
    "end of a line break": Case("a line break within quotes", 'waybill,country,tenant\nX2,BE,"note a\nX3,NL,b"\n', SOME, ":3: has a quote that is not closed, or a line break within quotes", {}),
    "Windows-1252": Case("not UTF-8", b"waybill,country,tenant\nX2,BE,M\xfcller\nX1,BE,c\n", SOME, ":2: is not UTF-8 text; save the list as", BE),
    "Windows-1252 header": Case("not UTF-8", b"waybill,Gr\xf6sse\nX1,2\n", NONE, f":1: is not UTF-8 text; {CSV}", {}),
    "Unicode text": Case("not UTF-8", "waybill\tcountry\nX1\tBE\n".encode("utf-16"), NONE, f':1: is UTF-16 ("Unicode text"); {CSV}', {}),
    "UTF-16 without mark": Case("not UTF-8", "waybill\n".encode("utf-16-le"), NONE, ":1: is UTF-16", {}),
    "workbook": Case("a workbook", b"PK\x03\x04" + bytes(range(256)), NONE, f":1: is a workbook, no table of text; {CSV}", {}),
    "compressed": Case("a workbook", b"\x1f\x8b\x08" + bytes(range(256)), NONE, ":1: is compressed; unpack it first", {}),
    "web page": Case("a workbook", "<html><table>\n", NONE, ":1: is a web page", {}),
    "zero bytes": Case("a workbook", bytes(4096), NONE, ":1: begins with zero bytes", {}),
    "one zero byte": Case("a workbook", b"waybill,country\nX\x002,BE\nX1,BE\n", SOME, ":2 waybill: is no code", BE),
    "nothing": Case("a workbook", b"", NONE, ":1: has no header", {}),
}  # fmt: skip


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize("name", CASES)
def test_a_list_of_parcels(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path, state = tmp_path / "list.csv", str(tmp_path / "state")
    path.write_bytes(case.list if isinstance(case.list, bytes) else case.list.encode())
    done = run("parcels", "import", str(path), "--state", state)
    assert done.exit_code == case.code, done.output
    assert (case.said in done.output) if case.said else not done.stderr
    assert "Traceback" not in done.output
    for code, country in case.knows.items():
        told = json.loads(run("parcels", "show", code, "--state", state, "--json").stdout)
        assert told["record"]["country"] == country


def test_the_page_for_users_shows_the_same_table() -> None:
    table = PAGE.partition("### What spreadsheets do")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.MULTILINE)[2:]
    for name, case in CASES.items():
        verdicts = [verdict for first, verdict in rows if first.startswith(case.row)]
        assert verdicts, f"{name}: the table has no row that begins with {case.row}"
        assert case.code is not NONE or "refused" in verdicts[0], name
    shown = {case.row for case in CASES.values()}
    assert not [first for first, _ in rows if not first.startswith(tuple(shown))]


RULES = "rule,country,postcode_from,weight_max_g,destination\n"
PLANS: dict[str, tuple[str | bytes, str]] = {
    "semicolons": (RULES.replace(",", ";") + "r;be;4000;;BE-S\n", ""),
    "tabs": (RULES.replace(",", "\t") + "r\tBE\t4000\t\tBE-S\n", ""),
    "sep line": ("sep=;\n" + RULES.replace(",", ";") + "r;BE;4000;;BE-S\n", ""),
    "byte order mark": ("\ufeff" + RULES + "r,BE,4000,,BE-S\n", ""),
    "formula": (RULES + 'r,FR,"=""01000""",,FR-P\n', ""),
    "no-break spaces": (RULES + "r,BE\u00a0,4000\u00a0,,BE-S\u00a0\n", ""),
    "empty columns": (RULES.strip() + ",,\nr,BE,4000,,BE-S,,\n,,,,,,\n", ""),
    "lost zero": (RULES + "r,FR,1000,,FR-P\n", "rules.csv:2 postcode_from: warning: 1000 has 4 digits"),
    "scientific": (RULES + "r,DE,1.0E+04,,DE-W\n", 'rules.csv:2 postcode_from: "10E+04" is no postcode'),
    "decimal comma": (RULES.replace(",", ";") + "r;BE;;2,5;BE-S\n", 'rules.csv:2 weight_max_g: "2,5" is no weight'),
    "thousands": (RULES.replace(",", ";") + "r;BE;;2.500;BE-S\n", 'rules.csv:2 weight_max_g: "2.500" is no weight'),
    "country name": (RULES + "r,Belgium,,,BE-S\n", 'rules.csv:2 country: there is no country "BELGIUM"'),
    "error value": (RULES + "#N/A,BE,,,BE-S\n", 'rules.csv:2 rule: "#N/A" is no usable name'),
    "twice": (RULES + "r,BE,,,BE-S\n\nr,NL,,,NL-W\n", 'rules.csv:4 rule: "r" stands in line 2 already'),
    "two names for one": (RULES + "r,BE,,,BE-S\ns,BE,,,BE-N\n", "rules.csv:3 rule: warning: fits the same parcels as rule r"),
    "too few": (RULES + "r,BE\n", "rules.csv:2: has 2 fields where the header has 5"),
    "too many": (RULES + "r,BE,,,BE-S,x\n", "rules.csv:2: has 6 fields where the header has 5"),
    "line break": (RULES + 'r,BE,"4000\n",,BE-S\ns,XX,,,BE-S\n', "rules.csv:4 country"),
    "unknown column": (RULES.replace("country", "Land") + "r,BE,,,BE-S\n", "rules.csv:1 land: unknown column"),
    "missing column": ("rule,country\nr,BE\n", "rules.csv:1 destination: column is missing"),
    "Windows-1252": (RULES.encode() + b"\nM\xfcnchen,DE,,,DE-S\n", "rules.csv:3: is not UTF-8 text"),
    "Unicode text": (RULES.encode("utf-16"), f'rules.csv:1: is UTF-16 ("Unicode text"); {CSV}'),
    "workbook": (b"PK\x03\x04", "rules.csv:1: is a workbook"),
    "nothing": (b"", "rules.csv:1: has no header"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_a_plan(name: str, tmp_path: Path) -> None:
    rules, said = PLANS[name]
    shutil.copytree(DEMO / "plan", tmp_path / "plan")
    (tmp_path / "plan" / "rules.csv").write_bytes(rules if isinstance(rules, bytes) else rules.encode())
    done = run("plan", "check", str(DEMO), "--plan", str(tmp_path / "plan"), "--state", str(tmp_path))
    is_good = not said or "warning" in said
    assert done.exit_code == (Exit.OK if is_good else Exit.CONFIG), done.output
    assert said in done.output
    assert said or "rules.csv:2 " not in done.output


TIMES = "departure,destination,kind,weekdays,cut_off,zone,transit_min,from\n"
DAY = "T-1,BE-N;BE-C,truck,Mon-Sat,04:30,Europe/Brussels,20,\n"
DEPARTURES: dict[str, tuple[str | bytes, str]] = {
    "tabs": ((TIMES + DAY).replace(",", "\t"), ""),
    "semicolons": ((TIMES + DAY.replace("BE-N;BE-C", '"BE-N;BE-C"')).replace(",", ";"), ""),
    "sep line": ("sep=,\n" + TIMES + DAY, ""),
    "byte order mark, quotes": ("\ufeff" + TIMES.upper() + DAY.replace("T-1", '"T-1"'), ""),
    "time with seconds": (TIMES + DAY.replace("04:30", "4:30:00"), ""),
    "date": (TIMES + DAY.replace(",20,", ",20,03/04/2026"), 'departures.csv:2 from: "03/04/2026" is no date'),
    "fraction of a day": (TIMES + DAY.replace("04:30", "0.1875"), 'departures.csv:2 cut_off: "0.1875" is no time of day'),
    "afternoon": (TIMES + DAY.replace("04:30", "4:30 PM"), 'departures.csv:2 cut_off: "4:30 PM" is no time of day'),
    "thousands": (TIMES + DAY.replace(",20,", ',"1,020",'), 'departures.csv:2 transit_min: "1,020" is no number of minutes'),
    "days of another language": (TIMES + DAY.replace("Mon-Sat", "Lun-Sam"), 'departures.csv:2 weekdays: "Lun-Sam" names no weekdays'),
    "line break": (TIMES + 'T-0,"BE-N\nX",truck,,04:30,Europe/Brussels,20,\n' + DAY.replace("truck", "lorry"), 'departures.csv:4 kind: is "lorry"'),
    "too few": (TIMES + "T-1,BE-N\n", "departures.csv:2: has 2 fields where the header has 8"),
    "unknown column": (TIMES.replace("cut_off", "cutoff") + DAY, "departures.csv:1 cutoff: unknown column; did you mean cut_off?"),
    "Windows-1252": (TIMES.encode() + b"M\xfcnchen,DE-S,truck,,04:30,Europe/Berlin,20,\n", "departures.csv:2: is not UTF-8 text"),
    "Unicode text": ((TIMES + DAY).encode("utf-16"), 'departures.csv:1: is UTF-16 ("Unicode text")'),
    "nothing": (b"", "departures.csv:1: has no header"),
}  # fmt: skip


@pytest.mark.parametrize("name", DEPARTURES)
def test_departures(name: str, tmp_path: Path) -> None:
    text, said = DEPARTURES[name]
    site = shutil.copytree(DEMO, tmp_path / "site", ignore=shutil.ignore_patterns("parcels.csv"))
    (site / "departures.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = run("check", str(site))
    assert done.exit_code == (Exit.CONFIG if said else Exit.OK), done.output
    assert said in done.output


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (b"sep=;\nwaybill;country;postcode\nX1;BE;4020\n", Exit.OK, '"parcels": 1'),
        (b"waybill\tcountry\tpostcode\nX1\tBE\t4020\n", Exit.OK, '"parcels": 1'),
        (b"PK\x03\x04", Exit.CONFIG, "list.csv:1: is a workbook"),
    ],
)
def test_a_plan_is_tried_out_with_the_same_lists(text: bytes, code: Exit, said: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(text)
    words = ("--parcels", str(tmp_path / "list.csv"), "--state", str(tmp_path), "--json")
    done = run("plan", "simulate", str(DEMO), *words)
    assert done.exit_code == code, done.output
    assert said in done.output
