"""When the next connection is built."""

from random import Random

import pytest

from sortctl.runtime.links.reconnect import HANDSHAKE_GAP_S, PAUSE_MAX_MS, STOOD_NS, PausePolicy, Stagger


def test_a_lost_plc_is_tried_at_once_and_then_ever_slower_up_to_a_limit() -> None:
    policy = PausePolicy(Random(1))
    pauses = [policy.after_loss(0) for _ in range(40)]
    assert pauses[0] == 0
    for pause, wanted in zip(pauses[1:], [100, 200, 400, 800, 1600] + [PAUSE_MAX_MS] * 34, strict=True):
        assert wanted * 0.8 <= pause <= wanted * 1.2


def test_pauses_are_spread() -> None:
    """Controllers that lost their PLCs at the same moment do not come back in step."""
    fourth = set()
    for seed in range(20):
        policy = PausePolicy(Random(seed))
        fourth.add([policy.after_loss(0) for _ in range(5)][4])
    assert len(fourth) > 10


def test_a_link_that_flaps_is_not_tried_at_once_for_ever() -> None:
    policy = PausePolicy(Random(1))
    assert [policy.after_loss(STOOD_NS // 10) == 0 for _ in range(4)] == [True, False, False, False]


def test_a_link_that_stood_is_tried_at_once_again() -> None:
    policy = PausePolicy(Random(1))
    for _ in range(10):
        policy.after_loss(0)
    assert policy.after_loss(STOOD_NS) == 0


def test_connections_with_certificates_begin_one_after_the_other() -> None:
    stagger = Stagger()
    assert [stagger.wait_s(10.0) for _ in range(3)] == pytest.approx([0, HANDSHAKE_GAP_S, 2 * HANDSHAKE_GAP_S])
    assert stagger.wait_s(11.0) == 0, "nobody waits for connections that began long ago"
    assert stagger.wait_s(11.0) == pytest.approx(HANDSHAKE_GAP_S)
