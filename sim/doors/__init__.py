"""Doors: what the controller connects to, made by hand, so that each of them can be frozen, torn, split and unplugged.

Comes in: connections on loopback and pseudo terminals. Goes out: register words and telegrams of the machine behind.
Never here: what the machine does (`sim/plc`, `sim/world`), and which mischief strikes when (`sim/faults`).
"""
