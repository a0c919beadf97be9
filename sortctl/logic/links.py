"""Links: facts about a PLC, its machine, its chutes and the readers that mean the same on every sorter.

Comes in: links that come and go, epochs, the PLC's state, chute words, certificates. Goes out: state, and outcomes for people.
What voided positions or a changed chute mean for the parcels, each kind of sorter adds (`line/takes.py`, `loop/takes.py`).
"""

from collections.abc import Callable, Iterator
from typing import Any

from sortctl.logic import reads
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.site.model import Machine, OpcUaPlc
from sortctl.words import facts
from sortctl.words.ids import ChuteNumber, SorterId
from sortctl.words.outcomes import ChuteStateChanged, Disturbed, LinkChanged, MachineChanged, UnitTurned
from sortctl.words.units import signed_difference

NO_SORTER = SorterId("")
"""Where something is told that belongs to no sorter."""

# ------------------------------------------------------------------------------------------- controller and links


def started(sorter: Sorter, fact: facts.ControllerStarted) -> str:
    """A new run: nothing is linked, and what a scanner said before is gone. Why positions no longer hold; empty: they do."""
    state = sorter.state
    state.is_linked = state.holds = False
    state.belt.samples = []
    state.known_ns = fact.at_ns
    reads.drop_waiting(sorter, "the controller was restarted")
    _tell_unsecured(sorter, fact.at_ns)
    was, state.site = state.site, fact.site
    if fact.doubt:
        sorter.shared.last_passage = max(sorter.shared.last_passage, fact.row)
        return fact.doubt
    return "the configuration was changed" if was not in ("", fact.site) else ""


def _tell_unsecured(sorter: Sorter, at_ns: int) -> None:
    for name, why in unsecured(sorter.machine):
        sorter.say(Disturbed(at_ns, sorter.sorter, f"unsecured_{name}", True, why))


def unsecured(machine: Machine) -> Iterator[tuple[str, str]]:
    """(PLC or reader, why) for each link that the site file exempts from security."""
    plc = machine.plc
    if isinstance(plc, OpcUaPlc) and plc.security.policy == "none":
        yield machine.plc_id, f"the link to {machine.plc_id} has no security: {plc.security.why}"
    for name, reader in machine.readers.items():
        if reader.security.policy == "none":
            yield name, f"the link to {name} has no security: {reader.security.why}"


def linked(sorter: Sorter, fact: facts.PlcLinked) -> None:
    """A connection stands."""
    state = sorter.state
    state.is_linked = True
    if not state.boot_id:
        state.boot_id, state.events_taken = fact.boot_id, fact.events_acked
        state.belt.start(fact.count)
    if fact.boot_id == state.boot_id:
        state.belt.move(fact.count, fact.at_ns)
    sorter.say(LinkChanged(fact.at_ns, sorter.sorter, "plc", fact.plc, True, ""))


def lost(sorter: Sorter, fact: facts.PlcLost) -> None:
    """The link is down."""
    sorter.state.is_linked = False
    sorter.say(LinkChanged(fact.at_ns, sorter.sorter, "plc", fact.plc, False, fact.cause))


def restarted(sorter: Sorter, fact: facts.PlcRestarted) -> None:
    """The PLC counts from elsewhere, and has forgotten every order."""
    state = sorter.state
    state.belt.start(fact.count)
    state.boot_id, state.chutes_upto, state.events_taken = fact.boot_id, 0, 0
    # the epoch ended with its orders; one that the PLC grants now is a new one, even if its memory lost count and repeats it
    state.epoch, state.untaken = 0, []


def granted(sorter: Sorter, fact: facts.EpochGranted) -> None:
    """Said after the orders that follow from it."""
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, "no_epoch", False, f"epoch {fact.epoch}"))


def epoch_lost(sorter: Sorter, fact: facts.EpochLost) -> None:
    """No orders until the next grant."""
    sorter.state.holds = False
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, "no_epoch", True, fact.cause))


def refused(sorter: Sorter, fact: facts.OrdersRefused) -> None:
    """The PLC takes our blocks no longer, or again."""
    why = f"the PLC refuses our blocks: reject {fact.reject}" if fact.reject else "our blocks are taken again"
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, "orders_refused", bool(fact.reject), why))


def commit_late(sorter: Sorter, fact: facts.CommitLate) -> None:
    """The disk is slow, or on time again."""
    why = "orders leave before they are on disk" if fact.late else "the journal is on time again"
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, "journal_late", fact.late, why))


# ------------------------------------------------------------------------------------------- the machine


def machine(sorter: Sorter, fact: facts.MachineTurned) -> None:
    """The state that the exchange image shows."""
    if fact.state != sorter.state.machine_state:
        sorter.state.machine_state = fact.state
        sorter.say(MachineChanged(fact.at_ns, sorter.sorter, fact.plc, fact.state))


def dropped(sorter: Sorter, fact: facts.EventsDropped) -> None:
    """The PLC's buffer overflowed."""
    why = f"the PLC dropped {fact.dropped} events since its start"
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, "events_dropped", bool(fact.dropped), why))


def chutes(sorter: Sorter, fact: facts.ChutesRead) -> list[int]:
    """All words were read: the chutes that are in another state now."""
    sorter.state.chutes_upto = fact.upto_seq
    return [number for number, word in enumerate(fact.words, start=1) if _turn_chute(sorter, number, word)]


def chute(sorter: Sorter, fact: facts.ChuteTurned) -> bool:
    """One word changed. True: the chute is in another state now."""
    if signed_difference(fact.seq, sorter.state.chutes_upto) <= 0:
        return False
    return _turn_chute(sorter, fact.chute, fact.word)


def _turn_chute(sorter: Sorter, number: int, word: int) -> bool:
    book = sorter.books.get(number)
    if book is None or not book.turn(word):
        return False
    sorter.touched.add(number)
    sorter.say(ChuteStateChanged(sorter.now_ns, sorter.sorter, ChuteNumber(number), book.state, book.why))
    return True


def jam(sorter: Sorter, fact: facts.JamTurned) -> None:
    """A zone jams, or is cleared."""
    why = f"jam in zone {fact.zone}" if fact.begins else f"the jam in zone {fact.zone} is cleared"
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, f"jam_{fact.zone}", fact.begins, why))


def unknown(sorter: Sorter, fact: facts.EventUnknown) -> None:
    """An event of another version."""
    why = f"the PLC sends events of kind {fact.kind}, which this version does not know"
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, "event_unknown", True, why))


# ------------------------------------------------------------------------------------------- readers


def scanner_up(sorter: Sorter, fact: facts.ScannerLinked) -> None:
    """The port is open."""
    sorter.say(LinkChanged(fact.at_ns, sorter.sorter, "scanner", fact.scanner, True, ""))


def scanner_down(sorter: Sorter, fact: facts.ScannerLost) -> None:
    """The port is gone."""
    sorter.say(LinkChanged(fact.at_ns, sorter.sorter, "scanner", fact.scanner, False, fact.cause))


def scanner_silent(sorter: Sorter, fact: facts.ScannerSilent) -> None:
    """No sign of life, or alive again."""
    why = "no sign of life" if fact.silent else "alive again"
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, f"scanner_silent_{fact.scanner}", fact.silent, why))


def scanner_babbles(sorter: Sorter, fact: facts.ScannerBabbles) -> None:
    """More comes than can be true, or that is over."""
    why = "it sends more than can pass it, nothing of it is believed" if fact.babbles else "it is believed again"
    sorter.say(Disturbed(fact.at_ns, sorter.sorter, f"scanner_babbles_{fact.scanner}", fact.babbles, why))


# ------------------------------------------------------------------------------------------- of no sorter


def unit(shared: Shared, sorter: SorterId, fact: facts.UnitSeen) -> None:
    """What the PackML nodes of a PLC show, whether or not a sorter uses that PLC."""
    if shared.units.get(fact.plc) == (fact.state, fact.mode):
        return
    shared.units[fact.plc] = fact.state, fact.mode
    shared.said.append(UnitTurned(fact.at_ns, sorter, fact.plc, fact.state, fact.mode))


def certificate(shared: Shared, fact: facts.CertificateAged) -> None:
    """A certificate ends soon, is over, or was renewed."""
    days = fact.days_left
    if days is None:
        why = f"{fact.name} ({fact.thumbprint}) was renewed or removed"
    elif days < 0:
        why = f"{fact.name} ({fact.thumbprint}) is no longer valid"
    else:
        why = f"{fact.name} ({fact.thumbprint}) is valid for {days} more days"
    # By its thumbprint: the old and the new one of a server have one name.
    code = f"certificate_{fact.thumbprint[:8].lower()}"
    shared.said.append(Disturbed(fact.at_ns, NO_SORTER, code, days is not None, why))


TAKE: dict[type[facts.Fact], Callable[[Any, Any], object]] = {
    facts.CommitLate: commit_late,
    facts.PlcLinked: linked,
    facts.PlcLost: lost,
    facts.EpochLost: epoch_lost,
    facts.OrdersRefused: refused,
    facts.MachineTurned: machine,
    facts.EventsDropped: dropped,
    facts.JamTurned: jam,
    facts.EventUnknown: unknown,
    facts.ScannerLinked: scanner_up,
    facts.ScannerLost: scanner_down,
    facts.ScannerSilent: scanner_silent,
    facts.ScannerBabbles: scanner_babbles,
}
"""Facts that mean the same on every sorter and nothing more on either kind."""
