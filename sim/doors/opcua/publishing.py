"""Publishing: subscriptions as narrow as those of a PLC.

Comes in: asyncua's subscriptions. Goes out: the same, with a publishing interval that is bounded below, a Republish that
ends, and event filters that know subtypes. Never here: what is published.
"""

from collections.abc import Callable
from typing import Any

from asyncua import ua
from asyncua.server.monitored_item_service import WhereClauseEvaluator
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

    async def create_monitored_items(
        self, params: ua.CreateMonitoredItemsParameters
    ) -> list[ua.MonitoredItemCreateResult]:
        results = await super().create_monitored_items(params)
        service = self.subscriptions[params.SubscriptionId].monitored_item_srv
        for item in service._monitored_items.values():  # noqa: SLF001 asyncua makes its evaluators deep inside
            if item.where_clause_evaluator is not None and not isinstance(item.where_clause_evaluator, _Where):
                item.where_clause_evaluator = _Where(self.logger, self.aspace, item.filter.WhereClause)
        return results

    def republish(self, params: ua.RepublishParameters) -> ua.NotificationMessage:
        """What is not kept is not there. asyncua alone answers an empty message, and its own client then asks for ever."""
        subscription = self.subscriptions.get(params.SubscriptionId)
        if subscription is None:
            raise ua.uaerrors.BadSubscriptionIdInvalid
        message = subscription.republish(params.RetransmitSequenceNumber)
        if not message.NotificationData:
            raise ua.uaerrors.BadMessageNotAvailable
        return message


class _Where(WhereClauseEvaluator):
    """OfType holds for subtypes as well (OPC 10000-4, 7.7.3); asyncua compares the type alone."""

    def _eval_el(self, index: int, event: Any) -> Any:
        element = self.elements[index]
        if element.FilterOperator is not ua.FilterOperator.OfType:
            return super()._eval_el(index, event)
        wanted, kind = self._eval_op(element.FilterOperands[0], event), event.EventType
        while kind is not None and kind != wanted:
            kind = self._parent(kind)
        return kind == wanted

    def _parent(self, kind: Any) -> Any:
        node = self._aspace.get(kind)
        if node is None:
            return None
        for reference in node.references:
            if reference.ReferenceTypeId.Identifier == ua.ObjectIds.HasSubtype and not reference.IsForward:
                return reference.NodeId
        return None
