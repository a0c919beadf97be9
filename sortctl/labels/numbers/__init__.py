"""Numbers: codes that are one number, told by their shape and their check digit. Pure.

Comes in: the text of a code. Goes out: the kinds it may be, its parts by role, what is wrong with it.
Never here: codes of several fields (`labels/forms`), the choice among several codes (`labels/choose.py`).
"""
