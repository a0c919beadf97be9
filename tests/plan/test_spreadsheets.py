"""What a spreadsheet does to rules and destinations is mended knowingly, or told with its line."""

import pytest

from sortctl.plan import Asked
from sortctl.plan.load import PlanInvalid, load_plan
from tests.plan.small import DESTINATIONS, plan_of, problems_of, said

HEAD = "rule,country,postcode_from,destination\n"


@pytest.mark.parametrize(
    "text",
    [
        "rule,country,postcode_from,destination\nr,BE,1000,A\n",
        "\ufeffrule,country,postcode_from,destination\nr,BE,1000,A\n",
        "rule;country;postcode_from;destination\nr;BE;1000;A\n",
        'rule;country;postcode_from;destination\r\n"r";"BE";"1000";"A"\r\n',
        "Rule,COUNTRY,Postcode_From,Destination\nr,be,1000,A\n",
        "rule,country,postcode_from,destination,,\nr,BE,1000,A,,\n,,,,,\n\n",
        "\n# of the planner\nrule, country ,postcode_from, destination\n r , be , 1000 , A \n;;;\n",
        "destination,postcode_from,rule,country\nA,1000,r,BE\n",
        "rule,country,postcode_from,destination\rr,BE,1000,A\r",
    ],
)
def test_the_same_plan_in_many_shapes(text: str) -> None:
    plan = plan_of(text)
    match = plan.match(Asked(country="BE", postcode="1000"))
    assert match is not None
    assert (match.rule, match.destination) == ("r", "A")
    assert problems_of(text) == []


@pytest.mark.parametrize(
    ("rules", "line", "column", "severity", "words"),
    [
        (HEAD + "r,BE,1000\n", 2, "", "error", "has 3 fields where the header has 4; put one ',' between two fields"),
        (HEAD + 'r,BE,"1000,A\n', 2, "", "error", 'has a quote that is not closed, or a line break within quotes; write one row in one line'),
        ("rule,country,postcode_form,destination\n", 1, "postcode_form", "error",
         "unknown column; the columns are"),
        (HEAD + "r,BE,1000,A\nr,NL,1000,A\n", 3, "rule", "error", '"r" stands in line 2 already; keep one of the two'),
        (HEAD + "r,BE,1000,A\ns,BE,1000,A\n", 3, "rule", "warning",
         "fits the same parcels as rule r in line 2, which wins; both lead to the same destination; delete one of the two"),
        (HEAD + "r,BE,1000,A\ns,BE,1000,B\n", 3, "rule", "warning",
         "fits the same parcels as rule r in line 2, which wins; delete one of the two"),
        (HEAD + "r,Belgium,1000,A\n", 2, "country", "error", 'there is no country "BELGIUM"; write two letters'),
        (HEAD + "r,,1000,A\n", 2, "country", "error", "is empty although postcode_from is not; write the country"),
        (HEAD + "r,FR,1000,A\n", 2, "postcode_from", "warning",
         "1000 has 4 digits, a postcode of FR has 5: a spreadsheet may have dropped the zero in front; write 01000, or 1000* if"),
        (HEAD + "".join(f"r{n},FR,{n},A\n" for n in range(5, 96)), 2, "postcode_from", "warning",
         "5 has 1 digits, others have 2: a spreadsheet may have dropped the zero in front; write 05, or 5* if"),
        (HEAD + "r,DE,1.0E+04,A\n", 2, "postcode_from", "error", '"10E+04" is no postcode; write its first letters'),
        ("rule,weight_max_g,destination\nr,\"2,5\",A\n", 2, "weight_max_g", "error",
         '"2,5" is no weight; write whole grams from 0 to 10,000,000 without separators'),
        ("rule,weight_max_g,destination\nr,-1,A\n", 2, "weight_max_g", "error", '"-1" is no weight; write whole grams'),
        ("rule,weight_min_g,weight_max_g,destination\nr,3000,2000,A\n", 2, "weight_min_g", "error",
         "3000 is more than weight_max_g 2000; exchange the two"),
        ("rule,declaration,destination\nr,h8,A\n", 2, "declaration", "error",
         'there is no declaration "h8"; known: domestic, export, h1'),
        ("rule,customs,destination\nr,releasd,A\n", 2, "customs", "error",
         'there is no customs state "releasd"; did you mean released?'),
        ("rule,size,destination\nr,S,A\n", 2, "size", "error",
         'there is no size class "S"; write them into plan/plan.toml: sizes = {S = 350}'),
        ("rule,destination\nr,!customs_hold\n", 2, "destination", "error",
         '"!customs_hold" is where a cause leads, no rule; name a destination of your own'),
        ("rule,destination\nr,a\n", 2, "destination", "error", 'there is no destination "a" in plan/destinations.csv'),
    ],
)  # fmt: skip
def test_mistakes_in_rules_are_told(rules: str, line: int, column: str, severity: str, words: str) -> None:
    told = said(rules)
    assert (told[0][:4]) == ("rules.csv", line, column, severity)
    assert told[0][4].startswith(words)


def test_a_bad_byte_is_told_with_its_line() -> None:
    with pytest.raises(PlanInvalid) as caught:
        load_plan(
            {"plan/rules.csv": b"rule,destination\nr,A\n\xe9,A\n", "plan/destinations.csv": DESTINATIONS.encode()}
        )
    assert (3, "is not UTF-8 text") in [(each.line, each.what) for each in caught.value.problems]


def test_lower_case_means_the_same() -> None:
    plan = plan_of("rule,tenant,service,customs,declaration,label,destination\nr,SHOP,Express,Do not Load,H7,S10,A\n")
    (rule,) = plan.rules
    assert rule.conditions == {
        "tenant": "shop", "service": "express", "declaration": "h7", "customs": "do_not_load", "label": "s10",
    }  # fmt: skip


def test_a_star_says_that_the_beginning_is_meant() -> None:
    rules = HEAD + "r,FR,1000*,A\n"
    assert said(rules) == []
    plan = plan_of(rules)
    assert plan.match(Asked(country="FR", postcode="10007")) is not None
    assert plan.match(Asked(country="FR", postcode="01000")) is None


def test_zeros_in_front_are_kept_where_they_stand() -> None:
    plan = plan_of(HEAD + "r,FR,01,A\ns,FR,1,B\n")
    assert [match.rule for code in ("01000", "10000") if (match := plan.match(Asked(country="FR", postcode=code)))] == [
        "r",
        "s",
    ]


def test_a_district_of_gb_is_no_part_of_another() -> None:
    plan = plan_of(HEAD + "birmingham,GB,B,A\nbristol,GB,BS,B\nsw1,GB,SW1,C\nsw,GB,SW,A\n")

    def rule(postcode: str) -> str:
        match = plan.match(Asked(country="GB", postcode=postcode))
        return match.rule if match else ""

    assert [rule(code) for code in ("B11AA", "B338TH", "BS11AA", "SW1A1AA", "SW11AA", "SW101AA", "SW1", "M11AE")] == [
        "birmingham", "birmingham", "bristol", "sw1", "sw1", "sw", "sw1", "",
    ]  # fmt: skip
    ranged = plan_of("rule,country,postcode_from,postcode_to,destination\nr,GB,B2,B20,A\n")
    assert ranged.match(Asked(country="GB", postcode="B191AA")) is not None
    assert ranged.match(Asked(country="GB", postcode="B11AA")) is None


@pytest.mark.parametrize(
    ("destinations", "line", "column", "words"),
    [
        ("destination;chutes\nA;1;2\n", 2, "", "has 3 fields where the header has 2"),
        ('destination;chutes\nA;"1;2"\nB;x\n', 3, "chutes", '"x" is no chute number'),
        ("destination,chutes,balance\nA,1;2,Round Robbin\n", 2, "balance",
         'there is no balance "Round Robbin"; did you mean round_robin?'),
        ("destination,chutes\nA,1\na b,2\n", 3, "destination", '"a b" is no usable name'),
        ("destination,chutes\nA,1\nA,2\n", 3, "destination", '"A" stands in line 2 already'),
        ("destination,chutes,alternates\nA,1;2,2\n", 2, "alternates", "chute 2 stands there twice"),
        ("destination,chutes,overflow\nA,1,nine\n", 2, "overflow", '"nine" is no chute number'),
        ("destination,chutes\nA,1\n!customs_holt,2\n", 3, "destination",
         'there is no cause "customs_holt"; did you mean !customs_hold?'),
        ("destination,chutes,sorter,container\nA,1,x,bag\nA,1,y,cage\n", 3, "container",
         "line 2 says something else of A; write the same, or leave it empty"),
    ],
)  # fmt: skip
def test_mistakes_in_destinations_are_told(destinations: str, line: int, column: str, words: str) -> None:
    told = [each for each in said("rule,destination\nr,A\n", destinations) if each[0] == "destinations.csv"]
    assert told[0][1:3] == (line, column)
    assert told[0][4].startswith(words)
