"""Publishing: subscriptions as narrow as those of a PLC.

Comes in: asyncua's subscriptions. Goes out: the same, with a publishing interval that is bounded below and a Republish that
ends. Never here: what is published.
"""

from collections.abc import Callable
from typing import Any

from asyncua import ua
from asyncua.server.subscription_service import SubscriptionService


class Publishing(SubscriptionService):
    """Of one server. `shortest_ms` is the publishing interval that it does not go below."""

    shortest_ms: float = 0.0

    async def create_subscription(
        self,
        params: ua.CreateSubscriptionParameters,
        callback: Callable[..., Any],
        session_id: ua.NodeId,
        request_callback: Callable[..., Any] | None = None,
    ) -> ua.CreateSubscriptionResult:
        params.RequestedPublishingInterval = ua.Duration(max(params.RequestedPublishingInterval, self.shortest_ms))
        return await super().create_subscription(params, callback, session_id, request_callback)

    def republish(self, params: ua.RepublishParameters) -> ua.NotificationMessage:
        """What is not kept is not there. asyncua alone answers an empty message, and its own client then asks for ever."""
        subscription = self.subscriptions.get(params.SubscriptionId)
        if subscription is None:
            raise ua.uaerrors.BadSubscriptionIdInvalid
        message = subscription.republish(params.RetransmitSequenceNumber)
        if not message.NotificationData:
            raise ua.uaerrors.BadMessageNotAvailable
        return message
