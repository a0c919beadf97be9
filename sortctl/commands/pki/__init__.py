"""sortctl pki: our certificate and key, and whom we believe: make, show, trust, untrust, renew, take in revocation lists.

Comes in: the state folder, files, thumbprints. Goes out: what was done and what to do next, as text or JSON. Changes take effect
at the next connection, without a restart. Never here: what makes a certificate bad (`pki/judge.py`).
"""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from sortctl.commands.options import VAR, Exit, Stop, json_option, state_option
from sortctl.commands.pki.show import show, told
from sortctl.commands.screen import escaped, print_json
from sortctl.pki import lists
from sortctl.pki.make import BITS, DAYS, Extra, make_own
from sortctl.pki.make import renew as renew_own
from sortctl.pki.refusal import CertificateRefused, KeysMissing, KeysUnusable
from sortctl.pki.store import Own, pki_folder, read_own_certificate

_AT_NEXT: Final = "It counts from the next connection on; one that stands goes on until it ends."


@click.group("pki", short_help="Our certificate, and whom we believe.")
def command() -> None:
    """Our certificate and key, and the servers we believe: PLCs and readers on OPC UA, PLCs on Modbus TCP Security.

    \b
    Example:
      sortctl pki init config/demo
      sortctl pki show

    Exit codes: 0 done, 1 something runs out within 30 days or has (show), 2 usage, 3 not there, 4 refused, 5 the configuration
    is invalid.
    """  # noqa: D301 - \b keeps the lines apart


@command.command("init")
@click.argument("site", type=click.Path(path_type=Path))
@click.option(
    "--state",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="State folder; made if it is not there. Default: $STATE_DIRECTORY, else ./var/<name of the hub>.",
)
@click.option("--uri", metavar="URI", help="Application URI. Default: urn:<host name>:sortctl:<name of the hub>.")
@click.option(
    "--host", "hosts", metavar="NAME", multiple=True, help="Name or address of this host; may be given several times."
)
@click.option("--days", type=int, default=DAYS, show_default=True, help="So long it is valid.")
@click.option("--bits", type=int, default=BITS, show_default=True, help="Bits of the key; 2048 for old PLCs.")
@click.option("--role", default="", metavar="ROLE", help="Our role for PLCs on Modbus TCP Security that ask for one.")
@click.option("--anew", is_flag=True, help="Though there is a pair already; that one is kept beside.")
@json_option
def init_command(site: Path, state: Path | None, as_json: bool, anew: bool, **given: Any) -> None:
    """Make our certificate and key for the site in the folder SITE.

    \b
    Example:
      sortctl pki init config/demo --host edge-1 --host 10.1.2.3

    Says where the certificate lies that every PLC must be given. The key stays where it is, readable by its owner only.
    Exit codes: 0 made, 3 no such folder, 4 there is a pair already, or a name is none, 5 the configuration is invalid.
    """  # noqa: D301 - \b keeps the lines apart
    hub, title = _hub(site)
    folder = pki_folder(state or _told_state() or VAR / hub)
    if not anew and (folder / "own" / "cert.der").exists():
        hint = "sortctl pki show shows it; sortctl pki renew makes the next one with the same names; --anew makes one all the same"
        raise Stop(Exit.REFUSED, f"there is an own certificate in {folder}", hint)
    name = socket.gethostname()
    uri = given["uri"] or f"urn:{name}:sortctl:{hub}"
    extra = Extra(title, given["role"], given["bits"])
    with _stops():
        own = make_own(folder, uri, given["hosts"] or (name,), given["days"], _now(), extra)
    _tell_own(folder, own, as_json, "Made.")


@command.command("show")
@state_option
@json_option
def show_command(state: Path, as_json: bool) -> None:
    """Show our certificate, those we trust, those that were refused, issuers and revocation lists, with what is left of their time.

    \b
    Example:
      sortctl pki show

    Exit codes: 0 all is well, 1 something runs out within 30 days or has, or cannot be read, 3 no state folder, 4 not readable.
    """  # noqa: D301 - \b keeps the lines apart
    with _stops():
        found = told(pki_folder(state), _now())
    if as_json:
        print_json(found)
    else:
        show(found)
    if not found.well:
        raise SystemExit(Exit.NEGATIVE)


@command.command("trust")
@click.argument("certificate", metavar="FILE|THUMBPRINT")
@click.option("--issuer", is_flag=True, help="Only as a CA that stands between: known, but not believed by itself.")
@state_option
@json_option
def trust_command(certificate: str, issuer: bool, state: Path, as_json: bool) -> None:
    """Trust the certificate in a FILE (DER or PEM), or the refused one of this THUMBPRINT. A CA: all that it issues.

    \b
    Example:
      sortctl pki trust plc-a.der
      sortctl pki trust 3A0F6C1B5D2E4F708192A3B4C5D6E7F801234567

    Compare the thumbprint with the one that the PLC's engineering tool shows, before. A CA needs a revocation list too: `sortctl pki crl`.
    Exit codes: 0 trusted (or was already), 3 no such file or refused certificate, 4 it is no certificate.
    """  # noqa: D301 - \b keeps the lines apart
    folder = pki_folder(state)
    with _stops():
        added = lists.trust(folder, certificate, issuer=issuer)
    if as_json:
        print_json({"thumbprint": added.thumbprint, "subject": added.subject, "issuer": issuer})
        return
    click.echo(f"{'Known as an issuer' if issuer else 'Trusted'}: {escaped(added.title)}")
    click.echo(f"  application {escaped(', '.join(added.uris) or '-')}; hosts {escaped(', '.join(added.hosts) or '-')}")
    click.echo(f"  valid {added.not_before:%Y-%m-%d} to {added.not_after:%Y-%m-%d}. {_AT_NEXT}")
    for warning in lists.doubts(added, _now()):
        click.echo(f"  but {escaped(warning)}", err=True)
    if added.issues and not lists.has_list(folder, added):
        click.echo(
            "  It is a CA: nothing that it issued is accepted before its revocation list is here: sortctl pki crl FILE",
            err=True,
        )


@command.command("untrust")
@click.argument("thumbprint")
@state_option
@json_option
def untrust_command(thumbprint: str, state: Path, as_json: bool) -> None:
    """Trust the certificate of this THUMBPRINT no longer. It is kept among the refused ones.

    \b
    Example:
      sortctl pki untrust 3A0F6C1B5D2E4F708192A3B4C5D6E7F801234567

    Exit codes: 0 no longer trusted, 3 it was not.
    """  # noqa: D301 - \b keeps the lines apart
    with _stops():
        removed = lists.untrust(pki_folder(state), thumbprint)
    if as_json:
        print_json({"thumbprint": removed.thumbprint, "subject": removed.subject})
    else:
        click.echo(f"No longer trusted: {escaped(removed.title)}. {_AT_NEXT}")


@command.command("renew")
@click.option("--days", type=int, default=DAYS, show_default=True, help="So long it is valid.")
@click.option("--same-key", is_flag=True, help="For the key in use, not for a new one.")
@state_option
@json_option
def renew_command(days: int, same_key: bool, state: Path, as_json: bool) -> None:
    """Make the next certificate, with the same names. The pair before is kept beside.

    \b
    Example:
      sortctl pki renew

    Every PLC must be given the new one before the next connection: do it while the line stands.
    Exit codes: 0 made, 3 there is no pair to renew, 4 refused.
    """  # noqa: D301 - \b keeps the lines apart
    folder = pki_folder(state)
    with _stops():
        before = read_own_certificate(folder).thumbprint
        own = renew_own(folder, days, _now(), new_key=not same_key)
    _tell_own(folder, own, as_json, f"Renewed; the one before is kept as own/cert-{before}.der.")


@command.command("crl")
@click.argument("file", type=click.Path(path_type=Path))
@state_option
@json_option
def crl_command(file: Path, state: Path, as_json: bool) -> None:
    """Take in a revocation list (DER or PEM) of a CA that is trusted or known as an issuer; it replaces that CA's older one.

    \b
    Example:
      sortctl pki crl plant-ca.crl

    Exit codes: 0 taken in, 3 no such file, 4 no list, of no CA that is known here, or older than the one that is here.
    """  # noqa: D301 - \b keeps the lines apart
    with _stops():
        taken = lists.take_list(pki_folder(state), file)
    until = f"{taken.next_update:%Y-%m-%d %H:%M} UTC" if taken.next_update else "not told"
    if as_json:
        print_json({"issuer": taken.issuer, "revoked": len(taken.parsed), "next_update": until})
        return
    click.echo(f"Taken in: {escaped(taken.title)}, {len(taken.parsed)} revoked, next one due: {until}. {_AT_NEXT}")


class _stops:  # noqa: N801 - reads as a word after `with`
    """Errors of the room become the end of the command, with its exit code."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KeysMissing):
            raise Stop(Exit.NOT_FOUND, error.what, error.mend) from None
        if isinstance(error, KeysUnusable | CertificateRefused):
            raise Stop(Exit.REFUSED, error.what, error.mend) from None
        if isinstance(error, OSError):
            where = f" {error.filename}" if error.filename else ""
            raise Stop(
                Exit.REFUSED, f"cannot be written:{where}: {error.strerror}", "run it as the user that runs sortctl"
            ) from None


def _tell_own(folder: Path, own: Own, as_json: bool, done: str) -> None:
    file = folder / "own" / "cert.der"
    if as_json:
        print_json(
            {
                "application_uri": own.application_uri,
                "hosts": own.hosts,
                "thumbprint": own.thumbprint,
                "not_after": f"{own.not_after:%Y-%m-%dT%H:%M:%SZ}",
                "certificate": str(file),
            }
        )
        return
    click.echo(
        escaped(
            f"{done} Application {own.application_uri}, hosts {', '.join(own.hosts)}, valid until {own.not_after:%Y-%m-%d}"
        )
    )
    click.echo(f"  thumbprint {own.thumbprint}")
    click.echo(escaped(f"  give this file to every PLC and have it trusted there: {file}"))
    click.echo("  then: sortctl pki trust FILE, with the certificate of each PLC")


def _hub(site: Path) -> tuple[str, str]:
    from sortctl.site.files import SiteMissing
    from sortctl.site.load import SiteInvalid, load_site

    try:
        hub = load_site(site).site.hub
    except SiteMissing:
        raise Stop(Exit.NOT_FOUND, f"there is no folder {site}", "name the folder that holds site.toml") from None
    except SiteInvalid:
        raise Stop(Exit.CONFIG, f"the configuration in {site} is invalid", f"sortctl check {site} shows it") from None
    return hub.name, hub.title


def _told_state() -> Path | None:
    # systemd gives a list when a unit has several; ours has one.
    told_by_unit = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(told_by_unit) if told_by_unit else None


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the moment in which a person asks
