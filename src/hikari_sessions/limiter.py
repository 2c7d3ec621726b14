"""Discord's identify rules, in one place: when a shard may identify.

The source is Discord's gateway documentation: "Identifying", "Sharding" with its
"Max Concurrency", and "Session Start Limit Object".
"""

from __future__ import annotations

__all__ = (
    "IDENTIFY_WINDOW",
    "SESSION_START_WINDOW",
    "IdentifyLimiter",
    "SessionStartLimitExceededError",
)

import datetime
import operator
import threading
import typing

import attrs

from hikari_sessions import protocols
from hikari_sessions.internal import time

if typing.TYPE_CHECKING:
    import asyncio
    import collections.abc

IDENTIFY_WINDOW: typing.Final = datetime.timedelta(seconds=5)
"""How long after an identify another with the same rate limit key may follow."""

SESSION_START_WINDOW: typing.Final = datetime.timedelta(hours=24)
"""How long a session start limit lasts, from the first identify that it counts."""

# Discord counts identifies as they arrive, so two sent five seconds apart can
# arrive closer together.
WINDOW_DELAY: typing.Final = datetime.timedelta(seconds=5.5)

# An identify sent just before a reset can arrive just after it.
RESET_MARGIN: typing.Final = datetime.timedelta(seconds=0.5)

# An update, or a change to the clock, can make a wait shorter.
_LONGEST_SLEEP: typing.Final = datetime.timedelta(minutes=1)


@attrs.define(eq=False, slots=False)
class SessionStartLimitExceededError(Exception):
    """There aren't enough session starts left."""

    required: int
    """How many session starts are needed."""

    remaining: int
    """How many are left until the reset, not counting the reserve."""

    total: int
    """How many there are after a reset, the reserve included."""

    reset_at: datetime.datetime
    """When the limit resets, timezone-aware; if it's full, 24 hours from now."""

    reserve: int = 0
    """How many session starts are never used."""

    def __str__(self) -> str:
        starts = "session start" if self.required == 1 else "session starts"
        left = f"only {self.remaining:,}" if self.remaining else "none"
        kept = f" besides the reserve of {self.reserve:,}" if self.reserve else ""
        lack = f"{self.required:,} {starts} needed, but {left} left{kept}"
        when = f"{self.reset_at:%Y-%m-%d %H:%M:%S %Z}"
        most = max(0, self.total - self.reserve)
        if self.required > most:
            return f"{lack}; even the reset at {when} brings only {most:,}"
        return f"{lack}; wait until the limit resets to {self.total:,} at {when}"


class IdentifyLimiter:
    """Says when each shard may identify, for as long as the process runs.

    `acquire` never sleeps, so it works with asyncio, trio and threads; `wait` is
    for asyncio. The limiter is thread-safe, and reads the clock that `use_clock`
    replaces. Its rules:

    - In any `window_delay`, at most one shard with each rate limit key identifies.
      The key is `shard_id % max_concurrency`.
    - Until the limit resets, at most `remaining - reserve` shards identify. Then
      `remaining` becomes `total`. The 24 hours of a full limit begin with its first
      identify.
    - Within half a second of a reset, nothing identifies, because an identify sent
      just before the reset can arrive just after it.

    Parameters
    ----------
    limit
        What Discord reported: a `SessionStartLimit`, or any object with its
        attributes.
    window_delay
        How long after an identify the next one with the same rate limit key may
        follow; five seconds or more. The default adds half a second to Discord's
        five, because Discord counts identifies as they arrive.
    reserve
        How many session starts are never used; 0 or more. A bot that crashes in a
        loop stops there, so it can still start once you have fixed it.

    Raises
    ------
    SessionStartLimitExceededError
        If `limit` and `reserve` leave no session start, now or after any reset.
    TypeError
        If `window_delay` isn't a `timedelta`, or `reserve` isn't an integer.
    ValueError
        If `window_delay` is below five seconds, or `reserve` is negative.
    """

    def __init__(
        self,
        limit: protocols.SessionStartLimitLike,
        *,
        window_delay: datetime.timedelta = WINDOW_DELAY,
        reserve: int = 0,
    ) -> None:
        # For callers who don't type-check.
        if not isinstance(window_delay, datetime.timedelta):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"window_delay must be a timedelta, not {window_delay!r}"
            raise TypeError(msg)
        if window_delay < IDENTIFY_WINDOW:
            msg = f"window_delay must be five seconds or more, not {window_delay}"
            raise ValueError(msg)
        self._window_delay = window_delay
        self._reserve = as_integer("reserve", reserve)
        self._lock = threading.Lock()
        # By event loop and rate limit key.
        self._lines: dict[tuple[object, int], asyncio.Lock] = {}
        self._max_concurrency = max(1, limit.max_concurrency)
        self._remaining = limit.remaining
        # None while the limit is full.
        self._reset_at: datetime.datetime | None = None
        # By rate limit key.
        self._identified_at: dict[int, datetime.datetime] = {}
        # The last identify with any key before `max_concurrency` changed.
        self._any_identified_at: datetime.datetime | None = None
        self.update(limit)

    def acquire(self, shard_id: int) -> datetime.timedelta:
        """Ask whether a shard may identify now.

        Parameters
        ----------
        shard_id
            The id of the shard, 0 or more.

        Returns
        -------
        datetime.timedelta
            Zero if the shard may identify *now*; its session start is taken.
            Otherwise, how long to wait before asking again; nothing is taken.

        Raises
        ------
        SessionStartLimitExceededError
            If no session start is left, and no reset brings one.
        TypeError
            If `shard_id` isn't an integer.
        ValueError
            If `shard_id` is negative.
        """
        shard_id = as_integer("shard_id", shard_id)
        with self._lock:
            now = time.local_datetime()
            key = shard_id % self._max_concurrency
            wait = self._until_start(now)
            if last := self._identified_at.get(key, self._any_identified_at):
                wait = max(wait, self._window_delay - (now - last))
            if not wait:
                self._identified_at[key] = now
                self._remaining -= 1
                self._reset_at = self._reset_at or now + SESSION_START_WINDOW
            return wait

    async def wait(self, shard_id: int) -> None:
        """Wait with asyncio until a shard may identify.

        Let it identify right after that. Within an event loop, each rate limit key
        is first come, first served. The errors are those of `acquire`.

        Parameters
        ----------
        shard_id
            The id of the shard, 0 or more.
        """

        async def ask() -> datetime.timedelta:
            return self.acquire(shard_id)

        key = as_integer("shard_id", shard_id) % self._max_concurrency
        await wait_in_line(self._lines, key, ask)

    def update(self, limit: protocols.SessionStartLimitLike) -> None:
        """Take a newer response from Discord into account.

        Until the reset, the lower `remaining` of the two counts, because shards may
        have identified after Discord counted.

        Parameters
        ----------
        limit
            The newer `SessionStartLimit`, or any object with its attributes.

        Raises
        ------
        SessionStartLimitExceededError
            If `limit` and the reserve leave no session start, now or after any
            reset.
        """
        with self._lock:
            now = time.local_datetime()
            self._reset_if_due(now)
            known, remaining = self._reset_at, limit.remaining
            reset_at: datetime.datetime | None
            reset_at = time.at_fixed_offset("reset_at", limit.reset_at)
            # An old response: its reset came before the known 24 hours began.
            began_at = known and known - SESSION_START_WINDOW
            is_old = began_at and reset_at < began_at + 2 * RESET_MARGIN
            if remaining == limit.total or is_old:
                remaining, reset_at = limit.total, None
            # The same 24 hours, unless the new reset is about a day later.
            if known and (
                not reset_at or reset_at - known < SESSION_START_WINDOW / 2
            ):
                remaining = min(remaining, self._remaining)
                reset_at = reset_at or known
            max_concurrency = max(1, limit.max_concurrency)
            if max_concurrency != self._max_concurrency:
                self._max_concurrency = max_concurrency
                self._any_identified_at = max(
                    self._identified_at.values(), default=self._any_identified_at
                )
                self._identified_at.clear()
            self._total, self._remaining = limit.total, remaining
            self._reset_at = reset_at
            self._until_start(now)

    def _until_start(self, now: datetime.datetime) -> datetime.timedelta:
        """Return how long to wait for a session start."""
        self._reset_if_due(now)
        reset_at = self._reset_at or now + SESSION_START_WINDOW
        is_used_up = self._remaining <= self._reserve
        if is_used_up and self._total <= self._reserve:
            left = max(0, self._remaining - self._reserve)
            raise SessionStartLimitExceededError(
                1, left, self._total, reset_at, self._reserve
            )
        if is_used_up or reset_at - now <= RESET_MARGIN:
            return reset_at - now + RESET_MARGIN
        return datetime.timedelta(0)

    def _reset_if_due(self, now: datetime.datetime) -> None:
        if self._reset_at and now - self._reset_at >= RESET_MARGIN:
            self._remaining, self._reset_at = self._total, None


async def wait_in_line(
    lines: dict[tuple[object, int], asyncio.Lock],
    key: int,
    ask: collections.abc.Callable[
        [], collections.abc.Awaitable[datetime.timedelta]
    ],
) -> None:
    """Ask until there is nothing to wait for, first come, first served."""
    import asyncio  # noqa: PLC0415 - slow to import, and not everyone needs it

    # Only the first in line asks. A lock belongs to one event loop.
    line = (asyncio.get_running_loop(), key)
    async with lines.setdefault(line, asyncio.Lock()):
        while wait := await ask():  # noqa: ASYNC110
            await asyncio.sleep(min(wait, _LONGEST_SLEEP).total_seconds())


def left_at(
    limit: protocols.SessionStartLimitLike, now: datetime.datetime
) -> tuple[int, datetime.datetime]:
    """Return the session starts left at a moment, and when the limit resets."""
    reset_at = time.at_fixed_offset("reset_at", limit.reset_at)
    remaining = limit.total if reset_at <= now else limit.remaining
    # The 24 hours of a full limit begin with its first identify.
    is_full = remaining == limit.total
    return remaining, now + SESSION_START_WINDOW if is_full else reset_at


def as_integer(
    name: str, value: int, least: int = 0, most: int | None = None
) -> int:
    """Check an integer argument; an error names it."""
    try:
        number = operator.index(value)
    except TypeError:
        msg = f"{name} must be an integer, not {value!r}"
        raise TypeError(msg) from None
    if number < least or (most is not None and number > most):
        range_ = f"{least} or more" if most is None else f"from {least} to {most:,}"
        msg = f"{name} must be {range_}, not {number:,}"
        raise ValueError(msg)
    return number
