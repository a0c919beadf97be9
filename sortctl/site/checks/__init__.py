"""Checks across keys: wires (PLCs, timers), images (registers, nodes), security, endpoints, scanners and readers, belt, loop."""
