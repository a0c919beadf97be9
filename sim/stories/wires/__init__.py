"""Stories of wires and boxes: PLCs that restart, freeze and refuse, scanners that are unplugged or babble."""
