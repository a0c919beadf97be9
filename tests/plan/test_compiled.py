"""The compiled plan answers as a plain walk over all rules does, and a rule more costs nothing."""

import itertools

import pytest
from hypothesis import given

from sortctl.plan import compiled as compiled_module
from sortctl.plan.asked import Asked
from sortctl.plan.compiled import LAYERS_MAX, Compiled, TooManyLayers, TooManyPieces
from sortctl.plan.ranges import Range
from sortctl.plan.rule import ATTRIBUTES, Asks, Rule, decider
from sortctl.words.parcels import CustomsState, Declaration
from tests.plan.drawn import SIZES, parcels, plans


def _size(longest_mm: int) -> str:
    return next((letter for letter, side in SIZES if 0 < longest_mm <= side), "")


def _fits(rule: Rule, asked: Asked) -> bool:
    """Written from the manual, not from the code."""
    code = asked.postcode
    size = _size(asked.longest_mm)
    asks = rule.asks
    code_read = asked.code.replace(" ", "").replace("-", "").upper()
    return (
        asks.tenant in ("", asked.tenant.lower())
        and (not rule.code_first or rule.code_first <= code_read[: len(rule.code_first)] <= rule.code_last)
        and asks.country in ("", asked.country)
        and (not rule.first or rule.first <= code[: len(rule.first)] <= rule.last)
        and asks.service in ("", asked.service.lower())
        and asks.declaration in ("", asked.declaration.value)
        and asks.customs in ("", asked.customs.value)
        and asks.label in ("", asked.label)
        and (not asks.weight or (asked.weight_g > 0 and asks.weight_min <= asked.weight_g <= asks.weight_max))
        and (not asks.sizes or (size != "" and size in asks.sizes))
    )


def _share(span: Range) -> float:
    """Of all postcodes, in 36ths of 36ths."""
    if not span.first:
        return 2.0
    return (int(span.last, 36) - int(span.first, 36) + 1) / 36.0 ** len(span.first)


def _naive(rules: list[Rule], asked: Asked) -> Rule | None:
    def key(rule: Rule) -> tuple[object, ...]:
        asks = rule.asks
        return (
            not asks.tenant,
            _share(rule.codes),
            rule.code_first,
            not asks.country,
            _share(rule.span),
            not asks.service,
            not asks.declaration,
            not asks.customs,
            not asks.label,
            asks.weight_max - asks.weight_min,
            len(asks.sizes) or 99,
            rule.line,
        )

    return min((rule for rule in rules if _fits(rule, asked)), key=key, default=None)


@given(plans(), parcels())
def test_it_answers_as_a_walk_over_all_rules(rules: list[Rule], asked: Asked) -> None:
    assert Compiled(rules, SIZES).find(asked) is _naive(rules, asked)


@given(plans(40), parcels(), parcels())
def test_also_with_many_rules(rules: list[Rule], one: Asked, other: Asked) -> None:
    compiled = Compiled(rules, SIZES)
    assert [compiled.find(one), compiled.find(other)] == [_naive(rules, one), _naive(rules, other)]


@given(plans(), parcels())
def test_a_rule_says_itself_why_it_does_not_fit(rules: list[Rule], asked: Asked) -> None:
    for rule in rules:
        assert (not rule.refuses(asked, _size(asked.longest_mm))) == _fits(rule, asked)


@given(plans())
def test_rules_come_in_the_order_of_precedence(rules: list[Rule]) -> None:
    found = Compiled(rules, SIZES).rules
    assert sorted(rule.line for rule in found) == [rule.line for rule in rules]
    for one, other in itertools.pairwise(found):
        assert one.precedence < other.precedence
        assert decider(one, other) in (*ATTRIBUTES, "line")


@pytest.mark.parametrize(
    ("better", "worse", "by"),
    [
        (
            Rule("a", "d", 9, Asks(tenant="shop")),
            Rule("b", "d", 1, Asks(country="BE"), first="1000", last="1000"),
            "tenant",
        ),
        (
            Rule("a", "d", 9, Asks(country="BE")),
            Rule("b", "d", 1, Asks(service="express", customs="released")),
            "country",
        ),
        (
            Rule("a", "d", 9, Asks(country="BE"), first="1", last="1"),
            Rule("b", "d", 1, Asks(country="BE", label="s10")),
            "postcode",
        ),
        (Rule("a", "d", 9, Asks(service="express")), Rule("b", "d", 1, Asks(declaration="h7")), "service"),
        (Rule("a", "d", 9, Asks(declaration="h7")), Rule("b", "d", 1, Asks(customs="released")), "declaration"),
        (Rule("a", "d", 9, Asks(customs="released")), Rule("b", "d", 1, Asks(label="s10")), "customs"),
        (Rule("a", "d", 9, Asks(label="s10")), Rule("b", "d", 1, Asks(weight_max=2000)), "label"),
        (Rule("a", "d", 9, Asks(weight_max=2000)), Rule("b", "d", 1, Asks(weight_max=5000, sizes="S")), "weight"),
        (Rule("a", "d", 9, Asks(sizes="S")), Rule("b", "d", 1, Asks(sizes="SM")), "size"),
        (Rule("a", "d", 1), Rule("b", "d", 9), "line"),
    ],
)
def test_attributes_are_compared_in_their_order(better: Rule, worse: Rule, by: str) -> None:
    assert Compiled([worse, better], SIZES).rules == (better, worse)
    assert decider(better, worse) == by


def test_what_is_not_known_fits_no_rule_that_asks_for_it() -> None:
    asking = [
        Rule("light", "d", 2, Asks(weight_max=2_000)),
        Rule("small", "d", 3, Asks(sizes="SML")),
        Rule("h7", "d", 4, Asks(declaration="h7")),
        Rule("shop", "d", 5, Asks(tenant="shop")),
    ]
    compiled = Compiled(asking, SIZES)
    assert compiled.find(Asked(country="BE")) is None
    assert compiled.find(Asked(longest_mm=1_201)) is None
    assert compiled.find(Asked(weight_g=1)) is asking[0]
    assert compiled.find(Asked(declaration=Declaration.H7)) is asking[2]
    # only customs has a word for it
    unknown = Rule("unknown", "d", 2, Asks(customs="unknown"))
    assert Compiled([unknown], ()).find(Asked()) is unknown
    assert Compiled([unknown], ()).find(Asked(customs=CustomsState.RELEASED)) is None


def test_weights_that_cut_one_another_into_too_many_pieces_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_module, "PIECES_MAX", 1_000)
    # one within the other: each is cut at the limits of all that are narrower
    nested = [Rule(f"r{n}", "d", n, Asks(weight_min=n, weight_max=10_000 - n)) for n in range(2, 102)]
    with pytest.raises(TooManyPieces, match="200 different limits"):
        Compiled(nested, ())
    assert Compiled(nested[:20], ()).find(Asked(weight_g=5_000)) is nested[19]


def test_many_tenants_and_services_do_not_multiply() -> None:
    """Each rule stands in the tables once, whatever else is asked for."""
    rules = [
        Rule(
            f"r{n}",
            "d",
            n,
            Asks(tenant=f"t{n % 50}", country=("BE", "NL")[n % 2], service=f"s{n % 70}", label=f"l{n % 9}"),
        )
        for n in range(5_000)
    ]
    compiled = Compiled(rules, ())
    asked = Asked(tenant="T7", country="NL", service="s37", label="l1")
    assert compiled.find(asked) is _naive(rules, asked)


def test_more_ranges_of_codes_within_one_another_than_may_be_are_refused() -> None:
    nested = [Rule(f"r{n}", "d", n, code_first="1" * n, code_last="1" * n) for n in range(1, LAYERS_MAX + 1)]
    assert Compiled(nested, ()).find(Asked(code="11-111 2")) is nested[4]
    with pytest.raises(TooManyLayers, match="17 ranges of one tenant hold the code 11111111111111111"):
        Compiled([*nested, Rule("r17", "d", 17, code_first="1" * 17, code_last="1" * 17)], ())


def test_many_ranges_of_codes_cost_no_more_than_few() -> None:
    """What is done for one look-up is counted, not timed."""
    rules = [Rule(f"r{n}", "d", n, code_first=f"{n:06}", code_last=f"{n:06}") for n in range(0, 60_000, 3)]
    compiled = Compiled(rules, ())
    asked = Asked(code="029997123")
    assert compiled.find(asked) is rules[9_999]
    assert compiled.find(Asked(code="029998123")) is None
    assert [len(compiled._around("", code)) for code in ("029997", "029998", "")] == [1, 0, 0]
