"""Nodesets: what the companion specifications say about the nodes that the simulator has, as plain facts.

Comes in: nothing. Goes out: namespaces, numeric ids, browse names, the order of fields. Only what the simulator uses; a
test compares it with the published files where they are at hand. Never here: asyncua, instances, values.
"""
