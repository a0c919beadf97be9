"""Departures: trucks and flights, until when they take parcels, and how long a parcel still has. Pure.

Comes in: `departures.csv` of a site, a moment in seconds of UTC. Goes out: the next departure of a destination, its cut-off, the
slack of a parcel, and which departures are open, warning or closed. Never here: a clock, chutes, the choice of a chute.
"""

from sortctl.departures.model import Departures
from sortctl.departures.state import Phase, State
from sortctl.departures.weekly import Kind, Leaving, Weekly, due_slack_s, slack_s

__all__ = ["Departures", "Kind", "Leaving", "Phase", "State", "Weekly", "due_slack_s", "slack_s"]
