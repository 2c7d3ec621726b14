"""A gateway that enforces Discord's identify rules, for tests; written without a look at the planner.

Discord's gateway documentation: `max_concurrency` identify requests per five
seconds, one for each `shard_id % max_concurrency`; so many identifies in 24
hours, counted from the first one.
"""

from __future__ import annotations

import collections
import pickle
import typing

if typing.TYPE_CHECKING:
    import collections.abc
    import datetime

SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND


class RuleBrokenError(Exception):
    """Discord would answer Invalid Session, or reset the token."""


class Gateway:
    """Takes identifies in the order of time, and raises at the first that breaks a rule."""

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
        # In microseconds since the epoch; None while the day has not begun.
        self.day_ends: int | None = self.since_epoch(reset_at)
        if self.day_ends <= 0:
            self.left = total
        if self.left == total:
            self.day_ends = None
        self.last: dict[int, int] = {}
        self.online: collections.Counter[int] = collections.Counter()
        self.clock = 0
        self.resets = 0

    def since_epoch(self, moment: datetime.datetime) -> int:
        delta = moment.astimezone(self.epoch.tzinfo) - self.epoch
        return (delta.days * 86400 + delta.seconds) * SECOND + delta.microseconds

    def identify(self, shard_id: int, moment: datetime.datetime) -> None:
        at = self.since_epoch(moment)
        if at < self.clock:
            msg = "the test has to send identifies in the order of time"
            raise AssertionError(msg)
        self.clock = at

        key = shard_id % self.max_concurrency
        if key in self.last and at - self.last[key] < 5 * SECOND:
            msg = f"shard {shard_id} identifies {at - self.last[key]} µs after another with the key {key}"
            raise RuleBrokenError(msg)
        self.last[key] = at

        if self.day_ends is not None and at >= self.day_ends:
            self.left, self.day_ends = self.total, None
            self.resets += 1
        if self.left < 1:
            msg = f"shard {shard_id} identifies when no session start is left: the token is reset"
            raise RuleBrokenError(msg)
        if self.day_ends is None:
            self.day_ends = at + DAY
        self.left -= 1
        self.online[shard_id] += 1


def identifies_of(pickled: bytes, shard_ids: collections.abc.Iterable[int]) -> list[tuple[datetime.datetime, int]]:
    """Tell what one machine would do that is given a pickled plan; for a process of its own."""
    own = pickle.loads(pickled).for_shards(shard_ids)  # noqa: S301
    return [(window.starts_at, shard_id) for window in own.windows for shard_id in window.shard_ids]
