"""A sort plan is read whole or refused whole; its look-ups never raise."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.plan import Asked, Group, Match
from sortctl.plan.load import PlanInvalid, load_plan
from sortctl.site.load import load_site
from sortctl.site.problem import Problem
from sortctl.words.causes import Balance

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"

RULES = """rule,country,postcode_from,postcode_to,destination
be,BE,,,BE-S
be-brussels,BE,1000,1299,BE-C
be-north,BE,10,29,BE-N
de-0,DE,0,,DE-E
de-01,DE,01,01,DE-W
nl,NL,1000,1299,NL
nl-again,nl,10 00,12-99,BE-S
"""
DESTINATIONS = "destination,chutes\nBE-N,1;2\nBE-C,3\nBE-S,4\nDE-E,5\nDE-W,6\nNL,7\n"


def files(rules: str = RULES, destinations: str = DESTINATIONS) -> dict[str, bytes]:
    return {
        "plan/rules.csv": rules.encode(),
        "plan/destinations.csv": destinations.encode(),
    }


def problems(given_files: dict[str, bytes]) -> list[tuple[str, int, str, str]]:
    with pytest.raises(PlanInvalid) as caught:
        load_plan(given_files)
    return [(each.file, each.line, each.key, each.what) for each in caught.value.problems if each.severity == "error"]


@pytest.mark.parametrize(
    ("country", "postcode", "rule"),
    [
        ("BE", "1000", "be-brussels"),
        ("BE", "1299", "be-brussels"),
        ("BE", "1300", "be-north"),
        ("BE", "2999", "be-north"),
        ("BE", "3000", "be"),
        ("BE", "", "be"),
        ("DE", "01067", "de-01"),
        ("DE", "02625", "de-0"),
        ("DE", "10115", None),
        ("DE", "", None),
        ("NL", "1012AB", "nl"),
        ("FR", "75001", None),
    ],
)
def test_the_most_specific_rule_wins(country: str, postcode: str, rule: str | None) -> None:
    match = load_plan(files()).match(Asked(country=country, postcode=postcode))
    assert (match.rule if match else None) == rule


def test_chutes_are_found() -> None:
    plan = load_plan(files())
    assert plan.chutes("line1", "BE-N") == (1, 2)
    assert plan.chutes("line1", "nowhere") == ()


def test_two_rules_for_the_same_postcodes_are_asked_about() -> None:
    (warning,) = load_plan(files()).warnings
    assert (warning.line, warning.severity) == (8, "warning")
    assert warning.what == "fits the same parcels as rule nl in line 7, which wins"


def test_ranges_that_cross_are_asked_about() -> None:
    (_, warning) = load_plan(files(rules=RULES + "be-odd,BE,28,39,BE-S\n")).warnings
    assert warning.line == 9
    assert warning.what == "shares postcodes with rule be-north in line 4; there the narrower wins"


def test_a_destination_without_a_rule_is_asked_about() -> None:
    warnings = load_plan(files(destinations=DESTINATIONS + "IT,8\n")).warnings
    assert 'no rule leads to "IT"' in {warning.what for warning in warnings}


def test_every_mistake_is_told_with_its_line() -> None:
    wrong = files(
        rules="rule,country,postcode_from,postcode_to,destination\n"
        "r1,XX,,,BE\nr2,BE,2000,1000,BE\nr3,BE,10,1999,BE\nr4,BE,,1000,BE\nr5,BE,1_0,1_0,BE\nr1,BE,,,EB\n,BE,,,BE\n",
        destinations="destination,chutes\nBE,1;x;1\nBE,2\nNL,\n",
    )
    assert problems(wrong) == [
        ("plan/destinations.csv", 2, "chutes", '"x" is no chute number'),
        ("plan/destinations.csv", 2, "chutes", "chute 1 stands there twice"),
        ("plan/destinations.csv", 3, "destination", '"BE" stands in line 2 already'),
        ("plan/destinations.csv", 4, "chutes", '"" is no chute number'),
        ("plan/rules.csv", 2, "country", 'there is no country "XX"'),
        ("plan/rules.csv", 3, "postcode_from", "2000 is behind 1000"),
        ("plan/rules.csv", 4, "postcode_to", "has 4 characters where postcode_from has 2"),
        ("plan/rules.csv", 5, "postcode_from", "is empty although postcode_to is not"),
        ("plan/rules.csv", 6, "postcode_from", '"1_0" is no postcode'),
        ("plan/rules.csv", 7, "destination", 'there is no destination "EB" in plan/destinations.csv'),
        ("plan/rules.csv", 7, "rule", '"r1" stands in line 2 already'),
        ("plan/rules.csv", 8, "rule", '"" is no usable name'),
    ]


def test_a_missing_file_is_told() -> None:
    assert [(each[0], each[3]) for each in problems({})] == [
        ("plan/destinations.csv", "is missing"),
        ("plan/rules.csv", "is missing"),
    ]


def test_a_chute_the_machine_lacks_is_told() -> None:
    machines = load_site(DEMO).machines[:1]
    with pytest.raises(PlanInvalid) as caught:
        load_plan(files(destinations=DESTINATIONS.replace("NL,7", "NL,7;25")), machines)
    (problem,) = [each for each in caught.value.problems if each.severity == "error"]
    assert problem == Problem(
        "plan/destinations.csv", 7, "chutes", "there is no chute 25", "the machine has the chutes 1-24"
    )


def test_semicolons_may_separate_columns_too() -> None:
    plan = load_plan(files(destinations='destination;chutes\nBE-N;"1;2"\nBE-C;3\nBE-S;4\nDE-E;5\nDE-W;6\nNL;7\n'))
    assert plan.chutes("line1", "BE-N") == (1, 2)


@given(st.sampled_from(["rules", "destinations"]), st.binary(max_size=120), st.text(max_size=120))
def test_nothing_but_plan_invalid_is_raised(which: str, raw: bytes, text: str) -> None:
    good = files()
    name = f"plan/{which}.csv"
    header = good[name].split(b"\n")[0]
    for data in (raw, header + b"\n" + raw, header + b"\n" + text.encode("utf-8", "surrogatepass")):
        try:
            plan = load_plan({**good, name: data})
        except PlanInvalid as invalid:
            found = invalid.problems
        else:
            assert plan.match(Asked(country=text, postcode=text)) is None or text in {"BE", "DE", "NL"}
            continue
        assert found


@given(st.text(max_size=30), st.text(max_size=30))
def test_looking_up_never_raises(country: str, postcode: str) -> None:
    plan = load_plan(files())
    for place in (country, "BE", "DE"):
        match = plan.match(Asked(country=place, postcode=postcode))
        assert match is None or isinstance(match, Match)


ON_TWO = """destination,chutes,sorter,balance
BE-N,1;2,line1,
BE-N,3;4;5,loop1,Round_Robin
BE-C,30;31,,least_loaded
BE-S,4,,
DE-E,5,line1,
DE-E,6;7,loop1,fill_then_next
DE-W,6,,fixed
NL,7,,
"""


def test_each_sorter_has_its_own_group() -> None:
    plan = load_plan(files(destinations=ON_TWO), load_site(DEMO).machines)
    assert plan.group("line1", "BE-N") == Group((1, 2), Balance.FIXED)
    assert plan.group("loop1", "BE-N") == Group((3, 4, 5), Balance.ROUND_ROBIN)
    assert plan.chutes("loop1", "DE-E") == (6, 7)
    # without a sorter: every sorter that has all of its chutes
    assert plan.chutes("line1", "NL") == plan.chutes("loop1", "NL") == (7,)
    assert plan.group("loop1", "BE-C").balance is Balance.LEAST_LOADED
    assert plan.group("line1", "BE-C") == Group()
    assert plan.destinations == ("BE-N", "BE-C", "BE-S", "DE-E", "DE-W", "NL")
    told = [(each.line, each.what) for each in plan.warnings if each.file == "plan/destinations.csv"]
    assert told == [(4, '"BE-C" has no chute on sorter line1: its parcels are rejected there')]


def test_as_long_as_the_machines_are_not_known_a_row_is_for_every_sorter() -> None:
    plan = load_plan(files(destinations=ON_TWO))
    assert plan.chutes("line1", "BE-C") == plan.chutes("loop1", "BE-C") == (30, 31)
    assert plan.chutes("line1", "DE-E") == (5,)
    assert plan.chutes("another", "DE-E") == ()
    # then they are
    line, loop = load_site(DEMO).machines
    both = plan.on((line, loop))
    assert both.chutes("line1", "BE-C") == ()
    assert both.chutes("loop1", "BE-C") == (30, 31)
    alone = plan.on((line,))
    assert alone.group("line1", "DE-E") == plan.group("line1", "DE-E")
    assert alone.chutes("loop1", "DE-E") == ()


@pytest.mark.parametrize(
    ("row", "key", "says"),
    [
        ("NL,7,line2,", "sorter", 'there is no sorter "line2"; did you mean line1?'),
        ("NL,25,line1,", "chutes", "there is no chute 25; sorter line1 has the chutes 1-24"),
        ("NL,61,,", "chutes", "there is no chute 61; the sorters have the chutes 1-24 (line1), 1-60 (loop1)"),
        ("NL,7;8,,least_load", "balance", 'there is no balance "least_load"; did you mean least_loaded?'),
        ("NL,7,loop1,\nNL,8,loop1,", "destination", '"NL" stands in line 9 already; keep one of the two'),
    ],
)
def test_mistakes_of_groups_are_told(row: str, key: str, says: str) -> None:
    with pytest.raises(PlanInvalid) as caught:
        load_plan(files(destinations=ON_TWO.replace("NL,7,,", row)), load_site(DEMO).machines)
    (problem,) = [each for each in caught.value.problems if each.severity == "error"]
    assert (problem.key, f"{problem.what}; {problem.mend}") == (key, says)


def test_chutes_that_no_sorter_has_together_are_told() -> None:
    one, other = load_site(DEMO).machines
    other = other.model_copy(update={"chutes": other.chutes[10:]})
    with pytest.raises(PlanInvalid) as caught:
        load_plan(files(destinations=ON_TWO.replace("NL,7,,", "NL,7;30,,")), (one, other))
    assert "no sorter has all of these chutes" in str(caught.value)


def test_a_balance_over_one_chute_is_asked_about() -> None:
    plan = load_plan(files(destinations=ON_TWO.replace("NL,7,,", "NL,7,,round_robin")), load_site(DEMO).machines)
    assert "round_robin has nothing to choose from: the group has one chute" in {each.what for each in plan.warnings}


@pytest.mark.parametrize(("sorter", "end"), [("line1", 22), ("loop1", 58)])
def test_the_demonstration_plan_leaves_reject_and_end_free(sorter: str, end: int) -> None:
    site = load_site(DEMO)
    plan = load_plan(site.files, site.machines)
    assert plan.warnings == ()
    chutes = {number for destination in plan.destinations for number in plan.group(sorter, destination).every}
    assert chutes <= set(range(1, end + 1))


def test_the_demonstration_plan_uses_every_balance_that_asks_nothing_of_hands() -> None:
    site = load_site(DEMO)
    plan = load_plan(site.files, site.machines)
    assert {plan.group("loop1", destination).balance for destination in plan.destinations} == {
        Balance.FIXED,
        Balance.ROUND_ROBIN,
        Balance.LEAST_LOADED,
        Balance.FILL_THEN_NEXT,
    }


CODED = """rule,tenant,code_from,code_to,country,postcode_from,destination
all,,,,,,NL
be,,,,BE,1000,BE-C
mail,,rr 1-00,RR199,,,BE-N
mail-be,,RR150*,,BE,,BE-S
shop,shop,,,,,DE-E
"""


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (Asked(country="BE", postcode="1000", code="RR098"), "be"),
        (Asked(country="BE", postcode="1000", code="rr100 5"), "mail"),
        (Asked(country="BE", postcode="1000", code="RR15099"), "mail-be"),
        (Asked(country="NL", postcode="1000", code="RR15099"), "mail"),
        (Asked(country="NL", code="RR200"), "all"),
        (Asked(country="NL", tenant="shop", code="RR100"), "shop"),
    ],
)
def test_a_rule_for_codes_outranks_all_but_one_for_a_tenant(asked: Asked, rule: str) -> None:
    match = load_plan(files(rules=CODED)).match(asked)
    assert match is not None
    assert match.rule == rule
    assert match.by_code == rule.startswith("mail")


def test_mistakes_in_codes_are_told() -> None:
    rows = "a,,RR20,RR100,,,NL\nb,,1.2E+19,,,,NL\nc,,,RR1,,,NL\nd,,RR9,RR1,,,NL\n"
    assert problems(files(rules=CODED + rows)) == [
        ("plan/rules.csv", 7, "code_to", "has 5 characters where code_from has 4"),
        ("plan/rules.csv", 8, "code_from", '"12E+19" is no code'),
        ("plan/rules.csv", 9, "code_from", "is empty although code_to is not"),
        ("plan/rules.csv", 10, "code_from", "RR9 is behind RR1"),
    ]
    warned = load_plan(files(rules=CODED + "e,,RR180,RR220,,,NL\nf,,RR100,RR199,,,NL\n")).warnings
    assert [(each.line, each.key, each.what) for each in warned if each.file == "plan/rules.csv"] == [
        (7, "code_from", "shares codes with rule mail in line 4; there the narrower wins"),
        (8, "rule", "fits the same parcels as rule mail in line 4, which wins"),
    ]
    nested = "".join(f"n{n},,{'7' * n},,,,NL\n" for n in range(1, 19))
    assert problems(files(rules=CODED + nested)) == [
        ("plan/rules.csv", 0, "code_from",
         "17 ranges of one tenant hold the code 77777777777777777: 16 at most may lie within one another"),
    ]  # fmt: skip
