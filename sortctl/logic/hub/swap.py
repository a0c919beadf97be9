"""Swap: another sort plan between two parcels.

Theory. The plan itself comes by a call right before the fact, and counts from the fact on. Who is decided keeps what the old plan
said of it, rule and chutes, or is decided anew, as the fact says; its state is free of the old plan either way. Every sorter
says how many changed their chute. Comes in: `PlanApplied`. Goes out: `PlanInForce`. Never here: files, checks of a plan.
"""

from sortctl.logic import choosing
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.words.hub import PlanApplied
from sortctl.words.ids import SorterId
from sortctl.words.outcomes import Disturbed, PlanInForce


def take(shared: Shared, fact: PlanApplied) -> bool:
    """The plan that was given is in force. False: none was given, the old one stays."""
    plan, shared.coming = shared.coming, None
    if plan is None:
        why = f"plan {fact.plan} version {fact.version} was not given, the old one stays in force"
        shared.said.append(Disturbed(fact.at_ns, SorterId(""), "plan_missing", True, why))
        return False
    for _, (sorter, passage) in sorted(shared.by_number.items()):
        if fact.keep:
            choosing.keep(sorter, passage)
        else:
            passage.kept = None
    shared.plan = plan
    return True


def heading(sorter: Sorter) -> dict[int, int]:
    """Passage -> chute that it heads for."""
    return {passage.number: passage.chute for passage in sorter.all_open()}


def tell(sorter: Sorter, fact: PlanApplied, before: dict[int, int]) -> None:
    """Every passage was decided anew."""
    rerouted = sum(passage.chute != before[passage.number] for passage in sorter.all_open())
    sorter.say(PlanInForce(fact.at_ns, sorter.sorter, fact.plan, fact.version, fact.checksum, rerouted))
