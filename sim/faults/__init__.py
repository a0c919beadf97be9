"""Faults: seeded mischief at a door, laid and lifted while the line runs.

Comes in: a seed and what is laid. Goes out: for each request or telegram, how it is to be treated.
Never here: sockets (the doors carry out what is said here), and the machine's own faults (`sim/world`, `sim/plc`).
"""
