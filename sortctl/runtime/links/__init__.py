"""Links: what keeps a wire up: connect, carry, connect again. One link each for a PLC, a scanner, a reader, an observed unit.

Comes in: wires built by `drivers`. Goes out: what they carry, to the engine. Never here: what any of it means.
"""
