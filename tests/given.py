"""What tests start from: a moment, and limits as Discord would send them then."""

from __future__ import annotations

import datetime
import json
import typing

import hikari_sessions

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)
NAIVE = NOW.replace(tzinfo=None)
HOUR = 60 * 60
DAY = 24 * HOUR

# The response to `GET /gateway/bot` in Discord's documentation.
EXAMPLE: dict[str, typing.Any] = json.loads("""
{"url": "wss://gateway.discord.gg/", "shards": 9, "session_start_limit":
{"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1}}
""")

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
