"""OPC UA: everything that asyncua is used for, and the only place that imports it.

Comes in: addresses, nodes and security of the site, the keys. Goes out: words of an exchange, readings of a unit, codes of
a reader. asyncua's client does the work; it is led step by step, for its `connect` keeps tasks that read on their own account
and connects again by itself (docs/decisions/0013). Never here: a decision, a reconnect.
"""
