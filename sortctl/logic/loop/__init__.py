"""Loop: the rooms of a PLC-tracked loop. The PLC says which item is where; whether that can be true is looked at here.

takes      which room takes which fact
induct     the passage opens with the PLC's number
points     check-points and scan points: is the item where it must be?
identify   what its codes amount to, as soon as that is known
tunnel     reads: identity given, confirmed or refused on every pass
allocate   its chute, or another lap; open until the point of no return, on each lap
divert     the order for an item, its replacement, its withdrawal
confirm    drives and chute eyes; what went, what failed
adrift     what is not proven; loads without an owner find theirs
laps       another lap, and why; the share that recirculates
carriers   which carrier is which, and which is not to be used
overdue    what was not told, did not happen
ending     where it ended, as a loop sees it
deadlines  the belt positions at which something must be concluded
"""
