"""Line: the rooms of a controller-tracked line. The PLC tells of eyes and inducts; who is who is concluded here.

takes      which room takes which fact
induct     the passage opens; too close, too long: barred
identify   reads are tied to it by position
allocate   its chute; open until the point of no return
divert     the order at a count, its withdrawal
track      check-point eyes: on time, displaced, unexpected
confirm    actuators and chute eyes
realign    parcels adrift are found again by the pattern they make
overdue    what was not seen, was not there
ending     where it ended, as a line sees it
"""
