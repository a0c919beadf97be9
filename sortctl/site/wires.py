"""Wires: the part of the site model that says how a PLC or reader is reached, and how the link is protected.

Comes in: the parsed tables `plcs` and, within `readers`, their security. Goes out: typed, frozen parts. Never here: what
stands behind the wire (`model.py`), checks across keys.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sortctl.words.exchange import EVENT_SLOTS_MAX, LEASE_MS_DEFAULT, ORDER_SLOTS_MAX, WAITING_DIVERTS_MIN

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]
Number = Annotated[int, Field(ge=1, le=65_535)]
PositionMm = Annotated[int, Field(ge=0, le=2_000_000)]
Address = Annotated[int, Field(ge=0, le=65_535)]


class Part(BaseModel):
    """Anything in the site file: frozen, no unknown keys, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True, defer_build=True)


Host = Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$")]
"""host:port"""
Uri = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S+$")]
NodeId = Annotated[str, Field(pattern=r"^(s=.{1,200}|i=\d{1,10}|g=[0-9A-Fa-f-]{36})$")]
"""Identifier of an OPC UA node without its namespace, as "s=Exchange.Inputs"."""
Thumbprint = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{40})?$")]
Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""Name of a secret: a systemd credential, or a file in the folder `secrets` of the state folder. Never the secret itself."""


class Security(Part):
    """How an OPC UA link is protected. There is no default: it is chosen, or its absence is explained."""

    policy: Literal["Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss", "none"]
    """OPC UA security policy; "none" only where the server can do nothing else."""
    mode: Literal["SignAndEncrypt", "Sign"] = "SignAndEncrypt"
    """Without meaning for policy "none"."""
    server_uri: str = Field(default="", max_length=200)
    """Application URI that the server's certificate must carry; required unless the policy is "none"."""
    thumbprint: Thumbprint = ""
    """SHA-1 thumbprint of the one certificate that this server may show; empty: any that is trusted."""
    why: str = Field(default="", max_length=200)
    """Why there is no security; required for policy "none", logged and shown for as long as it is so."""


class User(Part):
    """Who we are for an OPC UA server. With a name the password is a secret; without, our certificate is the user."""

    name: str = Field(default="", max_length=80)
    """As the server knows it."""
    password: Secret | None = None
    """The name of the secret that holds it."""
    certificate: bool = False
    """Our own certificate is the user."""


class PackMl(Part):
    """A PackML unit (OPC 30050) that the same OPC UA server offers: its state and mode are read, nothing is written."""

    unit: NodeId
    """The object of PackMLBaseObjectType, in the namespace of the next key."""
    namespace: Uri
    """URI of the unit's namespace."""
    period_ms: int = Field(default=1_000, ge=100, le=60_000)
    """Read so often."""


class Plc(Part):
    """What PLCs on either wire have in common: one exchange image, one encoder, one sorter."""

    address: Host
    """host:port of the server."""
    cycle_ms: int = Field(default=10, ge=5, le=1_000)
    """One exchange so often, and at once when an order waits."""
    scan_ms: int = Field(ge=1, le=500)
    """The PLC's own scan time."""
    word_order: Literal["high_first", "low_first"] = "high_first"
    """Which word of a 32-bit value comes first."""
    order_slots: int = Field(default=ORDER_SLOTS_MAX, ge=1, le=ORDER_SLOTS_MAX)
    """Orders in one block, as in the PLC program."""
    event_slots: int = Field(default=EVENT_SLOTS_MAX, ge=1, le=EVENT_SLOTS_MAX)
    """Events in one block, as in the PLC program."""
    waiting_diverts: int = Field(default=WAITING_DIVERTS_MIN, ge=1, le=10_000)
    """DIVERTs that the PLC holds at once; further ones wait here. A PLC that is full refuses whole blocks."""
    lease_ms: int = Field(default=LEASE_MS_DEFAULT, ge=500, le=60_000)
    """So long an owner holds the PLC without being heard, as in the PLC program."""
    request_timeout_ms: int = Field(default=250, ge=50, le=5_000)
    """A request without an answer for so long ends the connection."""
    connect_timeout_ms: int = Field(default=500, ge=50, le=5_000)
    """A connection that is not there after so long is given up."""


class Tls(Part):
    """Modbus TCP Security: TLS 1.2 or later with certificates on both sides."""

    thumbprint: Thumbprint = ""
    """SHA-1 thumbprint of the one certificate that this server may show; empty: any that is trusted for its host."""


class ModbusPlc(Plc):
    """A PLC on Modbus TCP."""

    wire: Literal["modbus"]
    """Modbus TCP."""
    unit: int = Field(ge=0, le=255)
    """Unit identifier; 255 or 1 for most PLCs."""
    read: Literal["holding", "input"] = "holding"
    """Kind of registers of the areas `inputs` and `chutes`."""
    orders_at: Address = 0
    """First register of the area, counted from 0."""
    inputs_at: Address = 200
    """First register of the area, counted from 0."""
    chutes_at: Address = 400
    """First register of the area, counted from 0."""
    tls: Tls | None = None
    """With it the link is Modbus TCP Security (usually port 802)."""


class OpcUaPlc(Plc):
    """A PLC on OPC UA. The first connection with security takes some 100 ms: give it time."""

    wire: Literal["opcua"]
    """OPC UA, binary over TCP."""
    path: str = Field(default="", max_length=100, pattern=r"^(/\S*)?$")
    """What follows host:port in the endpoint URL."""
    connect_timeout_ms: int = Field(default=2_000, ge=50, le=10_000)
    """A connection (channel, session, nodes) that is not there after so long is given up."""
    namespace: Uri
    """URI of the namespace of the exchange nodes; its index is looked up at each connect."""
    orders_node: NodeId = "s=Exchange.Orders"
    """The array of the area, in the namespace above."""
    inputs_node: NodeId = "s=Exchange.Inputs"
    """The array of the area, in the namespace above."""
    chutes_node: NodeId = "s=Exchange.Chutes"
    """The array of the area, in the namespace above."""
    session_timeout_ms: int = Field(default=30_000, ge=1_000, le=3_600_000)
    """A session that we could not close is let go by the server after so long."""
    channel_lifetime_ms: int = Field(default=600_000, ge=10_000, le=3_600_000)
    """Keys of the secure channel are renewed so often."""
    security: Security
    """How the link is protected; see below."""
    user: User | None = None
    """Without the table we connect without a user."""
    packml: PackMl | None = None
    """State and mode of the machine; a PLC with it needs no sorter, and is only observed then."""


AnyPlc = Annotated[ModbusPlc | OpcUaPlc, Field(discriminator="wire")]
