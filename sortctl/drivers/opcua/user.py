"""User: who we are for an OPC UA server beyond the program itself. Anonymous, a name with a password, or our certificate.

Comes in: the user of the site file, the endpoint of the session (which came protected), the secret. Goes out: ActivateSession.
A password travels encrypted, for the judged server, or not at all. Never here: where the secret lies (`sortctl/pki`).
"""

from collections.abc import Callable
from typing import Any, Final

from sortctl.drivers.opcua.identity import NONE, NONE_URI, POLICIES, URIS, Judged
from sortctl.drivers.opcua.stack import binary, ua
from sortctl.drivers.ports import LinkError
from sortctl.pki.refusal import KeysUnusable
from sortctl.site.wires import Security, User

KINDS: Final = {
    ua.UserTokenType.Anonymous: "users without a name",
    ua.UserTokenType.UserName: "users with a password",
    ua.UserTokenType.Certificate: "users with a certificate",
}


def forbid_readable(where: str, security: Security, user: User | None) -> None:
    """LinkError: a user is named for a link on which nobody knows whom its password or signature is given to."""
    if user is not None and security.policy == NONE:
        raise LinkError(f"{where}: a user needs a protected link: set policy in its table security, or remove the user")


class Activation:
    """One ActivateSession in the making."""

    def __init__(self, where: str, server: Judged, endpoint: Any, nonce: bytes) -> None:
        self._where = where
        self._server = server
        self._endpoint = endpoint
        self._nonce = nonce

    def request(self, user: User | None, secret: Callable[[str], bytes] | None) -> Any:
        """Our proof and the user's token. LinkError: the server does not take this kind of user, or not safely."""
        request = ua.ActivateSessionRequest()
        told = request.Parameters
        told.LocaleIds = ["en"]
        server = self._server
        if server.own is not None:
            told.ClientSignature.Algorithm = server.policy.AsymmetricSignatureURI
            told.ClientSignature.Signature = server.policy.asymmetric_cryptography.signature(self._challenge())
        if user is None:
            told.UserIdentityToken = ua.AnonymousIdentityToken(PolicyId=self._rule(ua.UserTokenType.Anonymous).PolicyId)
        elif user.name:
            told.UserIdentityToken = self._named(user.name, self._password(user, secret))
        else:
            told.UserIdentityToken, told.UserTokenSignature = self._certified()
        return request

    def _challenge(self) -> bytes:
        return self._server.certificate + self._nonce

    def _rule(self, kind: Any) -> Any:
        """Of the kinds of user that the server takes, this one; the one with its own algorithms first."""
        found = [rule for rule in self._endpoint.UserIdentityTokens or () if rule.TokenType == kind]
        usable = [rule for rule in found if self._algorithms(rule) in POLICIES]
        if not usable and kind == ua.UserTokenType.Certificate:
            found = []
        if not found:
            raise LinkError(f"{self._where}: it takes no {KINDS[kind]}: correct the table user of the site file")
        return (usable or found)[0]

    def _algorithms(self, rule: Any) -> str:
        return URIS.get(rule.SecurityPolicyUri or self._endpoint.SecurityPolicyUri, "?")

    def _password(self, user: User, secret: Callable[[str], bytes] | None) -> bytes:
        if user.password is None:
            return b""
        if secret is None:
            raise LinkError(f"{self._where}: there are no secrets here")
        try:
            return secret(user.password)
        except KeysUnusable as unusable:
            raise LinkError(f"{self._where}: {unusable}") from unusable

    def _named(self, name: str, password: bytes) -> Any:
        rule = self._rule(ua.UserTokenType.UserName)
        token = ua.UserNameIdentityToken(PolicyId=rule.PolicyId, UserName=name)
        algorithms = self._algorithms(rule)
        if algorithms in POLICIES:
            self._encrypt(token, password, POLICIES[algorithms])
        elif rule.SecurityPolicyUri == NONE_URI and self._server.policy.Mode == ua.MessageSecurityMode.SignAndEncrypt:
            token.Password, token.EncryptionAlgorithm = password, None  # as everything on this channel it is encrypted
        else:
            mend = 'set mode = "SignAndEncrypt", or let the server ask for encrypted passwords'
            raise LinkError(f"{self._where}: the password would travel readable: {mend}")
        return token

    def _encrypt(self, token: Any, password: bytes, algorithms: Any) -> None:
        # OPC 10000-4, 7.40.2.2: length, password, the server's random number.
        plain = binary.Primitives.Bytes.pack(password + self._nonce)
        key = self._server.policy.asymmetric_cryptography.Encryptor.peer_cert.public_key()
        try:
            token.Password = algorithms.encrypt_asymmetric(key, plain)
        except ValueError as error:
            raise LinkError(f"{self._where}: the password is too long for the server's key") from error
        token.EncryptionAlgorithm = algorithms.AsymmetricEncryptionURI

    def _certified(self) -> tuple[Any, Any]:
        rule = self._rule(ua.UserTokenType.Certificate)
        assert self._server.own is not None, "without a protected link there is no user"
        token = ua.X509IdentityToken(PolicyId=rule.PolicyId)
        token.CertificateData = self._server.own.certificate
        algorithms = POLICIES[self._algorithms(rule)]
        proof = ua.SignatureData(Algorithm=algorithms.AsymmetricSignatureURI)
        proof.Signature = algorithms.sign_asymmetric(self._server.key, self._challenge())
        return token, proof
