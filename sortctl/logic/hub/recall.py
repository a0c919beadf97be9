"""Recall: a hold that comes too late. The chute is closed, and its lamp flashes red, until a person has taken the parcel out.

Theory. Too late is what can no longer be withdrawn: behind the point of no return, or in the chute. The chute is closed at
once; a PLC that has not fired yet then keeps the parcel on the sorter. If it ends elsewhere, that was all. Else the chute
stays closed until a person closes its bag (a new tag, the button, a request) or unlocks the chute, or the hold ends. What went
into a chute is remembered, also of a bag that was taken away, so that a hold finds it: of such a bag an alarm says where it hung. A parcel
that was lost behind its order counts as in its chute. Whoever goes into a chute that is forbidden to it by then, by whatever
way, is recalled too. That a record was deleted is no hold.
Comes in: records that changed, parcels that were seen in a chute. Goes out: `Recalled`, closed chutes. Never here: what is in which bag.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from sortctl.logic.hub import clearance, shut
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Away, Sorter
from sortctl.words.causes import Cause
from sortctl.words.hub import ParcelTurned
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import Disturbed, Recalled
from sortctl.words.parcels import Zone

AWAY_MAX: Final = 10_000
"""Parcels remembered in the chutes and bags of one sorter, the newest: an hour of the fastest."""
WHO: Final = "recall"


def forbids(sorter: Sorter, passage: Passage, chute: int) -> str:
    """Why `passage` may not go into `chute`, by what is known now; empty: it may."""
    is_reject = chute in sorter.ends or (chute == passage.chute and passage.cause is not Cause.NONE)
    return _forbids(clearance.of(sorter.shared, passage), sorter.zones[chute], is_reject=is_reject)


def _forbids(found: clearance.Clearance, zone: Zone, *, is_reject: bool) -> str:
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


def forgive(sorter: Sorter, number: int, chute: int, why: str) -> None:
    """Passage `number` need not be taken out of `chute` any more: others may still have to be."""
    called = sorter.state.recalled.get(chute, [])
    if number in called:
        called.remove(number)
        if not called:
            _let_go(sorter, chute, why)


def entered(sorter: Sorter, passage: Passage, chute: int) -> None:
    """A sensor saw `passage` go into `chute`."""
    _lies(sorter, passage, chute)
    ended(sorter, passage, chute)


def _lies(sorter: Sorter, passage: Passage, chute: int) -> None:
    """`passage` is in `chute`, or may be."""
    why = forbids(sorter, passage, chute)
    if why:
        call(sorter, passage, chute, why)
    if passage.waybill and chute not in sorter.ends:
        _forget(sorter, passage.waybill)
        away = sorter.state.away
        away[passage.waybill] = Away(chute, passage.number)
        if len(away) > AWAY_MAX:
            _forget(sorter, next(iter(away)))


def _forget(sorter: Sorter, waybill: str) -> None:
    """Where it was before, it is no longer."""
    away = sorter.state.away.pop(waybill, None)
    if away is not None and away.called:
        _settle_bag(sorter, away.bag, f"{waybill} is not in it any more")


def ended(sorter: Sorter, passage: Passage, chute: int = 0) -> None:
    """`passage` has come to its end in `chute`, or (0) nobody knows where: others need not be closed because of it."""
    if not chute and passage.told is not None:
        chute = passage.told.chute  # its order was not withdrawn in time, and no sensor saw it anywhere else
        _lies(sorter, passage, chute)
    for other in [one for one, called in sorter.state.recalled.items() if one != chute and passage.number in called]:
        forgive(sorter, passage.number, other, f"passage {passage.number} did not go there")


def turned(sorter: Sorter, fact: ParcelTurned) -> None:
    """A record has changed: is its parcel in a chute, or in a bag that was taken away?"""
    away = sorter.state.away.get(fact.waybill)
    if away is None or fact.record is None:
        return
    why = _forbids(clearance.standing(sorter.shared, fact.record), sorter.zones[away.chute], is_reject=False)
    if away.bag:
        _call_bag(sorter, fact.waybill, away, why)
    elif why:
        _call(sorter, away.passage, fact.waybill, away.chute, why)
    else:
        forgive(sorter, away.passage, away.chute, f"{fact.waybill} may be there again")


def _call_bag(sorter: Sorter, waybill: str, away: Away, why: str) -> None:
    if bool(why) == away.called:
        return
    sorter.state.away[waybill] = replace(away, called=bool(why))
    if not why:
        _settle_bag(sorter, away.bag, f"{waybill} may leave again")
        return
    told = f"{waybill} is in bag {away.bag}, taken from chute {away.chute}: find the bag, take the parcel out: {why}"
    number = PassageNumber(away.passage)
    sorter.say(Recalled(sorter.now_ns, sorter.sorter, number, waybill, ChuteNumber(0), away.bag, why))
    sorter.say(Disturbed(sorter.now_ns, sorter.sorter, f"recalled_bag_{away.bag}", True, told))


def _settle_bag(sorter: Sorter, bag: str, why: str) -> None:
    """One parcel less is to be taken out of a bag that is gone."""
    if not any(one.called and one.bag == bag for one in sorter.state.away.values()):
        sorter.say(Disturbed(sorter.now_ns, sorter.sorter, f"recalled_bag_{bag}", False, why))


def taken_away(sorter: Sorter, chute: int, bag: str, waybills: Iterable[str]) -> None:
    """`bag` with these parcels hangs at `chute` no longer."""
    for waybill in waybills:
        away = sorter.state.away.get(waybill)
        if bag and away is not None and away.chute == chute and not away.bag:
            sorter.state.away[waybill] = replace(away, bag=bag)


def end(sorter: Sorter, chute: int, why: str) -> None:
    """A person has taken out of `chute` who was called: they are not remembered any more, the others are."""
    called, state = sorter.state.recalled.get(chute, []), sorter.state
    if called:
        taken = [waybill for waybill, away in state.away.items() if away.passage in called and not away.bag]
        for waybill in taken:
            del state.away[waybill]
    _let_go(sorter, chute, why)


def _let_go(sorter: Sorter, chute: int, why: str) -> None:
    if sorter.state.recalled.pop(chute, None) is None:
        return
    sorter.say(Disturbed(sorter.now_ns, sorter.sorter, f"recalled_{chute}", False, why))
    shut.let_go(sorter, chute, WHO)
