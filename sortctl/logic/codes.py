"""Codes: what the reads of one parcel amount to: their class, and which of the codes is the waybill.

Theory. A waybill that the hub knows wins over every other code; several known ones are a multi-read, or a conflict if they lead
to different destinations. Who came first with a waybill, on whichever sorter, has it; another one is a duplicate. A good
read after the parcel was a no-read is late, and good. Comes in: a passage and the frames tied to it. Goes out: `ReadClassed`.
"""

from typing import Protocol

from sortctl.labels import judge
from sortctl.logic.known.passage import Passage, Stage
from sortctl.logic.known.sorter import Sorter
from sortctl.plan import Plan, asked_of
from sortctl.words.causes import ReadClass
from sortctl.words.facts import Code, CodesRead
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import ReadClassed

CODES_MAX = 32
"""Different codes kept for one parcel."""


class Read(Protocol):
    """Whatever frames can belong to."""

    codes: list[Code]
    refused_by: list[str]


def note(load: Read, fact: CodesRead) -> None:
    """This frame belongs to `load`."""
    if not fact.codes and fact.scanner not in load.refused_by:
        load.refused_by.append(fact.scanner)
    for code in fact.codes:
        if code not in load.codes and len(load.codes) < CODES_MAX:
            load.codes.append(code)


def known_in(plan: Plan, codes: list[Code]) -> list[str]:
    """The waybills among the codes that the hub knows."""
    return [text for text in dict.fromkeys(code.text for code in codes) if plan.parcel(text)]


def classify(sorter: Sorter, passage: Passage) -> bool:
    """What the reads so far amount to. True: that is new, and a decision follows."""
    if not passage.codes:
        everyone = len(passage.refused_by) >= len(sorter.heads)
        if everyone and passage.read_class is ReadClass.NONE_YET:
            return settle(sorter, passage, ReadClass.NO_READ, "")
        return False
    read_class, waybill = _judge(sorter.shared.plan, passage.codes)
    if read_class is ReadClass.GOOD:
        holder = sorter.shared.by_waybill.get(waybill)
        if holder is not None and holder != passage.number:
            read_class = ReadClass.DUPLICATE
        elif passage.read_class in (ReadClass.NO_READ, ReadClass.LATE):
            read_class = ReadClass.LATE
    return settle(sorter, passage, read_class, waybill)


def _judge(plan: Plan, codes: list[Code]) -> tuple[ReadClass, str]:
    """Which of the codes is the waybill: the one the hub knows; else the first that is valid."""
    known = known_in(plan, codes)
    if len(known) == 1:
        return ReadClass.GOOD, known[0]
    if known:
        destinations = {_destination(plan, text) for text in known}
        return (ReadClass.MULTI_READ if len(destinations) == 1 else ReadClass.CONFLICT), ""
    texts = list(dict.fromkeys(code.text for code in codes))
    valid = [text for text in texts if judge(text).valid]
    return (ReadClass.GOOD, valid[0]) if valid else (ReadClass.INVALID, texts[0])


def _destination(plan: Plan, waybill: str) -> str:
    parcel = plan.parcel(waybill)
    match = plan.match(asked_of(parcel)) if parcel else None
    return match.destination if match else ""


def settle(sorter: Sorter, passage: Passage, read_class: ReadClass, waybill: str) -> bool:
    """The reads of `passage` amount to this. True: that is new, and a decision follows."""
    if (passage.read_class, passage.waybill) == (read_class, waybill) or passage.stage is Stage.CLOSED:
        return False
    by_waybill = sorter.shared.by_waybill
    if passage.waybill and by_waybill.get(passage.waybill) == passage.number:
        del by_waybill[passage.waybill]
    passage.read_class, passage.waybill = read_class, waybill
    if waybill and read_class is not ReadClass.DUPLICATE:
        by_waybill.setdefault(waybill, passage.number)
    sorter.say(ReadClassed(sorter.now_ns, sorter.sorter, PassageNumber(passage.number), read_class, waybill))
    return True
