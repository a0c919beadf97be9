"""User: who we are for an OPC UA server beyond the program itself. Anonymous, a name with a password, or our certificate.

Comes in: the user of the site file, the endpoint of the session (which came protected), the secret. Goes out: asyncua's
activation of the session with this user. A password travels encrypted, for the judged server, or not at all; asyncua would
send it readable with no more than a warning. Never here: where the secret lies (`sortctl/pki`).
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from sortctl.drivers.opcua.identity import NONE, NONE_URI, POLICIES, URIS, Judged
from sortctl.drivers.opcua.stack import crypto, ua
from sortctl.drivers.ports import LinkError
from sortctl.pki.refusal import KeysUnusable
from sortctl.site.wires import Security, User

KINDS: Final = {
    ua.UserTokenType.Anonymous: "users without a name",
    ua.UserTokenType.UserName: "users with a password",
    ua.UserTokenType.Certificate: "users with a certificate",
}
UNTOLD: Final = "the user cannot be told to it"


def forbid_readable(where: str, security: Security, user: User | None) -> None:
    """LinkError: a user is named for a link on which nobody knows whom its password or signature is given to."""
    if user is not None and security.policy == NONE:
        raise LinkError(f"{where}: a user needs a protected link: set policy in its table security, or remove the user")


class Activation:
    """The activation of a session that was made."""

    def __init__(self, where: str, client: Any, server: Judged, endpoint: Any) -> None:
        self._where = where
        self._client = client
        self._server = server
        self._endpoint = endpoint

    def of(self, user: User | None, secret: Callable[[str], bytes] | None) -> Callable[[], Awaitable[Any]]:
        """The activation for this user. LinkError: the server does not take this kind of user, or not safely."""
        activate: Callable[..., Awaitable[Any]] = self._client.activate_session
        if user is None:
            self._choose(ua.UserTokenType.Anonymous)
            return activate
        if user.name:
            self._forbid_readable(self._choose(ua.UserTokenType.UserName))
            return partial(activate, user.name, self._password(user, secret))
        self._choose(ua.UserTokenType.Certificate)
        assert self._server.own is not None, "without a protected link there is no user"
        self._client.user_private_key = self._server.key
        return partial(activate, certificate=crypto.x509_from_der(self._server.own.certificate))

    def _choose(self, kind: Any) -> Any:
        rule = self._rule(kind)
        # asyncua takes the first of the kind, whatever its algorithms: it shall find one.
        self._endpoint.UserIdentityTokens[:] = [rule]
        if self._client.server_policy(kind).PolicyId != rule.PolicyId:
            raise RuntimeError("asyncua chooses the kind of user in another way than this was written for")
        return rule

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

    def _forbid_readable(self, rule: Any) -> None:
        is_secret = self._server.policy.Mode == ua.MessageSecurityMode.SignAndEncrypt
        # Without algorithms of its own, a password is as secret as the channel.
        if self._algorithms(rule) in POLICIES or (is_secret and rule.SecurityPolicyUri == NONE_URI):
            return
        mend = 'set mode = "SignAndEncrypt", or let the server ask for encrypted passwords'
        raise LinkError(f"{self._where}: the password would travel readable: {mend}")

    def _password(self, user: User, secret: Callable[[str], bytes] | None) -> str:
        if user.password is None:
            return ""
        if secret is None:
            raise LinkError(f"{self._where}: there are no secrets here")
        try:
            return secret(user.password).decode()
        except KeysUnusable as unusable:
            raise LinkError(f"{self._where}: {unusable}") from unusable
        except UnicodeDecodeError:
            raise LinkError(f"{self._where}: the secret {user.password} is no text in UTF-8") from None
