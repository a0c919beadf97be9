"""Halves: our side of each link, without any wire: raw in, facts out, and the words of the next request.

Comes in: what a link carried, moments. Goes out: facts. Each half lives over connections. Never here: sockets, clocks, tasks.
"""
