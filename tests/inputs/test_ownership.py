"""The claim to a PLC: read first, ask only while nobody owns it, count the lease short, fall silent for others."""

from sortctl.inputs.exchange import Image
from sortctl.inputs.ownership import Ownership, Stance
from sortctl.words import facts
from sortctl.words.ids import PlcId
from sortctl.words.units import NS_PER_MS

MS = NS_PER_MS


def image(owner: int, epoch: int, lease_ms: int = 1000, accepted: int = 0) -> Image:
    return Image(1, 7, 0, 6, 0, 0, epoch, owner, lease_ms, 0, 0, accepted, 0, 0, ())


def claim(epoch: int = 0) -> Ownership:
    return Ownership(PlcId("plc1"), owner=1, scan_ms=10, epoch=epoch)


def test_nothing_is_written_before_the_first_read() -> None:
    assert claim().stance(0) is Stance.READ


def test_a_free_plc_is_asked_and_again_after_a_pause_of_200_to_400_ms() -> None:
    mine = claim()
    mine.see(image(owner=0, epoch=4), 0, 0)
    assert mine.stance(0) is Stance.ACQUIRE
    assert mine.stance(199 * MS) is Stance.READ
    assert mine.stance(400 * MS) is Stance.ACQUIRE


def test_a_grant_is_known_by_our_number_and_a_newer_epoch() -> None:
    mine = claim()
    mine.see(image(owner=0, epoch=4), 0, 0)
    mine.stance(0)
    mine.see(image(owner=1, epoch=4), 0, 0)
    assert not mine.holds, "an old epoch under our number is not a grant"
    assert mine.see(image(owner=1, epoch=5), 0, 9) == [facts.EpochGranted(9, PlcId("plc1"), 5, 0)]
    assert mine.holds


def test_our_number_without_having_asked_is_somebody_elses_life() -> None:
    mine = claim()
    [told] = mine.see(image(owner=1, epoch=5), 0, 0)
    assert isinstance(told, facts.EpochLost)
    assert "our number" in told.cause
    assert mine.stance(0) is Stance.READ


def test_a_restarted_controller_goes_on_in_its_epoch() -> None:
    mine = claim(epoch=5)
    assert mine.see(image(owner=1, epoch=5, accepted=12), 0, 3) == [facts.EpochGranted(3, PlcId("plc1"), 5, 12)]


def test_another_owner_silences_us() -> None:
    mine = claim()
    mine.see(image(owner=0, epoch=4), 0, 0)
    mine.stance(0)
    mine.see(image(owner=2, epoch=5), 0, 0)
    assert mine.stance(1000 * MS) is Stance.READ
    mine.see(image(owner=1, epoch=6), 0, 0)
    assert not mine.holds, "the grant we see now was not asked for"


def test_a_controller_that_never_held_an_epoch_says_who_does() -> None:
    """Without a word the status of a second controller would show a sound link and nobody sorting."""
    mine = claim()
    [told] = mine.see(image(owner=2, epoch=5), 0, 7)
    assert told == facts.EpochLost(7, PlcId("plc1"), "controller 2 owns the PLC")
    assert mine.see(image(owner=2, epoch=5), 0, 8) == []
    mine.disconnected()
    assert mine.see(image(owner=2, epoch=5), 0, 9) == [], "once is enough"
    assert mine.see(image(owner=3, epoch=6), 0, 10) != []


def test_the_lease_counts_from_the_request_and_orders_stop_at_300_ms() -> None:
    mine = claim(epoch=5)
    mine.see(image(owner=1, epoch=5, lease_ms=1000), sent_ns=0, at_ns=50 * MS)
    assert mine.stance(689 * MS) is Stance.ORDER
    assert mine.stance(690 * MS) is Stance.RENEW


def test_an_ended_lease_is_told_and_asked_for_anew() -> None:
    mine = claim(epoch=5)
    mine.see(image(owner=1, epoch=5), 0, 0)
    [lost] = mine.see(image(owner=0, epoch=5), 0, 1)
    assert isinstance(lost, facts.EpochLost)
    assert mine.stance(1) is Stance.ACQUIRE
    mine.see(image(owner=1, epoch=6), 0, 2)
    assert mine.holds


def test_a_short_break_of_the_link_keeps_the_epoch() -> None:
    mine = claim(epoch=5)
    mine.see(image(owner=1, epoch=5), 0, 0)
    mine.disconnected()
    assert mine.see(image(owner=1, epoch=5), 400 * MS, 401 * MS) == []
    assert mine.stance(401 * MS) is Stance.ORDER


def test_leaving_gives_the_epoch_back_and_never_asks_again() -> None:
    mine = claim(epoch=5)
    mine.see(image(owner=1, epoch=5), 0, 0)
    mine.is_leaving = True
    assert mine.stance(0) is Stance.RELEASE
    mine.see(image(owner=0, epoch=5), 0, 1)
    assert mine.stance(900 * MS) is Stance.READ
