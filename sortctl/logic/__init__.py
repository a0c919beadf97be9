"""Logic: facts -> orders and outcomes. What every sorter has in common stands here; a line and a loop have a room each.

logic      each fact to its sorter, and to the room that takes it
links      links, epochs, chute words, the machine, certificates
reads      whose read it is, by position
codes      what the reads of a parcel amount to
choosing   destination by the sort plan, chute by the balance of its group
orders     their numbers, and what the PLC is not known to have taken
closing    the one final outcome
hub/       what people, the host and the clock on the wall mean for the parcels
rules      what must be true after each step
known/     what is known of a sorter, and the questions that can be asked of it
exits/     locks, lamps, forecasts, bags, purges, waves
line/      a controller-tracked line: eyes, windows, counts
loop/      a PLC-tracked loop: items, carriers, laps
"""

from sortctl.logic.known.hub import HubRules, rules_of
from sortctl.logic.known.passage import RuleBrokenError
from sortctl.logic.logic import Logic, plan_in

__all__ = ["HubRules", "Logic", "RuleBrokenError", "plan_in", "rules_of"]
