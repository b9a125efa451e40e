"""How long anything is waited for in a turn, and how long in silence.

An engine that hangs is waited for: shorter patience would be the end of one that is slow and well.
But nobody waits on a silent line without wondering whether it is dead. So the caller is asked for a
moment, at most once a turn: when the words are late, or when nothing of the answer is to be heard.
"""

from __future__ import annotations

from repartee.conversation.rules import SOONEST_HOLD_MS, Rules
from repartee.conversation.turns import TurnPhase, UserTurn


def due_at(turn: UserTurn, rules: Rules) -> float:
    """When something is to be done about this turn, if nothing happens before."""
    if turn.phase is TurnPhase.PAUSED:
        if turn.answer_at is not None:
            return turn.answer_at
        wanted_by, failed_by = words_wanted_by(turn, rules), final_due_at(turn, rules)
        return failed_by if wanted_by is None else min(wanted_by, failed_by)
    if turn.over_reply is not None and not turn.partial:
        return turn.voice_from + rules.barge_in_after_ms / 1000
    return turn.began_at + rules.max_turn_ms / 1000


def final_due_at(turn: UserTurn, rules: Rules) -> float:
    return turn.asked_at + rules.final_within_ms / 1000


def words_wanted_by(turn: UserTurn, rules: Rules) -> float | None:
    """When the words of this turn are late; None while nobody waits for them.

    Where replies are sent at once, it is promised that nothing of them comes before the words that
    they answer. A sound that may have been nobody is no reason to say anything.
    """
    if not rules.hold_after_ms or rules.sent_at_once or turn.asked_to_hold:
        return None
    is_awaited = turn.phase is TurnPhase.PAUSED and turn.answer_at is None
    is_meant = turn.over_reply is None and turn.voiced and turn.spoken_ms >= rules.min_turn_ms
    is_over = turn.let_go_at is not None if turn.held else not turn.forced
    if not (is_awaited and is_meant and is_over):
        return None
    noticed_at = max(turn.asked_at, turn.over_at)
    silence_ends_at = turn.paused_at + rules.wait_open_ms / 1000
    return max(noticed_at + rules.hold_after_ms / 1000, silence_ends_at)


def sound_wanted_by(turn: UserTurn, now: float, rules: Rules) -> float | None:
    """When the answer to this turn, which is over now, is late; None if nothing is said then.

    The wait for the words counts too: it was as silent. An engine gets its time all the same.
    """
    was_cut_short = turn.forced and turn.let_go_at is None  # somebody is speaking still
    if not rules.hold_after_ms or turn.asked_to_hold or was_cut_short:
        return None
    over_at = turn.over_at if turn.forced or turn.answer_at is None else turn.answer_at
    wanted_by = min(over_at, now) + rules.hold_after_ms / 1000
    return max(wanted_by, now + SOONEST_HOLD_MS / 1000)


def typed_answer_wanted_by(now: float, rules: Rules) -> float | None:
    return now + rules.hold_after_ms / 1000 if rules.hold_after_ms else None
