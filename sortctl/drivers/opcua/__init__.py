"""OPC UA: everything that asyncua is used for, and the only place that imports it.

Comes in: addresses, nodes and security of the site, the keys. Goes out: words of an exchange, readings of a unit, codes of
a reader. Of asyncua only the codec, the secure channel and the algorithms are used: its client keeps three tasks, reads on
its own account and connects again by itself; here a connection has no task at all. Never here: a decision, a reconnect.
"""
