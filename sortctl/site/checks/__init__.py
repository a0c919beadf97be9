"""Checks across keys: wires (PLCs and their registers), scanners, belt (positions, windows, chutes)."""
