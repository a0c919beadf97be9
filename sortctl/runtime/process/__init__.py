"""Process: this program among others on its host: lock, log, control socket, service supervisor.

Comes in: requests of people and of the gateway, signals, the supervisor's wishes. Goes out: JSON lines, life signs.
Never here: the way of a parcel. All of this may fail, stall or be absent, and sorting goes on.
"""
