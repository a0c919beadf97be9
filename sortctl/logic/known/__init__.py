"""Known: what the logic knows of its sorters, and the questions that can be asked of it. State and arithmetic, no conclusions.

sorter     what every sorter has: link, epoch, orders, chutes, deadlines, books
line       all state of one line, and the small verbs that change it
loop       the same of one loop
hub        what is known beyond the machines: answers, the clock on the wall, draws
passage    one ride of one parcel; the table of its stages
belt       where the belt stands, at any moment of the last seconds
chutes     the state of every exit, whether it accepts, and how many parcels still fit
bags       what hangs at a chute, and what went into it
geometry   where things are on a line, in encoder counts
deadlines  the belt positions at which something must have been seen on a line
ring       where things are on a loop, and who is near
"""
