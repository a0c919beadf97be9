"""Orders: what the machine is told, in the imperative. Idempotent targets with a number and a reason, never toggles.

An order belongs to an epoch of its PLC and has a number within it, from 1 without gaps; once written it keeps its content.
"""

from msgspec import Struct

from sortctl.words.ids import CarrierNumber, ChuteNumber, InductNumber, PlcId


class Order(Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """Order number `seq` of `epoch` at `plc`, and why it was given."""

    plc: PlcId
    epoch: int
    seq: int
    reason: str


class Divert(Order, frozen=True):
    """Bring `item` to `chute`.

    Line: the output switches at `at_count` (raw, 32 bit), `item` is the passage number, which the PLC echoes. Loop: `item` is
    the PLC's item number, `at_count` is 0; the newest order for an item replaces the older one.
    """

    chute: ChuteNumber
    item: int
    at_count: int


class Cancel(Order, frozen=True):
    """Withdraw the DIVERT with this chute and count (of this item on a tracking PLC)."""

    chute: ChuteNumber
    item: int
    at_count: int


class CloseChute(Order, frozen=True):
    """Lock `chute` for diverts."""

    chute: ChuteNumber


class OpenChute(Order, frozen=True):
    """Unlock `chute` for diverts."""

    chute: ChuteNumber


class ShowLamp(Order, frozen=True):
    """Lamp of `chute`: 0 off, 1 green, 2 yellow, 3 red, +16 flashing."""

    chute: ChuteNumber
    colour: int


class StopInduct(Order, frozen=True):
    """Stop `induct`, 0 for all."""

    induct: InductNumber


class RunInduct(Order, frozen=True):
    """Run `induct` again, 0 for all."""

    induct: InductNumber


class TakeCarrierOut(Order, frozen=True):
    """Put nothing more on `carrier` of the loop."""

    carrier: CarrierNumber


class PutCarrierIn(Order, frozen=True):
    """Use `carrier` of the loop again."""

    carrier: CarrierNumber


AnyOrder = Divert | Cancel | CloseChute | OpenChute | ShowLamp | StopInduct | RunInduct | TakeCarrierOut | PutCarrierIn
