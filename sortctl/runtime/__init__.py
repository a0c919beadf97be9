"""Runtime: the moving parts. The loop, the clock, the links and when they are built anew, supervision, logs.

Comes in: a site and a state folder, through `app.py`. Goes out: words on the wires, bytes in the journal.
`controller.py` is the heart without any wires; `engine.py` turns it; `plc_link.py` and `scanner_link.py` keep the wires;
`recorder.py` brings its rows to the journal; `daemon.py` starts and stops all of them; `process/` faces the machine it
runs on. The only room besides `drivers` with asyncio. Never here: what a fact means, which chute, how bytes are framed.
"""
