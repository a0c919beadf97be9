"""Codes: what the reads of one parcel amount to: their class, and which of the codes is the waybill.

Theory. A waybill that the hub knows wins over every other code. Of several known parcels the tenants' list of labels says which is
meant; where it does not, they are a multi-read, or a conflict if they lead to different destinations. Who came first
with a waybill, on whichever sorter, has it; another one is a duplicate. A good read after the parcel was a no-read is late,
and good. Comes in: a passage, the frames tied to it, what is known of their codes. Goes out: `ReadClassed`.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from sortctl.labels import Found, Label, Routing, choose, names
from sortctl.logic.hub import data
from sortctl.logic.known.passage import Passage, Stage
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.plan import asked_of
from sortctl.words.causes import ReadClass
from sortctl.words.facts import Code, CodesRead
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import ReadClassed
from sortctl.words.parcels import ParcelRecord

CODES_MAX = 32
"""Different codes kept for one parcel."""
REMARK_CHARS = 64
"""Of a code that is remarked upon; the whole of it stands in its read."""


class Read(Protocol):
    """Whatever frames can belong to."""

    codes: list[Code]
    refused_by: list[str]


class Judged(NamedTuple):
    """What codes amount to. `label` is the kind of label that the waybill stands on."""

    read_class: ReadClass
    waybill: str
    label: str = ""
    record: ParcelRecord | None = None
    remarks: tuple[str, ...] = ()


def note(load: Read, fact: CodesRead) -> None:
    """This frame belongs to `load`."""
    if not fact.codes and fact.scanner not in load.refused_by:
        load.refused_by.append(fact.scanner)
    for code in fact.codes:
        if code not in load.codes and len(load.codes) < CODES_MAX:
            load.codes.append(code)


def known_in(shared: Shared, codes: Iterable[Code]) -> dict[str, ParcelRecord]:
    """Waybill -> record of the parcels among the codes that the hub knows."""
    records = (data.record_by(shared, name) for name in data.names_of(shared, codes))
    return {record.waybill: record for record in records if record is not None}


def name_a_parcel(shared: Shared, codes: Iterable[Code]) -> bool:
    """One of the codes may be a waybill, known or not."""
    found = choose(data.labels_of(shared, codes), {}, shared.rules.labels).found
    return found is Found.STRANGER


def routing_of(shared: Shared, codes: Iterable[Code]) -> Routing:
    """Where the labels themselves say that the parcel goes."""
    return choose(data.labels_of(shared, codes), {}, shared.rules.labels).routing


def classify(sorter: Sorter, passage: Passage) -> bool:
    """What the reads so far amount to. True: that is new, and a decision follows."""
    if not passage.codes:
        everyone = len(passage.refused_by) >= len(sorter.heads)
        if everyone and passage.read_class is ReadClass.NONE_YET:
            return settle(sorter, passage, Judged(ReadClass.NO_READ, ""))
        return False
    judged = _judge(sorter.shared, passage.codes)
    if judged.read_class is ReadClass.GOOD:
        holder = sorter.shared.by_waybill.get(judged.waybill)
        if holder is not None and holder != passage.number:
            judged = judged._replace(read_class=ReadClass.DUPLICATE)
        elif passage.read_class in (ReadClass.NO_READ, ReadClass.LATE):
            judged = judged._replace(read_class=ReadClass.LATE)
    return settle(sorter, passage, judged)


def _judge(shared: Shared, codes: list[Code]) -> Judged:
    """Which of the codes is the waybill."""
    labels = data.labels_of(shared, codes)
    records = {name: record for name in names(labels) if (record := data.record_by(shared, name)) is not None}
    parcels = {record.waybill: record for record in records.values()}
    if len(parcels) == 1:
        [record] = parcels.values()
        first = _first(labels, records)
        others = [(label, _beside(label, records)) for label in labels if label is not first]
        return Judged(ReadClass.GOOD, record.waybill, first.kind, record, _remarks(first, others))
    choice = choose(labels, {name: record.tenant for name, record in records.items()}, shared.rules.labels)
    kind = choice.label.kind if choice.label is not None else ""
    remarks = _remarks(choice.label, [(lost.label, lost.why) for lost in choice.lost])
    match choice.found:
        case Found.KNOWN:
            record = records[choice.waybill]
            return Judged(ReadClass.GOOD, record.waybill, kind, record, remarks)
        case Found.SEVERAL:
            destinations = {_destination(shared, record) for record in parcels.values()}
            read_class = ReadClass.MULTI_READ if len(destinations) == 1 else ReadClass.CONFLICT
            return Judged(read_class, "", remarks=remarks)
        case Found.STRANGER:
            return Judged(ReadClass.GOOD, choice.waybill, kind, remarks=remarks)
    return Judged(ReadClass.INVALID, codes[0].text, remarks=remarks)


def _remarks(first: Label | None, others: Iterable[tuple[Label, str]]) -> tuple[str, ...]:
    """What is wrong with the label of the waybill, and why the others are not it."""
    told = [(first, first.why)] if first is not None and first.why else []
    return tuple(f"{label.text[:REMARK_CHARS]} ({label.kind}): {why}" for label, why in (*told, *others))


def _first(labels: list[Label], known: Iterable[str]) -> Label:
    """The first label that names a known parcel."""
    texts = set(known)
    return next(label for label in labels if not texts.isdisjoint(label.names()))


def _beside(label: Label, known: Iterable[str]) -> str:
    named = not set(known).isdisjoint(label.names())
    return "it names the same parcel" if named else label.why or "the hub does not know it, and knows the one chosen"


def _destination(shared: Shared, record: ParcelRecord) -> str:
    match = shared.plan.match(asked_of(record))
    return match.destination if match else ""


def settle(sorter: Sorter, passage: Passage, judged: Judged) -> bool:
    """The reads of `passage` amount to this. True: that is new, and a decision follows."""
    if passage.stage is Stage.CLOSED:
        return False
    is_new = (passage.read_class, passage.waybill) != (judged.read_class, judged.waybill)
    is_told = passage.record != judged.record
    passage.label, passage.record = judged.label, judged.record
    if not is_new:
        return is_told
    by_waybill = sorter.shared.by_waybill
    if passage.waybill and by_waybill.get(passage.waybill) == passage.number:
        del by_waybill[passage.waybill]
    passage.read_class, passage.waybill, passage.kept = judged.read_class, judged.waybill, None
    if judged.waybill and judged.read_class is not ReadClass.DUPLICATE:
        by_waybill.setdefault(judged.waybill, passage.number)
    number = PassageNumber(passage.number)
    sorter.say(ReadClassed(sorter.now_ns, sorter.sorter, number, judged.read_class, judged.waybill, judged.remarks))
    return True
