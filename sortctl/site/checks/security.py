"""Checks of how OPC UA links are protected, and of what must never stand in a site file.

Comes in: a draft. Goes out: its problems. Never here: certificates and secrets themselves (`pki`).
"""

import re
from typing import Final

from sortctl.site.draft import Draft
from sortctl.site.locate import Path
from sortctl.site.wires import OpcUaPlc, Security, User

SECRET_LENGTH: Final = 20
"""So many letters and digits without a separator are no name that somebody chose."""


def check(draft: Draft) -> None:
    """Every link that speaks OPC UA."""
    for name, plc in draft.plcs.items():
        if isinstance(plc, OpcUaPlc):
            _link(draft, ("plcs", name), plc.security, plc.user)
    for name, reader in draft.readers.items():
        _link(draft, ("readers", name), reader.security, reader.user)


def _link(draft: Draft, path: Path, security: Security, user: User | None) -> None:
    _policy(draft, (*path, "security"), security)
    if user is None:
        return
    _user(draft, (*path, "user"), user)
    if security.policy == "none" and user.password is not None:
        what = "without security the password would cross the network for everybody to read"
        draft.error((*path, "user", "password"), what, "choose a policy, or connect without a user")


def _policy(draft: Draft, path: Path, security: Security) -> None:
    if security.policy == "none":
        if not security.why.strip():
            mend = 'write why = "..."; it is logged and shown for as long as it is so'
            draft.error((*path, "policy"), 'is "none" without a reason', mend)
        else:
            what = f"this link has no security: {security.why.strip()}"
            draft.warn((*path, "policy"), what, "choose a policy as soon as the server can")
        return
    if security.why:
        draft.warn((*path, "why"), "has no meaning: the link is secured", "delete it")
    if not security.server_uri:
        what = "is missing" if not draft.lines.has((*path, "server_uri")) else "is empty"
        mend = "add the application URI of the server, as its certificate has it (`sortctl pki show` prints it)"
        draft.error((*path, "server_uri"), what, mend)
    elif security.server_uri.lower().startswith("opc.tcp:"):
        mend = 'its application URI is meant, as "urn:plc1:maker.example:server"'
        draft.error((*path, "server_uri"), "is the address of an endpoint", mend)


def _user(draft: Draft, path: Path, user: User) -> None:
    if not user.name and not user.certificate:
        what = "says neither a name nor certificate = true"
        draft.error(path, what, "say who we are, or delete the table to connect without a user")
    if user.name and user.certificate:
        draft.error((*path, "certificate"), "is true although there is a name", "one server knows us in one way")
    if user.name and user.password is None:
        mend = 'add password = "...", the name of the secret, never the password itself'
        draft.error((*path, "name"), "has no password", mend)
    if user.password is not None and not user.name:
        draft.error((*path, "password"), "is there without a name", "add the name, or delete it")
    if user.password is not None and looks_like_a_secret(user.password):
        what = "looks like a password itself, and this file is no place for one"
        mend = 'put it into the secrets of the state folder and name it here, as "loop-plc"; change the password'
        draft.error((*path, "password"), what, mend)


def looks_like_a_secret(text: str) -> bool:
    """Small letters, capitals and digits all in one, or very long: nobody names a file so."""
    if re.search(r"[-_.]", text):
        return False
    kinds = sum(re.search(kind, text) is not None for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return kinds == 3 or len(text) >= SECRET_LENGTH
