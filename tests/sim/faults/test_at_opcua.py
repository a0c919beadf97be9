"""Mischief at an OPC UA door is seeded, wears off, and can be lifted; its codes are those of the standard."""

import pytest
from asyncua import ua

from sim.faults import at_opcua
from sim.faults.at_opcua import DENIED, DROPPED, HONEST, UNANSWERED, Mischief

TURNS = 200


def test_the_same_seed_has_the_same_bad_day() -> None:
    days = []
    for _ in range(2):
        mischief = Mischief(7)
        mischief.lay(DROPPED, chance=0.3)
        days.append([mischief.treat("Write") for _ in range(TURNS)])
    assert days[0] == days[1]
    assert {HONEST, DROPPED} == set(days[0])


def test_laid_for_some_services_and_some_times() -> None:
    mischief = Mischief(1)
    mischief.lay(DENIED, times=2, services=frozenset({"Write"}))
    treated = [mischief.treat(service) for service in ("Read", "Write", "Write", "Write")]
    assert treated == [HONEST, DENIED, DENIED, HONEST]
    assert mischief.struck == 2


def test_lifted_is_over_and_the_next_one_holds() -> None:
    mischief = Mischief(1)
    first, _ = mischief.lay(DROPPED), mischief.lay(UNANSWERED)
    assert mischief.treat("Read") == DROPPED
    mischief.lift(first)
    mischief.lift(first)
    assert mischief.treat("Read") == UNANSWERED
    mischief.lift_all()
    assert mischief.treat("Read") == HONEST


@pytest.mark.parametrize(
    ("ours", "name"),
    [
        (at_opcua.BAD_INTERNAL_ERROR, "BadInternalError"),
        (at_opcua.BAD_SERVER_HALTED, "BadServerHalted"),
        (at_opcua.BAD_USER_ACCESS_DENIED, "BadUserAccessDenied"),
        (at_opcua.BAD_SENSOR_FAILURE, "BadSensorFailure"),
        (at_opcua.BAD_TOO_MANY_SESSIONS, "BadTooManySessions"),
        (at_opcua.BAD_TCP_SERVER_TOO_BUSY, "BadTcpServerTooBusy"),
        (at_opcua.UNCERTAIN_LAST_USABLE_VALUE, "UncertainLastUsableValue"),
    ],
)
def test_codes(ours: int, name: str) -> None:
    assert getattr(ua.StatusCodes, name) == ours
