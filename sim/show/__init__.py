"""Show: what the demo puts before people's eyes: a tally, a live screen, plain lines, a table at the end.

Comes in: outcomes and statuses of the controller, what the plant tells of itself. Goes out: text.
Never here: processes, sockets, anything that steers.
"""
