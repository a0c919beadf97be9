"""Faults: what a status code of an OPC UA server means. For the link: does the session still stand? For people: plain words.

Comes in: status codes. Goes out: `ReplyRefused` or `LinkError`, and their words. Never here: what is done about it.
"""

from typing import Final

from sortctl.drivers.opcua.stack import ua
from sortctl.drivers.ports import LinkError, ReplyRefused

GOOD_MASK: Final = 0xC0000000
"""The two highest bits: 00 is good, 01 uncertain, 10 bad (OPC 10000-4, 7.39)."""
_CODES: Final = ua.StatusCodes
NOTHING: Final = int(_CODES.BadNoData)
"""For an answer that says nothing about what was asked."""
WORDS: Final = {
    _CODES.BadTooManySessions: "all its sessions are taken; one that a crash left behind ends by itself at its time-out",
    _CODES.BadMaxConnectionsReached: "all its connections are taken: who else is connected?",
    _CODES.BadTcpServerTooBusy: "it is too busy for another connection",
    _CODES.BadSecurityChecksFailed: "it does not trust our certificate: trust it at the server (sortctl pki show)",
    _CODES.BadCertificateUntrusted: "it does not trust our certificate: trust it at the server (sortctl pki show)",
    _CODES.BadCertificateUriInvalid: "our certificate does not carry our application URI: sortctl pki init SITE --anew",
    _CODES.BadCertificateTimeInvalid: "our certificate is out of date for it: sortctl pki renew, or set its clock",
    _CODES.BadCertificateRevoked: "our certificate was revoked",
    _CODES.BadIdentityTokenRejected: "it does not take this kind of user: correct the table user of the site file",
    _CODES.BadIdentityTokenInvalid: "it does not take this kind of user: correct the table user of the site file",
    _CODES.BadUserAccessDenied: "the user is not known, the password is wrong, or the user may not do this",
    _CODES.BadSecurityPolicyRejected: "it does not take this security policy: correct policy in the site file",
    _CODES.BadSecurityModeRejected: "it does not take this security mode: correct mode in the site file",
    _CODES.BadTcpEndpointUrlInvalid: "it does not know this endpoint: correct address and path in the site file",
    _CODES.BadNodeIdUnknown: "it has no such node",
    _CODES.BadTypeMismatch: "the node is of another type",
    _CODES.BadWriteNotSupported: "the node cannot be written like this",
    _CODES.BadNotWritable: "the node cannot be written",
    _CODES.BadNotReadable: "the node cannot be read",
    _CODES.BadSessionIdInvalid: "the session is gone: did it restart?",
    _CODES.BadSessionClosed: "the session is gone: did it restart?",
    _CODES.BadServerHalted: "it has stopped",
    _CODES.BadShutdown: "it shuts down",
}
# After these there is nothing left to be asked: another connection is the only way on.
ENDS: Final = frozenset(
    {
        _CODES.BadSessionIdInvalid,
        _CODES.BadSessionClosed,
        _CODES.BadSessionNotActivated,
        _CODES.BadSecureChannelIdInvalid,
        _CODES.BadSecureChannelClosed,
        _CODES.BadSecureChannelTokenUnknown,
        _CODES.BadSecurityChecksFailed,
        _CODES.BadTooManySessions,
        _CODES.BadConnectionClosed,
        _CODES.BadServerHalted,
        _CODES.BadShutdown,
        _CODES.BadServerNotConnected,
        _CODES.BadSequenceNumberInvalid,
        _CODES.BadTcpMessageTooLarge,
        _CODES.BadRequestTooLarge,
        _CODES.BadResponseTooLarge,
        _CODES.BadDecodingError,
        _CODES.BadEncodingError,
        _CODES.BadServiceUnsupported,
    }
)


def is_good(code: int) -> bool:
    """Good of any kind."""
    return not code & GOOD_MASK


def name(code: int) -> str:
    """As the standard writes it, "BadTypeMismatch"."""
    return str(ua.status_codes.get_name_and_doc(code)[0])


def words(code: int) -> str:
    """What it means, and its name."""
    known = WORDS.get(code)
    return f"{known} ({name(code)})" if known else name(code)


def refusal(where: str, code: int) -> LinkError | ReplyRefused:
    """The error for a service or an item that the server did not carry out."""
    if code in ENDS:
        return LinkError(f"{where}: {words(code)}")
    return ReplyRefused(code, words(code))
