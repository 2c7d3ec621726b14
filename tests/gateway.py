"""A gateway that enforces Discord's identify rules, for tests.

It's written from Discord's gateway documentation and shares no code with the
limiter. In any five seconds, one shard of each rate limit key identifies; the key
is `shard_id % max_concurrency`. In 24 hours, which begin with the first identify,
no more than `total` shards do.
"""

from __future__ import annotations

import collections
import typing

if typing.TYPE_CHECKING:
    import datetime

SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND


class RuleBrokenError(Exception):
    """Discord would answer Invalid Session, or reset the token."""


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
        self.epoch = now
        self.max_concurrency = max_concurrency
        self.total = total
        self.left = remaining
        # In microseconds since the epoch; None while the 24 hours haven't begun.
        self.day_ends: int | None = self._since_epoch(reset_at)
        if self.left == total:
            self.day_ends = None
        # The identifies of the last five seconds.
        self.recent: list[tuple[int, int]] = []
        self.online: collections.Counter[int] = collections.Counter()
        self.resets = 0
        self._clock = 0
        self._pass_time(now)

    def identify(self, shard_id: int, moment: datetime.datetime) -> None:
        now = self._pass_time(moment)
        self.recent = [
            (at, other) for at, other in self.recent if now - at < 5 * SECOND
        ]
        for at, other in self.recent:
            if (shard_id - other) % self.max_concurrency == 0:
                msg = (
                    f"shard {shard_id} identifies {now - at} µs after shard {other}"
                )
                raise RuleBrokenError(msg)
        self.recent.append((now, shard_id))
        if self.left < 1:
            msg = (
                f"no session start is left for shard {shard_id}: the token is reset"
            )
            raise RuleBrokenError(msg)
        if self.day_ends is None:
            self.day_ends = now + DAY
        self.left -= 1
        self.online[shard_id] += 1

    def count(self, moment: datetime.datetime) -> tuple[int, int]:
        """Tell `remaining` and `reset_after`, in microseconds, as Discord does."""
        now = self._pass_time(moment)
        return self.left, 0 if self.day_ends is None else self.day_ends - now

    def _pass_time(self, moment: datetime.datetime) -> int:
        now = self._since_epoch(moment)
        if now < self._clock:
            msg = "the test has to send identifies in the order of time"
            raise AssertionError(msg)
        self._clock = now
        if self.day_ends is not None and now >= self.day_ends:
            self.left, self.day_ends = self.total, None
            self.resets += 1
        return now

    def _since_epoch(self, moment: datetime.datetime) -> int:
        delta = moment.astimezone(self.epoch.tzinfo) - self.epoch
        return (delta.days * 86400 + delta.seconds) * SECOND + delta.microseconds
