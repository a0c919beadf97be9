"""Plan: where parcels go. Rules over what is known of a parcel, the chutes of each destination on each sorter.

Pure. Comes in: the files of a sort plan. Goes out: a `Plan` whose every look-up has flat cost and never raises.
Never here: the state of a chute, the choice between alternates (that is `logic`), parcel data (`parcels`).
"""

from sortctl.plan.asked import Asked, Match, asked_of
from sortctl.plan.model import Group, Plan

__all__ = ["Asked", "Group", "Match", "Plan", "asked_of"]
