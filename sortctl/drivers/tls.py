"""TLS: Modbus/TCP Security. TLS 1.2 or later, certificates on both sides, the server's judged by our own trust list.

Comes in: the site's table `tls`, the keys. Goes out: an SSL context with our pair; yes, or LinkError, to what the server showed.
The theory: the handshake proves that the server holds the key of the certificate it shows, but not whose certificate that is;
so nothing is read or written before it was judged. A bare list of believed authorities would not do: plant certificates are
mostly self-signed, and the site may name one. Never here: sockets, the judgement itself (`sortctl/pki`).
"""

import ssl
from typing import Final

from sortctl.drivers import sockets
from sortctl.drivers.keys import Keys
from sortctl.drivers.ports import LinkError
from sortctl.pki.judge import CertificateRefused, Expected, judge
from sortctl.pki.refusal import KeysUnusable
from sortctl.pki.store import pem_file
from sortctl.site.wires import Tls

UNHEARD: Final = "it ended the connection before its first answer: does it trust our certificate (sortctl pki show)?"
"""With TLS 1.3 the server judges us after our side of the handshake is done, and many end the connection without a word."""


class Judged:
    """The security of one connection."""

    def __init__(self, where: str, host: str, asked: Tls, keys: Keys) -> None:
        self._where = where
        self._expected = Expected(host, "", asked.thumbprint)
        self._keys = keys

    def context(self) -> ssl.SSLContext:
        """With our pair in it. LinkError: we have none."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # `judge` does both, after the handshake and before the first request.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with pem_file(self._keys.own()) as path:
                context.load_cert_chain(path)
        except KeysUnusable as unusable:
            raise LinkError(f"{self._where}: {unusable}") from unusable
        return context

    def judge(self, certificate: bytes) -> None:
        """LinkError: it is not the server that the site file means."""
        try:
            judge(certificate, self._keys.trust(), self._expected, self._keys.now())
        except CertificateRefused as refused:
            self._keys.reject(certificate)
            raise LinkError(f"{self._where}: {refused}") from refused
        except KeysUnusable as unusable:
            raise LinkError(f"{self._where}: {unusable}") from unusable


def meaning(error: BaseException | None) -> str:
    """What `error` means for somebody at the machine."""
    if isinstance(error, ConnectionResetError | ConnectionAbortedError) and not error.errno:
        return UNHEARD  # asyncio's word for a handshake that was broken off
    if not isinstance(error, ssl.SSLError):
        return sockets.meaning(error)
    reason = error.reason or ""
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return f"it does not trust our certificate: trust it at the PLC (sortctl pki show) ({reason})"
    if "WRONG_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        return f"it does not speak TLS 1.2 or later there: is the port right (usually 802)? ({reason})"
    return f"TLS: {reason or error}"


def plain(where: str, error: BaseException | None) -> str:
    """The same, with the place before it."""
    return f"{where}: {meaning(error)}"
