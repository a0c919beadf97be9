"""Ages: what will soon be out of date, so that somebody renews it in daylight and not when a link fails at night. Pure.

Comes in: own certificate, trust list, the moment. Goes out: what is over or will be within 30 days, soonest first.
Never here: the alarm (`watch`), the renewal (`make.py`).
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sortctl.pki.certificate import Certificate, RevocationList, thumbprint_of
from sortctl.pki.judge import Trust
from sortctl.pki.store import Own

AHEAD_DAYS: Final = 30


class Age(NamedTuple):
    """One thing that runs out. `days_left` is rounded down: 0 is within a day, below 0 it is over."""

    name: str
    thumbprint: str
    days_left: int

    @property
    def text(self) -> str:
        """For an alarm."""
        when = f"runs out in {self.days_left} days" if self.days_left else "runs out within a day"
        return f"{self.name} ({self.thumbprint}) {'has run out' if self.days_left < 0 else when}"


def ages(own: Own | Certificate | None, trust: Trust, at: datetime) -> list[Age]:
    """Everything that needs somebody, soonest first."""
    found = [] if own is None else [Age("own certificate", own.thumbprint, days_left(own.not_after, at))]
    for kind, certificates in (("trusted certificate", trust.trusted), ("certificate of issuer", trust.issuers)):
        for each in certificates:
            found.append(Age(f'{kind} "{each.subject}"', each.thumbprint, days_left(each.not_after, at)))
    soon = [each for each in found if each.days_left <= AHEAD_DAYS]
    soon += [age for each in trust.lists if (age := _list_age(each, at)) is not None]
    return sorted(soon, key=lambda each: (each.days_left, each.name, each.thumbprint))


def days_left(until: datetime, at: datetime) -> int:
    """Whole days from `at`; below 0 it is over."""
    return (until - at) // timedelta(days=1)


def _list_age(each: RevocationList, at: datetime) -> Age | None:
    """A list that lives a week cannot be announced for a month: a quarter of its life is the earliest."""
    if each.next_update is None:
        return None
    left = days_left(each.next_update, at)
    ahead = min(AHEAD_DAYS, (each.next_update - each.last_update).days // 4)
    return Age(f'revocation list of "{each.issuer}"', thumbprint_of(each.der), left) if left <= ahead else None
