"""Journal: what is safe on disk. Facts, orders and outcomes in one total order, snapshots, the site they belong to.

Comes in: rows from the controller. Goes out: word of what is committed; everything again, after a crash or for a trace.
One SQLite file, one thread that writes it (`writer.py`), any number of readers that only read (`read.py`).
Never here: a decision, a clock, a socket. Time comes in the rows.
"""
