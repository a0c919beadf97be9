"""Known: what the logic knows of one line, and the questions that can be asked of it. State and arithmetic, no conclusions.

line       all state of one sorter, and the small verbs that change it
passage    one ride of one parcel; the table of its stages
belt       where the belt stands, at any moment of the last seconds
chutes     which exits accept, and how many parcels still fit
geometry   where things are, in encoder counts
deadlines  the belt positions at which something must have been seen
"""
