"""Discord's identify rules as plain calls, without a clock."""

from __future__ import annotations

import json
import pickle
import typing

import pytest
from given import HOUR, NOW, Limit, make_limit, seconds
from limiter_rules import CASES, NEVER

from hikari_sessions import SessionStartLimitExceededError, rules

RULES = rules.Rules(rules.IDENTIFY_DELAY, 0)


def ledger_of(limit: Limit, told_at: float = 0) -> rules.Ledger:
    return rules.Ledger.of(make_limit(*limit), NOW + seconds(told_at))


def ask(ledger: rules.Ledger, shard_id: int, after: float) -> float:
    try:
        wait = RULES.acquire(ledger, shard_id, NOW + seconds(after))
    except SessionStartLimitExceededError:
        return NEVER
    return wait.total_seconds()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_shard_waits_for_its_key_and_for_a_session_start(
    case: typing.Any,
) -> None:
    limit: Limit = case[0]
    ledger = ledger_of(limit)
    for after, step, *decoded_at in case[1:]:
        if isinstance(step, tuple):
            newer = ledger_of(typing.cast("Limit", step), *decoded_at or [after])
            ledger.update(newer, NOW + seconds(after))
        else:
            waits = {shard_id: ask(ledger, shard_id, after) for shard_id in step}
            assert (after, waits) == (after, step)
        # Nothing is lost in a store.
        stored = json.dumps(ledger.to_values())
        assert rules.Ledger.from_values(json.loads(stored)) == ledger


def test_the_clock_is_set_back_after_the_keys_changed() -> None:
    ledger = ledger_of((9, 9, 0, 1))
    assert ask(ledger, 0, 0) == 0
    ledger.update(ledger_of((9, 9, 0, 2)), NOW)
    assert ask(ledger, 0, -HOUR) == 5.5
    assert ask(ledger, 0, 5.5 - HOUR) == 0


def test_without_identifies_each_key_waits_once() -> None:
    known = ledger_of((9, 5, HOUR, 2), -HOUR / 2)
    assert ask(known, 0, -60) == 0
    ledger = known.without_identifies(NOW)
    assert [ask(ledger, key, 1) for key in (0, 1)] == [4.5, 4.5]
    assert [ask(ledger, key, 5.5) for key in (0, 1)] == [0, 0]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # What was decoded when, and what is known of both.
        (((9, 3, HOUR, 2), -60), ((9, 5, HOUR - 60, 2), 0), (9, 3, HOUR - 60)),
        (((9, 3, HOUR, 2), -60), ((20, 16, HOUR - 60, 2), 0), (20, 14, HOUR - 60)),
        (((9, 9, 0, 2), 0), ((9, 3, HOUR, 2), 0), (9, 3, HOUR)),
        # One is about the next 24 hours.
        (((9, 3, HOUR, 2), 0), ((9, 7, 20 * HOUR, 2), 0), (9, 7, 20 * HOUR)),
    ],
)
def test_merging_keeps_the_most_that_either_has_used(
    one: tuple[Limit, float],
    other: tuple[Limit, float],
    expected: tuple[int, int, float],
) -> None:
    for first, second in ((one, other), (other, one)):
        ledger = ledger_of(*first)
        ledger.merge(ledger_of(*second), NOW)
        left, reset_after = ledger.left_at(NOW)
        assert (ledger.total, left, reset_after.total_seconds()) == expected


def test_an_integer_is_out_of_its_range() -> None:
    with pytest.raises(ValueError, match=r"^count must be from 1 to 2,000, not 0$"):
        rules.as_integer("count", 0, 1, 2000)


class TestError:
    def test_its_message_says_what_is_left_and_when_more_comes(self) -> None:
        error = SessionStartLimitExceededError
        wait = "wait until the limit resets to 1,000 at 2026-11-23 18:00:00 UTC"
        needed = "10 session starts needed, but only 3 left"
        assert str(error(10, 3, 1000, NOW)) == f"{needed}; {wait}"
        needed = "1 session start needed, but none left besides the reserve of 9"
        assert str(error(1, 0, 1000, NOW, reserve=9)) == f"{needed}; {wait}"
        assert str(error(1001, 1, 1000, NOW)) == (
            "1,001 session starts needed, but only 1 left; even the reset at "
            "2026-11-23 18:00:00 UTC brings only 1,000"
        )
        assert "even the reset" in str(error(901, 9, 1000, NOW, reserve=100))
        assert "wait until" in str(error(900, 9, 1000, NOW, reserve=100))

    def test_it_pickles(self) -> None:
        error = SessionStartLimitExceededError(10, 3, 1000, NOW, reserve=7)
        again: SessionStartLimitExceededError = pickle.loads(  # noqa: S301
            pickle.dumps(error)
        )
        assert vars(again) == vars(error)
        assert again.args == (10, 3, 1000, NOW, 7)
