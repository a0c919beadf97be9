"""OPC UA: what stands behind an OPC UA door of the simulator; the door itself is `sim/doors/opcua_door.py`.

Comes in: requests of one connection, what the simulated machine shows. Goes out: answers of an asyncua server that is
as strict as a PLC and misbehaves as told. Never here: what the machine does, which mischief strikes when.
"""
