"""Security of a link, in words: how it is protected, for the status; and the warning at each connect if it is not.

Comes in: the site's tables. Goes out: a short text; a line of the log. Never here: the protection (`drivers`, `pki`).
"""

from typing import Final

import structlog

from sortctl.site.model import Reader
from sortctl.site.wires import ModbusPlc, OpcUaPlc

NONE: Final = "none"

log = structlog.get_logger()


def protection(link: ModbusPlc | OpcUaPlc | Reader) -> str:
    """As "Basic256Sha256 SignAndEncrypt", "TLS", "none: why"; "" for a wire that has no protection to choose."""
    if isinstance(link, ModbusPlc):
        return "TLS" if link.tls is not None else ""
    security = link.security
    return f"{NONE}: {security.why}" if security.policy == NONE else f"{security.policy} {security.mode}"


def warn_if_bare(link: ModbusPlc | OpcUaPlc | Reader, name: str) -> None:
    """A connection stands that anybody on the network can read and write; the site file says that this is meant."""
    told = protection(link)
    if told.startswith(NONE):
        log.warning("link_without_security", link=name, address=link.address, why=told.partition(": ")[2])
