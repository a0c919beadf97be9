"""Parcels: what the hub knows of every parcel, in one file that any process may write and the controller only reads.

Comes in: lists of parcels (CSV, JSON lines), holds, releases, intercepts, customs messages. Goes out: records by any of their
codes, and what has changed since. `records.py` reads lines, `intake.py` takes whole lists in, `writer.py` writes, `reader.py`
reads, `store.py` is the file. The file is the interface: nobody sends the controller a message.
Never here: what is decided about a parcel, asyncio.
"""

from sortctl.parcels.reader import ParcelReader
from sortctl.parcels.store import FILE_NAME, StoreDamaged, StoreMissing, StoreUnusable
from sortctl.parcels.writer import ParcelWriter

__all__ = ["FILE_NAME", "ParcelReader", "ParcelWriter", "StoreDamaged", "StoreMissing", "StoreUnusable"]
