"""Ids: the names and numbers by which things are called.

Types, not bare ints and strings passing by: a chute number is never mistaken for an eye number.
Site ids (`PlcId`, `SorterId`, `ScannerId`) are the keys of the site file; numbers are those of the exchange contract.
"""

from typing import NewType

PlcId = NewType("PlcId", str)
SorterId = NewType("SorterId", str)
ScannerId = NewType("ScannerId", str)

PassageNumber = NewType("PassageNumber", int)
"""Our own identity of one ride of one parcel, induct to final outcome. Counts from 1, never used twice."""

ChuteNumber = NewType("ChuteNumber", int)
"""1 and up; 0 is "none"."""

EyeNumber = NewType("EyeNumber", int)
InductNumber = NewType("InductNumber", int)
PointNumber = NewType("PointNumber", int)
"""Check-points and scan points share one sequence; button panels begin at 1001."""

CarrierNumber = NewType("CarrierNumber", int)
"""Carriers of a loop, from 1; 0 is "not known"."""
