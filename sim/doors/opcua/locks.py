"""Locks: with which keys, for which clients and users an OPC UA door of the simulator opens.

Comes in: certificate files, names and passwords. Goes out: asyncua's policies and tokens; yes or no to a client's
certificate and to a user. Clients are judged by a plain list of certificates: this is a machine to test against, and
`sortctl` must not agree with itself. Never here: making certificates (`sim/doors/certificates.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager

NONE: Final = "none"


@dataclass(frozen=True)
class Locks:
    """How one door is locked. As it stands: not at all."""

    policies: tuple[tuple[str, str], ...] = ((NONE, ""),)
    """Pairs of policy and mode, as in the site file: ("Basic256Sha256", "SignAndEncrypt")."""
    application_uri: str = "urn:simulated:plc"
    certificate: Path | None = None
    """DER or PEM by its suffix; the key is PEM without a password."""
    key: Path | None = None
    trusted: frozenset[bytes] | None = None
    """DER of the clients that may open a channel; None: every client."""
    anonymous: bool = True
    users: Mapping[str, str] = field(default_factory=dict)
    """Names and passwords."""
    user_certificates: frozenset[bytes] = frozenset()
    """DER of the certificates that are users."""

    def policy_types(self) -> list[ua.SecurityPolicyType]:
        return [
            ua.SecurityPolicyType.NoSecurity if policy == NONE else ua.SecurityPolicyType[f"{policy}_{mode}"]
            for policy, mode in self.policies
        ]

    def token_types(self) -> list[type]:
        asked = (
            (self.anonymous, ua.AnonymousIdentityToken),
            (bool(self.users), ua.UserNameIdentityToken),
            (bool(self.user_certificates), ua.X509IdentityToken),
        )
        return [token for wanted, token in asked if wanted]

    def trusts(self, certificate: bytes | None) -> bool:
        """`certificate` is what the client's channel shows; a chain begins with the client's own."""
        if self.trusted is None:
            return True
        return certificate is not None and any(certificate.startswith(known) for known in self.trusted)


class Guard(UserManager):
    """Says who may activate a session."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    def get_user(
        self,
        iserver: Any,  # noqa: ARG002 asyncua's signature
        username: str | None = None,
        password: str | None = None,
        certificate: Any = None,
    ) -> User | None:
        locks = self._locks
        if username is not None:
            known = username in locks.users and locks.users[username] == password
        else:
            known = locks.anonymous or certificate in locks.user_certificates
        return User(role=UserRole.User, name=username) if known else None
