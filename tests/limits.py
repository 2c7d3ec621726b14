"""Limits as Discord would send them, for tests."""

from __future__ import annotations

import datetime
import typing

import hikari_sessions

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)
NAIVE = NOW.replace(tzinfo=None)
HOUR = 60 * 60
DAY = 24 * HOUR

# total, remaining, reset_after in seconds, max_concurrency
Limit: typing.TypeAlias = tuple[int, int, float, int]


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


def make_limit(
    total: int, remaining: int, reset_after: float, max_concurrency: int
) -> hikari_sessions.SessionStartLimit:
    """Make the limit that Discord would send now."""
    return hikari_sessions.SessionStartLimit(
        total=total,
        remaining=remaining,
        reset_after=seconds(reset_after),
        max_concurrency=max_concurrency,
    )
