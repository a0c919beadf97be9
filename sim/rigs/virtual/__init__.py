"""The virtual rig: the whole controller against every machine of a site, in one process and in virtual time.

Comes in: a site, a story, a seed. Goes out: the verdict, or the rig itself with its truth and its journal (`VirtualRig`).
Never here: wires, disk, waiting.
"""

from sim.rigs.virtual.rig import VirtualRig, play, play_loaded

__all__ = ["VirtualRig", "play", "play_loaded"]
