"""Identity: who the server is, and who we are for it.

Comes in: the security that the site file asks for, the keys, what the server shows. Goes out: the algorithms of a channel
that only the judged server can open, or the end of the attempt. The theory:

The list of endpoints comes without protection, so it is believed in nothing: its certificate is judged, and the channel is
opened for that certificate, so that only who holds its key can answer. In CreateSession the server must show the same
certificate and sign our random number: asyncua looks at both. What the server then says of its endpoint came protected, and
is believed. Policies are built here and not by asyncua's `set_security`, which examines our key for 200 ms in the loop.
Never here: sockets, users (`user.py`), the judgement itself (`sortctl/pki`).
"""

from typing import Any, Final, NamedTuple

from sortctl.drivers.keys import Keys
from sortctl.drivers.opcua.stack import Client, crypto, policies, ua
from sortctl.drivers.ports import LinkError
from sortctl.pki.certificate import read_chain
from sortctl.pki.judge import CertificateRefused, Expected, judge
from sortctl.pki.refusal import KeysUnusable
from sortctl.pki.store import Own, loaded_key
from sortctl.site.wires import Security

NONE: Final = "none"
POLICIES: Final = {
    "Basic256Sha256": policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": policies.SecurityPolicyAes256Sha256RsaPss,
}
NONE_URI: Final = policies.SecurityPolicyNone.URI
URIS: Final = {policy.URI: name for name, policy in POLICIES.items()} | {NONE_URI: NONE}
MODES: Final = {
    "Sign": ua.MessageSecurityMode.Sign,
    "SignAndEncrypt": ua.MessageSecurityMode.SignAndEncrypt,
}
PRODUCT_URI: Final = "urn:sortctl"
NONCE_BYTES: Final = 32
"""Random bytes in each half of an exchange of proofs (OPC 10000-4, 5.7.2)."""
UNPROVEN: Final = "it did not prove that it is the server of its certificate"


class Judged(NamedTuple):
    """A server that may be spoken to."""

    policy: Any
    """The algorithms of its channel."""
    certificate: bytes
    own: Own | None
    """Our pair; None: nobody knows who the server is, and nobody is told who we are."""
    key: Any


def unprotected() -> Judged:
    """The server of an address, whoever it is."""
    return Judged(policies.SecurityPolicyNone(), b"", None, None)


async def judged(where: str, security: Security, host: str, offers: list[Any], keys: Keys) -> Judged:
    """The server that offers these endpoints. LinkError: it does not offer what is asked for, or it is not the one."""
    shown = _offer(where, security, offers)
    try:
        expected = Expected(host, security.server_uri, security.thumbprint)
        judge(shown, keys.trust(), expected, keys.now())
        own = keys.own()
        key = loaded_key(own)
    except CertificateRefused as refused:
        keys.reject(shown)
        raise LinkError(f"{where}: {refused}") from refused
    except KeysUnusable as unusable:
        raise LinkError(f"{where}: {unusable}") from unusable
    leaf = read_chain(shown)[0].der
    algorithms = POLICIES[security.policy](leaf, crypto.x509_from_der(own.certificate), key, MODES[security.mode])
    return Judged(algorithms, leaf, own, key)


def _offer(where: str, security: Security, offers: list[Any]) -> bytes:
    uri, mode = POLICIES[security.policy].URI, MODES[security.mode]
    for offer in offers:
        if (offer.SecurityPolicyUri, offer.SecurityMode) == (uri, mode) and offer.ServerCertificate:
            return bytes(offer.ServerCertificate)
    found = sorted({f"{URIS.get(each.SecurityPolicyUri, each.SecurityPolicyUri)} {_mode(each)}" for each in offers})
    asked = f"{security.policy} {security.mode}"
    raise LinkError(f"{where}: it does not offer {asked}, but {', '.join(found)[:300] or 'nothing'}")


def _mode(offer: Any) -> str:
    return str(getattr(offer.SecurityMode, "name", offer.SecurityMode)).rstrip("_")


def introduce(client: Any, server: Judged) -> None:
    """Tell asyncua's client who we are."""
    client.application_uri = server.own.application_uri if server.own else PRODUCT_URI
    client.product_uri = PRODUCT_URI
    client.name = client.description = "sortctl"


def proven_endpoint(where: str, server: Judged, made: Any) -> Any:
    """The endpoint that the session is on. LinkError: the server's random number is no challenge."""
    if server.own is None:
        # asyncua keeps what was shown, and would name it when the channel is renewed, as if it were protected.
        server.policy.peer_certificate = b""
    elif len(made.ServerNonce or b"") < NONCE_BYTES:
        raise LinkError(f"{where}: its random number is too short")
    return Client.find_endpoint(made.ServerEndpoints, server.policy.Mode, server.policy.URI)
