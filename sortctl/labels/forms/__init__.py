"""Forms: codes of several fields: GS1 element strings, ISO 15434 envelopes, MaxiCode messages. Pure.

Comes in: the text of a code with its separators. Goes out: its fields, and what is wrong with their arrangement.
Never here: numbers that stand alone (`labels/numbers`), the choice among several codes (`labels/choose.py`).
"""
