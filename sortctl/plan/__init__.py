"""Plan: where parcels go. Rules by country and postcode, the chutes of each destination on each sorter, expected parcels.

Pure. Comes in: three CSV files of a site. Goes out: a `Plan` whose every look-up has flat cost and never raises.
Never here: the state of a chute, the choice between alternates (that is `logic`).
"""

from sortctl.plan.model import Group, Match, Parcel, Plan

__all__ = ["Group", "Match", "Parcel", "Plan"]
