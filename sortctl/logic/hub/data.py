"""Data: what is known of the parcels on the sorters, by question and answer.

Theory. For every name that the codes of a passage may stand for one question is asked, once for each passage, so that whoever
answers knows what is still of interest. Nothing waits for an answer but the passage itself, and that only to a place on the
belt; an answer that comes later changes the decision as far as that is still open. Comes in: codes, answers. Goes out:
`ParcelAsked`, records. Never here: what follows from a record.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sortctl.labels import Label, names, read
from sortctl.logic.known.hub import Answer
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.words.facts import Code
from sortctl.words.hub import ParcelTold, ParcelTurned
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import ParcelAsked
from sortctl.words.parcels import ParcelRecord

ASKED_MAX: Final = 32
"""Names asked for one passage: eight labels with four spellings each; more are on no parcel."""

LABELS_MAX: Final = 8_192
"""Codes whose label is remembered: some for each parcel on the largest sorters."""


def labels_of(shared: Shared, codes: Iterable[Code]) -> list[Label]:
    """What each code is. The same few codes are asked about again and again while their parcel is on a sorter."""
    known, labels = shared.labels, []
    for code in codes:
        label = known.get(code)
        if label is None:
            if len(known) >= LABELS_MAX:
                known.clear()
            label = known[code] = read(code, shared.rules.labels)
        labels.append(label)
    return labels


def names_of(shared: Shared, codes: Iterable[Code]) -> tuple[str, ...]:
    """Every name by which the hub may know a parcel with these codes."""
    return names(labels_of(shared, codes))


def ask(sorter: Sorter, passage: Passage) -> bool:
    """Ask for what its codes may stand for and was not asked for it before. True: there are new questions."""
    answers, asked = sorter.shared.hub.answers, passage.asked
    before = len(asked)
    for name in names_of(sorter.shared, passage.codes):
        if name in asked or len(asked) >= ASKED_MAX:
            continue
        asked.append(name)
        answers.setdefault(name, Answer()).passages.append(passage.number)
        sorter.say(ParcelAsked(sorter.now_ns, sorter.sorter, PassageNumber(passage.number), name))
    return len(asked) > before


def is_open(shared: Shared, passage: Passage) -> bool:
    """A question about it has no answer yet."""
    answers = shared.hub.answers
    return any(not answers[name].is_told for name in passage.asked)


def record_by(shared: Shared, name: str) -> ParcelRecord | None:
    """What was told of the parcel with this name."""
    answer = shared.hub.answers.get(name)
    return answer.record if answer is not None else None


def waybills_of(shared: Shared, code: Code) -> Iterator[str]:
    """Waybills that this code may stand for, as passages have them."""
    for name in names_of(shared, (code,)):
        record = record_by(shared, name)
        yield record.waybill if record is not None else name


def release(sorter: Sorter, passage: Passage) -> None:
    """`passage` needs no answers any more."""
    answers = sorter.shared.hub.answers
    for name in passage.asked:
        answer = answers[name]
        answer.passages.remove(passage.number)
        if not answer.passages:
            del answers[name]


def told(shared: Shared, fact: ParcelTold) -> None:
    """An answer came."""
    _take(shared, fact.code, fact.record)


def turned(shared: Shared, fact: ParcelTurned) -> None:
    """A record has changed; it holds for every name that it was told under before."""
    _take(shared, fact.waybill, fact.record)


def _take(shared: Shared, name: str, record: ParcelRecord | None) -> None:
    answers = shared.hub.answers
    answer = answers.get(name)
    if answer is None:
        return  # nobody is on a sorter for whom it was asked
    was, answer.record, answer.is_told = answer.record, record, True
    for passage in concerned(shared, name):
        for other in passage.asked:
            older = answers[other].record
            if record is not None and older is not None and older.waybill == record.waybill:
                answers[other].record = record
        if passage.record is not None and was is not None and passage.record.waybill == was.waybill:
            passage.record, passage.kept = record, None


def concerned(shared: Shared, name: str) -> list[Passage]:
    """The open passages for which this name was asked."""
    answer = shared.hub.answers.get(name)
    return [shared.by_number[number][1] for number in answer.passages] if answer is not None else []


def forget_closed(shared: Shared) -> None:
    """After going on from a snapshot: nobody waits for what passages asked that are no longer here."""
    answers = shared.hub.answers
    for answer in answers.values():
        answer.passages = [number for number in answer.passages if number in shared.by_number]
    shared.hub.answers = {name: answer for name, answer in answers.items() if answer.passages}
    for _, passage in shared.by_number.values():
        passage.asked = [name for name in passage.asked if name in shared.hub.answers]
