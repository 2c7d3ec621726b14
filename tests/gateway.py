"""A gateway that enforces Discord's identify rules, for tests.

It's written from Discord's gateway documentation and shares no code with the
limiter. In any five seconds, one shard of each rate limit key identifies; the key
is `shard_id % max_concurrency`. In 24 hours, which begin with the first identify,
no more than `total` shards do.
"""

from __future__ import annotations

import collections
import datetime
import typing

DAY = datetime.timedelta(hours=24)
FIVE_SECONDS = datetime.timedelta(seconds=5)


class RuleBrokenError(Exception):
    """Discord would answer with Invalid Session, or reset the token."""


class Gateway:
    """Takes identifies in order, and raises at the first that breaks a rule."""

    def __init__(
        self,
        *,
        max_concurrency: int,
        total: int,
        remaining: int,
        reset_at: datetime.datetime,
        now: datetime.datetime,
    ) -> None:
        self.max_concurrency = max_concurrency
        self.total = total
        self.left = remaining
        # None while the 24 hours haven't begun.
        self.reset_at = None if remaining >= total else reset_at
        self.resets = 0
        # The shards that identified, with the moments.
        self.identified: list[tuple[datetime.datetime, int]] = []
        self.count(now)

    @classmethod
    def of(cls, limit: typing.Any, now: datetime.datetime) -> Gateway:
        """Make the gateway that would send a limit."""
        names = "max_concurrency", "total", "remaining", "reset_at"
        return cls(**{name: getattr(limit, name) for name in names}, now=now)

    @property
    def online(self) -> collections.Counter[int]:
        return collections.Counter(shard_id for _, shard_id in self.identified)

    def identify(self, shard_id: int, now: datetime.datetime) -> None:
        self.count(now)
        for moment, other in reversed(self.identified):
            if now - moment >= FIVE_SECONDS:
                break
            if shard_id % self.max_concurrency == other % self.max_concurrency:
                msg = f"{shard_id} identifies {now - moment} after {other}"
                raise RuleBrokenError(msg)
        if self.left < 1:
            msg = f"no session start is left for {shard_id}: the token is reset"
            raise RuleBrokenError(msg)
        self.identified.append((now, shard_id))
        self.left -= 1
        self.reset_at = self.reset_at or now + DAY

    def count(self, now: datetime.datetime) -> tuple[int, int]:
        """Return `remaining`, and `reset_after` in microseconds, as of a moment."""
        if self.reset_at and now >= self.reset_at:
            self.left, self.reset_at = self.total, None
            self.resets += 1
        reset_after = self.reset_at - now if self.reset_at else datetime.timedelta()
        return self.left, reset_after // datetime.timedelta(microseconds=1)

    def grow(self, more: int) -> None:
        """Allow more session starts, as for a bot that has joined more guilds."""
        self.total += more
        self.left += more
