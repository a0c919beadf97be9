"""Ages: which certificates will soon be out of date, told when that changes. Pure.

Comes in: what `pki` found to be out of date soon, every few hours. Goes out: CertificateAged for each that is new or has come
a day nearer to its end, and once more, without days, when it is no longer among them. Never here: reading certificates.
"""

from collections.abc import Iterable

from sortctl.words.facts import CertificateAged, Fact

Found = tuple[str, str, int]
"""(name, thumbprint, days left)"""


class Ages:
    """What was told. `told` outlives a restart: what was renewed meanwhile must be taken back."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[str, int]] = {}
        """Thumbprint -> (name, days left)."""

    def note(self, fact: CertificateAged) -> None:
        """This was told."""
        if fact.days_left is None:
            self.told.pop(fact.thumbprint, None)
        else:
            self.told[fact.thumbprint] = (fact.name, fact.days_left)

    def take(self, found: Iterable[Found], at_ns: int) -> list[Fact]:
        """All that will soon be out of date, at `at_ns`."""
        now = {thumbprint: (name, days) for name, thumbprint, days in found}
        ended = [(mark, name) for mark, (name, _) in self.told.items() if mark not in now]
        told = [CertificateAged(at_ns, name, mark, None) for mark, name in ended]
        for mark, (name, days) in now.items():
            if self.told.get(mark) != (name, days):
                told.append(CertificateAged(at_ns, name, mark, days))
        for fact in told:
            self.note(fact)
        return list(told)
