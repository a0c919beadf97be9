"""Recall: a hold that comes too late. The chute is closed, and its lamp flashes red, until a person has taken the parcel out.

Theory. Too late is what can no longer be withdrawn: behind the point of no return, or in the chute. The chute is closed at
once; a PLC that has not fired yet then keeps the parcel on the sorter. If it ends elsewhere, that was all. Else the chute
stays closed until a person closes its bag (a new tag, the button, a request) or unlocks the chute. What went into a chute is remembered until then, so that a hold
finds it. Whoever goes into a chute that is forbidden to it by then, by whatever way, is recalled too.
Comes in: records that changed, parcels that were seen in a chute. Goes out: `Recalled`, closed chutes. Never here: bags' lists.
"""

from typing import Final

from sortctl.logic.hub import clearance, shut
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Away, Sorter
from sortctl.words.causes import Cause
from sortctl.words.hub import ParcelTurned
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import Disturbed, Recalled
from sortctl.words.parcels import ParcelRecord, Zone

AWAY_MAX: Final = 2_000
"""Parcels remembered in the chutes of one sorter, the newest."""
WHO: Final = "recall"


def forbids(sorter: Sorter, passage: Passage, chute: int) -> str:
    """Why `passage` may not go into `chute`, by what is known now; empty: it may."""
    is_reject = chute in sorter.ends or (chute == passage.chute and passage.cause is not Cause.NONE)
    return _forbids(sorter, passage.record, sorter.zones[chute], is_reject=is_reject)


def _forbids(sorter: Sorter, record: ParcelRecord | None, zone: Zone, *, is_reject: bool) -> str:
    found = clearance.standing(sorter.shared, record)
    if clearance.admits(found.zones, zone, is_reject=is_reject):
        return ""
    return found.why or f"not cleared for a {zone.value} chute"


def call(sorter: Sorter, passage: Passage, chute: int, why: str) -> None:
    """`passage` can no longer be kept from going into `chute`, or is there."""
    _call(sorter, passage.number, passage.waybill, chute, why)


def _call(sorter: Sorter, number: int, waybill: str, chute: int, why: str) -> None:
    called = sorter.state.recalled.setdefault(chute, [])
    if number in called:
        return
    called.append(number)
    bag = sorter.books[chute].bag_of(number)
    where = f"bag {bag} at chute {chute}" if bag else f"chute {chute}"
    told = f"{waybill or f'passage {number}'} is to be taken out of {where}: {why}"
    sorter.say(Recalled(sorter.now_ns, sorter.sorter, PassageNumber(number), waybill, ChuteNumber(chute), bag, why))
    sorter.say(Disturbed(sorter.now_ns, sorter.sorter, f"recalled_{chute}", True, told))
    shut.close(sorter, chute, WHO, told)


def entered(sorter: Sorter, passage: Passage, chute: int) -> None:
    """A sensor saw `passage` go into `chute`."""
    why = forbids(sorter, passage, chute)
    if why:
        call(sorter, passage, chute, why)
    elif passage.waybill and chute not in sorter.ends:
        away = sorter.state.away
        away[passage.waybill] = Away(chute, passage.number)
        if len(away) > AWAY_MAX:
            del away[next(iter(away))]
    ended(sorter, passage, chute)


def ended(sorter: Sorter, passage: Passage, chute: int = 0) -> None:
    """`passage` has come to its end in `chute`, or (0) in none: others need not be closed because of it."""
    for other, called in list(sorter.state.recalled.items()):
        if other != chute and passage.number in called:
            called.remove(passage.number)
            if not called:
                _let_go(sorter, other, f"passage {passage.number} did not go there")


def turned(sorter: Sorter, fact: ParcelTurned) -> None:
    """A record has changed: is its parcel in a chute?"""
    away = sorter.state.away.get(fact.waybill)
    if away is None:
        return
    why = _forbids(sorter, fact.record, sorter.zones[away.chute], is_reject=False)
    if why:
        _call(sorter, away.passage, fact.waybill, away.chute, why)


def end(sorter: Sorter, chute: int, why: str) -> None:
    """A person has taken care of what is in `chute`: nothing in there is remembered any more."""
    _let_go(sorter, chute, why)
    state = sorter.state
    if state.away:
        state.away = {waybill: away for waybill, away in state.away.items() if away.chute != chute}


def _let_go(sorter: Sorter, chute: int, why: str) -> None:
    if sorter.state.recalled.pop(chute, None) is None:
        return
    sorter.say(Disturbed(sorter.now_ns, sorter.sorter, f"recalled_{chute}", False, why))
    shut.let_go(sorter, chute, WHO)
