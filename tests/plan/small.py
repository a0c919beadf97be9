"""Small: the files of a plan from a few lines of text."""

from sortctl.plan import Plan
from sortctl.plan.load import PlanInvalid, load_plan
from sortctl.site.problem import Problem

DESTINATIONS = "destination,chutes\nA,1\nB,2\nC,3\n"


def plan_of(rules: str, destinations: str = DESTINATIONS, document: str = "") -> Plan:
    """A plan of these files; without `document` it has no plan.toml."""
    return load_plan(files(rules, destinations, document))


def files(rules: str, destinations: str = DESTINATIONS, document: str = "") -> dict[str, bytes]:
    """Its files."""
    made = {"plan/rules.csv": rules.encode(), "plan/destinations.csv": destinations.encode()}
    return made | ({"plan/plan.toml": document.encode()} if document else {})


def problems_of(rules: str, destinations: str = DESTINATIONS, document: str = "") -> list[Problem]:
    """All that is told of them, warnings too, but not of destinations without a rule."""
    try:
        told = plan_of(rules, destinations, document).warnings
    except PlanInvalid as invalid:
        told = invalid.problems
    return [problem for problem in told if "no rule leads to" not in problem.what]


def said(rules: str, destinations: str = DESTINATIONS, document: str = "") -> list[tuple[str, int, str, str, str]]:
    """File, line, column, severity and the words of each."""
    told = problems_of(rules, destinations, document)
    return [
        (each.file.removeprefix("plan/"), each.line, each.key, each.severity, f"{each.what}; {each.mend}")
        for each in told
    ]
