"""What `sortctl pki show` tells: every certificate and revocation list here, with what is left of its time.

Comes in: the folder and the moment. Goes out: one value for JSON, or tables with warnings below them. Never here: changing any.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

import click
from msgspec import Struct

from sortctl.commands.screen import escaped, screen
from sortctl.commands.tables import Sheet, print_table
from sortctl.pki.ages import ages, days_left
from sortctl.pki.certificate import Certificate, RevocationList
from sortctl.pki.refusal import KeysMissing, KeysUnusable
from sortctl.pki.store import check_key, read_own, read_own_certificate, read_rejected, read_trust

_HEADINGS: Final = ("subject", "application", "hosts", "thumbprint", "valid until", "days left")


class Shown(Struct, frozen=True):
    """One certificate as people see it."""

    subject: str
    uris: tuple[str, ...]
    hosts: tuple[str, ...]
    thumbprint: str
    sha256: str
    is_ca: bool
    not_after: str
    days_left: int


class ShownList(Struct, frozen=True):
    """One revocation list."""

    issuer: str
    last_update: str
    next_update: str
    revoked: int


class Told(Struct, frozen=True):
    """All that is in the folder."""

    folder: str
    own: Shown | None
    own_problem: str
    trusted: tuple[Shown, ...]
    issuers: tuple[Shown, ...]
    rejected: tuple[Shown, ...]
    revocation_lists: tuple[ShownList, ...]
    unread: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Nothing needs anybody. No own pair is well: a site without secured links needs none."""
        return not (self.warnings or self.unread or self.own_problem)


def told(folder: Path, at: datetime) -> Told:
    """Everything in the folder. Raises KeysUnusable."""
    trust = read_trust(folder)
    certificate, problem = _own(folder)
    return Told(
        folder=str(folder),
        own=_shown(certificate, at) if certificate is not None else None,
        own_problem=problem,
        trusted=tuple(_shown(each, at) for each in trust.trusted),
        issuers=tuple(_shown(each, at) for each in trust.issuers),
        rejected=tuple(_shown(each, at) for each in read_rejected(folder)),
        revocation_lists=tuple(_shown_list(each) for each in trust.lists),
        unread=trust.unread,
        warnings=tuple(each.text for each in ages(certificate, trust, at)),
    )


def show(found: Told) -> None:
    """Tables, then what somebody must do."""
    console = screen()
    if found.own is None:
        console.print("no own certificate")
        click.echo("  sortctl pki init SITE makes one", err=True)
    else:
        print_table(console, _sheet("own", (found.own,)))
    for title, shown in (("trusted", found.trusted), ("issuers", found.issuers), ("rejected", found.rejected)):
        if shown:
            print_table(console, _sheet(title, shown))
    if not found.trusted:
        click.echo("nobody is trusted: sortctl pki trust FILE, with the certificate of each PLC", err=True)
    if found.revocation_lists:
        lists = tuple(
            (each.issuer, each.last_update, each.next_update, str(each.revoked)) for each in found.revocation_lists
        )
        print_table(
            console, Sheet("revocation lists", ("issuer", "made", "next due", "revoked"), lists, frozenset({3}))
        )
    for warning in (*found.warnings, *found.unread, *((found.own_problem,) if found.own_problem else ())):
        click.echo(escaped(warning), err=True)
    if found.own is not None and any(warning.startswith("own") for warning in found.warnings):
        click.echo("  sortctl pki renew makes the next one; every PLC must be given it", err=True)


def _own(folder: Path) -> tuple[Certificate | None, str]:
    """The certificate can be shown also to somebody who may not read the key."""
    try:
        certificate = read_own_certificate(folder)
    except KeysMissing:
        return None, ""
    except KeysUnusable as error:
        return None, str(error)
    try:
        check_key(read_own(folder))
    except KeysUnusable as error:
        return certificate, str(error)
    return certificate, ""


def _sheet(title: str, shown: tuple[Shown, ...]) -> Sheet:
    rows = tuple(
        (
            each.subject + (" (CA)" if each.is_ca else ""),
            ", ".join(each.uris) or "-",
            ", ".join(each.hosts) or "-",
            each.thumbprint,
            each.not_after,
            str(each.days_left),
        )
        for each in shown
    )
    return Sheet(title, _HEADINGS, rows, frozenset({5}))


def _shown(each: Certificate, at: datetime) -> Shown:
    return Shown(
        subject=each.subject,
        uris=each.uris,
        hosts=each.hosts,
        thumbprint=each.thumbprint,
        sha256=each.fingerprint,
        is_ca=each.issues,
        not_after=f"{each.not_after:%Y-%m-%d}",
        days_left=days_left(each.not_after, at),
    )


def _shown_list(each: RevocationList) -> ShownList:
    due = f"{each.next_update:%Y-%m-%d %H:%M}" if each.next_update is not None else "not told"
    return ShownList(each.issuer, f"{each.last_update:%Y-%m-%d %H:%M}", due, len(each.parsed))
