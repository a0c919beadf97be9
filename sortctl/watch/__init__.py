"""Watch: outcomes to what people look at. Balance, alarms, figures. Pure; steers nothing.

Comes in: every outcome, in order (`watch.py`). Goes out: a `WatchView` that can be sent as JSON. The time is that of the
outcomes. Never here: a clock, an order, a decision.
"""
