"""What people ask about a plan: why, what is wrong with it, what another one changes, what a day would be like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sortctl.plan import Asked, Plan
from sortctl.plan.compiled import Compiled
from sortctl.plan.document import Document
from sortctl.plan.model import Destination, Group
from sortctl.plan.rule import Rule
from sortctl.plan.study.diff import diff
from sortctl.plan.study.explain import explain
from sortctl.plan.study.lint import lint
from sortctl.plan.study.simulate import Belt, ChuteRoom, Coming, Outlook, Simulation
from sortctl.words.parcels import CustomsState
from tests.plan.drawn import SIZES, parcels, plans
from tests.plan.small import plan_of

HEAD = "rule,tenant,country,postcode_from,postcode_to,service,customs,weight_max_g,destination\n"
RULES = HEAD + (
    "all,,BE,,,,,,A\nnorth,,BE,20,29,,,,B\ntown,,BE,2000,,,,,C\nlight,,BE,,,,,2000,B\nshop,shop,,,,,,,C\n"
    "held,,BE,,,,under_control,,B\n"
)


def _plan(rules: list[Rule]) -> Plan:
    names = {rule.destination for rule in rules}
    groups = {("", name): Group((number + 1,)) for number, name in enumerate(sorted(names))}
    return Plan(Document("drawn"), Compiled(rules, SIZES), groups, {name: Destination(name) for name in names})


# ------------------------------------------------------------------------------------------- explain


def test_it_says_which_rule_wins_and_why_others_lose() -> None:
    found = explain(plan_of(RULES), Asked(country="BE", postcode="2000", weight_g=500))
    assert found.winner is not None
    assert (found.winner.rule, found.winner.line, found.winner.destination) == ("town", 4, "C")
    assert found.winner.asks == {"country": "BE", "postcode": "2000"}
    assert [(each.rule, each.decided_by) for each in found.others] == [
        ("north", "postcode"), ("light", "postcode"), ("all", "postcode"),
    ]  # fmt: skip


def test_it_says_what_would_change_it() -> None:
    found = explain(plan_of(RULES), Asked(country="BE", postcode="3000", weight_g=5_000))
    assert found.winner is not None
    assert found.winner.rule == "all"
    told = {(each.attribute, each.value): each.destination for each in found.changes}
    assert told == {
        ("postcode", "20 to 29"): "B",
        ("postcode", "2000"): "C",
        ("customs", "under_control"): "B",
        ("weight", "up to 2000 g"): "B",
        ("tenant", "shop"): "C",
    }


def test_without_a_rule_it_says_what_is_missing() -> None:
    found = explain(plan_of(RULES), Asked(country="NL"))
    assert found.winner is None
    assert {(each.attribute, each.value) for each in found.changes} >= {("tenant", "shop"), ("country", "BE")}


@given(plans(), parcels())
def test_explaining_agrees_with_the_plan(rules: list[Rule], asked: Asked) -> None:
    plan = _plan(rules)
    match, found = plan.match(asked), explain(plan, asked)
    assert (found.winner.rule if found.winner else None) == (match.rule if match else None)
    assert all(change.destination != (match.destination if match else "") for change in found.changes)


# ------------------------------------------------------------------------------------------- lint


def _told(rules: str) -> list[tuple[int, str]]:
    return [(each.line, each.what) for each in lint(plan_of(HEAD + rules))]


def test_a_rule_that_never_wins_is_told_with_the_attribute_that_beats_it() -> None:
    covered = "a,,BE,0,4,,,,A\nb,,BE,5,Z,,,,B\nexpress,,BE,,,express,,,C\nz,,BE,,,,,,A\n"
    # the country as a whole is still asked for a parcel without a postcode
    assert _told(covered) == []
    assert _told("a,,BE,10,,,,,A\nb,,BE,11,,,,,B\nc,,BE,10,11,,,,C\nd,,BE,,,,,,A\n") == [
        (4, "never wins: wherever it fits, others are more specific, as rule a in line 2 by its postcode")
    ]
    assert _told("a,,BE,1,,,,,A\nb,,BE,1,,,,,B\nz,,BE,,,,,,A\n") == [
        (3, "never wins: rule a in line 2 fits the same parcels and stands first")
    ]


@given(plans(8), parcels())
def test_a_rule_that_wins_is_never_said_to_be_useless(rules: list[Rule], asked: Asked) -> None:
    plan = _plan(rules)
    match = plan.match(asked)
    useless = {problem.line for problem in lint(plan) if "never wins" in problem.what}
    assert not (isinstance(match, Rule) and match.line in useless)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("a,,BE,10,19,,,,A\nb,,BE,20,29,,,,B\nc,,BE,40,99,,,,A\n",
         "no rule covers BE 3, between rule b and rule c in line 4"),
        ("a,,BE,1000,1299,,,,A\nb,,BE,13,,,,,B\nc,,BE,2000,,,,,C\n",
         "no rule covers BE 14 to 19, between rule b and rule c in line 4"),
        ("a,,FR,,,express,,,A\n", "parcels to FR fit no rule unless they have what the rules ask for: service"),
        ("a,,CA,,,,,,A\nb,,US,,,,,,B\n", "no rule for MX, although most of North America has one"),
    ],
)  # fmt: skip
def test_what_no_rule_covers_is_told(rules: str, words: str) -> None:
    assert words in {what for _, what in _told(rules)}


def test_what_is_covered_is_not_told() -> None:
    assert _told("a,,BE,00,19,,,,A\nb,,BE,200,299,,,,B\nc,,BE,3,9,,,,A\n") == []
    assert _told("a,,BE,10,,,,,A\nb,,BE,30,,,,,B\nz,,,,,,,,A\n") == []
    assert _told("a,,GB,AB,,,,,A\nb,,GB,ZE,,,,,B\n") == []


# ------------------------------------------------------------------------------------------- diff


def test_it_says_what_changes() -> None:
    before = plan_of(RULES, "destination,chutes\nA,1\nB,2\nC,3\n!no_read,9\n")
    after = plan_of(
        RULES.replace("town,,BE,2000,,,,,C", "town,,BE,2000,,,,,A").replace("held,", "stopped,"),
        "destination,chutes,balance\nA,1;4,round_robin\nB,2,\nC,3,\nD,5,\n",
    )
    three = [Asked(country="BE", postcode="2000"), Asked(country="BE"), Asked(country="NL")]
    found = diff(before, after, ["line1"], three)
    assert (found.added, found.removed) == (("D",), ("!no_read",))
    assert [(each.destination, each.before.chutes, each.after.chutes) for each in found.moved] == [("A", (1,), (1, 4))]
    assert (found.rules_added.first, found.rules_removed.first) == (("stopped",), ("held",))
    assert found.rules_changed.first == ("town",)
    told = found.parcels
    assert told is not None
    assert (told.parcels, told.destination_changes, told.chute_changes, told.chutes) == (3, 1, 1, {"line1": 1})
    assert (told.no_rule_before, told.no_rule_after) == (1, 1)
    assert [(flow.before, flow.after, flow.parcels) for flow in told.flows] == [("C", "A", 1)]
    assert not found.is_same


def test_the_same_plan_differs_in_nothing() -> None:
    assert diff(plan_of(RULES), plan_of(RULES + "\n# later\n"), ["line1"], []).is_same


@given(plans(8), plans(8), st.lists(parcels(), max_size=6))
def test_differences_are_those_that_a_walk_over_all_rules_finds(
    old: list[Rule], new: list[Rule], asked: list[Asked]
) -> None:
    before, after = _plan(old), _plan(new)
    found = diff(before, after, ["one"], asked)
    ours, theirs = {rule.rule: rule for rule in old}, {rule.rule: rule for rule in new}
    assert set(found.rules_added.first) == set(theirs) - set(ours)
    assert set(found.rules_removed.first) == set(ours) - set(theirs)
    # all that a rule says but its line
    assert set(found.rules_changed.first) == {
        name for name in set(ours) & set(theirs) if replace(ours[name], line=0) != replace(theirs[name], line=0)
    }

    def led(rules: list[Rule], parcel: Asked) -> str:
        fitting = [rule for rule in rules if not rule.refuses(parcel, _size(parcel.longest_mm))]
        return min(fitting, key=lambda rule: rule.precedence).destination if fitting else ""

    pairs = [(led(old, parcel), led(new, parcel)) for parcel in asked]
    assert found.parcels is not None
    assert found.parcels.destination_changes == sum(one != other for one, other in pairs)
    assert {(flow.before, flow.after) for flow in found.parcels.flows} == {pair for pair in pairs if pair[0] != pair[1]}
    assert found.parcels.no_rule_after == sum(not other for _, other in pairs)


def _size(longest_mm: int) -> str:
    return next((letter for letter, side in SIZES if 0 < longest_mm <= side), "")


# ------------------------------------------------------------------------------------------- simulate


def _outlook(destinations: str, belt: Belt, count: int, every_s: int = 1, by_s: int = 0) -> Outlook:
    plan = plan_of("rule,country,destination\nr,BE,A\n", destinations)
    coming = [Coming(number * every_s, Asked(country="BE")) for number in range(count)]
    return Simulation(plan, {"one": belt}, lambda _, __: ("T", by_s) if by_s else None).run(coming)


def test_a_full_chute_turns_parcels_away_on_a_line() -> None:
    found = _outlook("destination,chutes\nA,1\n", Belt({1: ChuteRoom(10, 3_600)}), 100)
    assert (found.parcels, found.sorted, found.turned_away, found.rode_on) == (100, 100, 0, 0)
    found = _outlook("destination,chutes\nA,1\n", Belt({1: ChuteRoom(10, 1_800)}), 100)
    assert found.sorted + found.turned_away == 100
    # ten places at the beginning, then one for every two parcels
    assert 55 <= found.sorted <= 60
    assert found.chutes[0].turned_away == found.turned_away


def test_on_a_loop_they_ride_on_while_they_have_laps() -> None:
    found = _outlook("destination,chutes\nA,1\n", Belt({1: ChuteRoom(1, 360)}, 10, 2), 3)
    assert (found.sorted, found.rode_on, found.laps, found.turned_away) == (3, 2, 3, 0)
    assert found.riding_max == 2
    assert found.recirculating == pytest.approx(2 / 3)


def test_alternates_and_overflow_are_asked_in_their_order() -> None:
    belt = Belt({number: ChuteRoom(2, 1) for number in range(1, 5)})
    found = _outlook("destination,chutes,alternates,overflow\nA,1,3,2\n", belt, 7)
    assert [(load.chute, load.parcels) for load in found.chutes] == [(1, 2), (2, 2), (3, 2), (4, 0)]
    assert (found.turned_away, found.not_planned) == (1, 4)


@pytest.mark.parametrize(("balance", "loads"), [("fixed", [5, 1]), ("round_robin", [3, 3]), ("least_loaded", [3, 3]),
                                                ("fill_then_next", [5, 1])])  # fmt: skip
def test_a_group_is_balanced_as_the_plan_says(balance: str, loads: list[int]) -> None:
    belt = Belt({1: ChuteRoom(5, 1), 2: ChuteRoom(5, 1)})
    found = _outlook(f"destination,chutes,balance\nA,1;2,{balance}\n", belt, 6)
    assert [load.parcels for load in found.chutes] == loads


def test_what_reaches_its_chute_after_the_cut_off_is_counted() -> None:
    found = _outlook("destination,chutes\nA,1\n", Belt({1: ChuteRoom(1, 360)}, 10, 2), 3, by_s=10)
    assert (found.judged, found.missed, found.missed_by) == (3, 2, {"T": 2})


def test_the_hours_add_up() -> None:
    found = _outlook("destination,chutes\nA,1\n", Belt({1: ChuteRoom(100, 3_600)}), 90, every_s=100)
    assert found.chutes[0].by_hour == {0: 36, 1: 36, 2: 18}
    assert (found.chutes[0].busiest_hour, found.chutes[0].busiest) == (0, 36)


def test_parcels_without_rule_or_chute_are_counted() -> None:
    plan = plan_of("rule,country,destination\nr,BE,A\n")
    coming = [Coming(0, Asked(country="NL")), Coming(1, Asked(country="BE"), "two"), Coming(2, Asked(country="BE"))]
    found = Simulation(plan, {"one": Belt({1: ChuteRoom(1, 1)})}, lambda _, __: None).run(coming)
    assert (found.parcels, found.no_rule, found.nowhere, found.sorted) == (3, 1, 1, 1)


def test_what_would_customs_change_is_asked_of_the_plan() -> None:
    found = explain(plan_of(RULES), Asked(country="BE", customs=CustomsState.UNDER_CONTROL))
    assert found.winner is not None
    assert found.winner.rule == "held"
