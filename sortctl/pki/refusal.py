"""Refusal: the ways in which a certificate can be bad, and what is raised when own keys or secrets cannot be used.

Goes out: errors whose text is one printable line with the command that mends it, fit for a log, a screen and an alarm.
Never here: the checks themselves (`judge.py`, `store.py`).
"""

from enum import Enum
from typing import Final

from sortctl.pki.text import one_line

TEXT_MAX: Final = 600


class Refusal(Enum):
    """Why a certificate is not accepted. The value is the word for logs and scripts."""

    UNREADABLE = "unreadable"
    UNKNOWN_EXTENSION = "unknown_extension"
    WEAK_KEY = "weak_key"
    WEAK_SIGNATURE = "weak_signature"
    UNTRUSTED = "untrusted"
    SELF_SIGNED_UNKNOWN = "self_signed_unknown"
    FORGED = "forged"
    """Names a known CA as its issuer, but that CA did not sign it."""
    NOT_A_CA = "not_a_ca"
    """Issued by a certificate that may not issue certificates."""
    SWAPPED = "swapped"
    """Trusted, but not the one that the site file pins for this server."""
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    WRONG_HOST = "wrong_host"
    WRONG_URI = "wrong_uri"
    WRONG_USE = "wrong_use"
    """Not a certificate for servers."""
    NO_REVOCATION_LIST = "no_revocation_list"
    REVOCATION_LIST_OUTDATED = "revocation_list_outdated"
    REVOKED = "revoked"


class CertificateRefused(Exception):
    """A certificate that is not accepted. `what`: which one and what is wrong; `mend`: what to do. str(): all in one line."""

    def __init__(self, refusal: Refusal, what: str, mend: str) -> None:
        self.refusal = refusal
        self.what = one_line(what, TEXT_MAX)
        self.mend = one_line(mend, TEXT_MAX)
        super().__init__(f"refused as {refusal.value}: {self.what}; {self.mend}")


class KeysUnusable(Exception):
    """Own certificate, own key, trust list or a secret cannot be used. `what` and `mend` as above."""

    def __init__(self, what: str, mend: str) -> None:
        self.what = one_line(what, TEXT_MAX)
        self.mend = one_line(mend, TEXT_MAX)
        super().__init__(f"{self.what}; {self.mend}")


class KeysMissing(KeysUnusable):
    """There is no such thing yet."""


class KeysRefused(KeysUnusable):
    """It could be done, but would do harm."""
