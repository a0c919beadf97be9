"""Told: what people and the host may tell the controller over the control socket, checked before it becomes a fact.

    {"ask": "tell", "fact": {"type": "ChuteLocked", "sorter": "line1", "chute": 3, "lock": "operator", "locked": true,
                             "by": "ann", "why": "flap broken"}}
    -> {"told": {"followed": [outcomes and orders], "sorters": [status of each sorter concerned]}}
    -> {"error": {"code": "refused", "why": ...}} for a sorter or chute that is not there, {"code": "bad_request"} for nonsense

The other facts are BagBound (sorter, chute, bag, by), BagAsked (sorter, chute, by), PurgeAsked (sorter, chute or 0, purging, by) and
WaveEnded (wave, by). Comes in: JSON. Goes out: JSON. Never here: what a fact means.
"""

from typing import Any, Final

import msgspec

from sortctl.logic.exits.takes import Told
from sortctl.runtime.engine import Engine
from sortctl.words import hub

TEXT_MAX: Final = 200
NAME_MAX: Final = 64
"""Of who, of a bag, of a wave."""
_LENGTHS: Final = {
    "why": (0, TEXT_MAX),
    "by": (1, NAME_MAX),
    "bag": (1, NAME_MAX),
    "wave": (1, NAME_MAX),
    "sorter": (1, NAME_MAX),
}
_KINDS: Final = {
    kind.__name__: kind for kind in (hub.ChuteLocked, hub.BagBound, hub.BagAsked, hub.PurgeAsked, hub.WaveEnded)
}


class Untellable(Exception):
    """What was told makes no sense; str() says why."""


def fact_of(raw: bytes) -> Told:
    """The fact in a request, of no moment yet. Raises Untellable."""
    try:
        given: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
        kind = _KINDS.get(str(given.get("type")))
        if kind is None:
            raise Untellable(f"the type is one of {', '.join(_KINDS)}")
        strange = given.keys() - {"type", *kind.__struct_fields__} | given.keys() & {"at_ns"}
        if strange:
            raise Untellable(f"{kind.__name__} has no {', '.join(sorted(strange))}")
        fact: Told = msgspec.convert({**given, "at_ns": 0}, Told)
    except msgspec.MsgspecError as wrong:
        raise Untellable(str(wrong)) from None
    for name, (least, most) in _LENGTHS.items():
        text = getattr(fact, name, None)
        if text is not None and not (least <= len(text) <= most and text.isprintable()):
            raise Untellable(f"`{name}` has {least} to {most} characters that can be printed")
    return fact


def tell(engine: Engine, raw: bytes) -> bytes:
    """Check, tell, and answer what followed."""
    try:
        fact = fact_of(raw)
    except Untellable as wrong:
        return _error("bad_request", str(wrong))
    why = engine.forbids(fact)
    if why:
        return _error("refused", why)
    followed = engine.told(fact)
    name = getattr(fact, "sorter", "")
    sorters = [one for one in engine.status().lines if name in ("", one.sorter)]
    return msgspec.json.encode({"told": {"followed": followed, "sorters": sorters}})


def _error(code: str, why: str) -> bytes:
    return msgspec.json.encode({"error": {"code": code, "why": why}})
