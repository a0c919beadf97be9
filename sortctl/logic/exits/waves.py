"""Waves: the balance of a wave on a sorter. What is still on it when the wave ends belongs to the next.

Comes in: `WaveEnded`. Goes out: `WaveBalanced`. Never here: emptying the sorter, which is a purge.
"""

from sortctl.logic.known.sorter import Sorter
from sortctl.words.causes import Disposition
from sortctl.words.hub import WaveEnded
from sortctl.words.outcomes import WaveBalanced


def take_ended(sorter: Sorter, fact: WaveEnded) -> None:
    """Everything that ended since the last wave did; it was inducted in this wave, or left over from the one before."""
    state = sorter.state
    gone = state.inducted - sorter.present
    ended = {one: state.closed[one] - state.wave_closed.get(one, 0) for one in Disposition}
    sorter.say(
        WaveBalanced(
            sorter.now_ns,
            sorter.sorter,
            fact.wave,
            gone - state.wave_gone,
            ended[Disposition.SORTED],
            ended[Disposition.REJECTED],
            ended[Disposition.LOST],
            ended[Disposition.REMOVED],
            sorter.present,
        )
    )
    state.wave_gone, state.wave_closed = gone, dict(state.closed)
