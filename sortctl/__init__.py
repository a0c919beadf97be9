"""sortctl: reads the barcode scanners of a sorting line, talks to its conveyor PLC, decides the chute of every parcel, and
proves where the parcel went. The way of a parcel through the rooms of this house:

drivers   bytes from a scanner's port, words from the PLC: wires end here
inputs    telegrams and events are found in them: raw becomes facts
logic     a passage opens at the induct eye; the read is tied to it by position; plan and labels say where it must go;
          a chute is chosen, and stays open to a better choice until the point of no return
journal   fact, decision and order are on disk before the order leaves
outputs   the order stands in the next block, until the PLC has taken it
drivers   words to the PLC; its echo and the chute's eye come back through the front door, as facts
logic     the passage closes with one final outcome; watch counts it; the control socket tells it to whoever listens
Beside the way: words (the vocabulary), site (what is bolted to the floor), runtime (what moves), commands (what people type).
"""

__version__ = "0.1.0"
