"""Discord's identify rules in one process: when a shard may identify."""

from __future__ import annotations

__all__ = ("IdentifyLimiter",)

import collections.abc
import datetime
import threading
import typing
import weakref

import attrs

from hikari_sessions import protocols, rules, sessions
from hikari_sessions.internal import time

if typing.TYPE_CHECKING:
    import asyncio

T = typing.TypeVar("T")

# Changes a ledger, or reads it, at a moment.
Action: typing.TypeAlias = collections.abc.Callable[
    [rules.Ledger, datetime.datetime], T
]

# An update can shorten a wait.
_LONGEST_SLEEP: typing.Final = datetime.timedelta(minutes=1)


class LimiterBase:
    """What all limiters have in common, wherever they keep their ledger."""

    def __init__(
        self,
        limit: protocols.SessionStartLimitLike,
        identify_delay: datetime.timedelta,
        reserve: int,
    ) -> None:
        self._rules = rules.Rules(identify_delay, reserve)
        # Kept, so that a test's threads go by the same clock.
        self._clock, self._sleep = time.steady_clock()
        # As it was last seen.
        self._ledger = self._read(limit)
        # The responses that its store doesn't have yet, by the steady clock.
        self._pending = [self._ledger]
        # Once nobody stands in a line, it's forgotten, and so is its event loop.
        self._lines: weakref.WeakValueDictionary[
            tuple[object, int | None], asyncio.Lock
        ] = weakref.WeakValueDictionary()

    def __repr__(self) -> str:
        left, _ = self._ledger.left_at(self._now())
        total = self._ledger.total
        return f"<{type(self).__name__}: {left:,} of {total:,} session starts left>"

    def _now(self) -> datetime.datetime:
        """Return the time by the clock of the ledger."""
        return self._clock()

    def _read(self, limit: protocols.SessionStartLimitLike) -> rules.Ledger:
        """Convert a limit to the steady clock; its age is by the wall clock."""
        reset_at = time.at_fixed_offset("reset_at", limit.reset_at)
        age = time.local_datetime() - (reset_at - limit.reset_after)
        told_at = self._clock() - max(age, datetime.timedelta(0))
        return rules.Ledger.of(limit, told_at)

    def _run(
        self, action: Action[T], ledger: rules.Ledger, now: datetime.datetime
    ) -> T:
        """Run an action, and convert the time in its error to the wall clock."""
        try:
            return action(ledger, now)
        except rules.SessionStartLimitExceededError as error:
            reset_at = time.local_datetime() + (error.reset_at - now)
            raise attrs.evolve(error, reset_at=reset_at) from None

    def _show(
        self, ledger: rules.Ledger, now: datetime.datetime
    ) -> sessions.SessionStartLimit:
        remaining, reset_after = ledger.left_at(now)
        return sessions.SessionStartLimit(
            total=ledger.total,
            remaining=remaining,
            reset_after=reset_after,
            max_concurrency=ledger.max_concurrency,
        )

    def _line(self, key: int | None) -> asyncio.Lock:
        """Return the lock for a rate limit key in the running event loop."""
        import asyncio  # noqa: PLC0415 - slow to import, and not everyone needs it

        line = asyncio.get_running_loop(), key
        return self._lines.setdefault(line, asyncio.Lock())

    async def _wait_in_line(
        self,
        shard_id: int,
        ask: collections.abc.Callable[
            [int], collections.abc.Awaitable[datetime.timedelta]
        ],
    ) -> None:
        """Ask until there is nothing to wait for, first come, first served."""
        import asyncio  # noqa: PLC0415

        shard_id = rules.as_integer("shard_id", shard_id)
        warned_until: datetime.datetime | None = None
        # Only the first in line asks.
        async with self._line(shard_id % self._ledger.max_concurrency):
            while wait := await ask(shard_id):
                now = self._now()
                left, _ = self._ledger.left_at(now)
                if left <= self._rules.reserve and now >= (warned_until or now):
                    warned_until = now + wait
                    self._warn(shard_id, left, wait)
                sleep = self._sleep or asyncio.sleep
                await sleep(min(wait, _LONGEST_SLEEP).total_seconds())

    def _warn(self, shard_id: int, left: int, wait: datetime.timedelta) -> None:
        import logging  # noqa: PLC0415 - as asyncio above

        logging.getLogger("hikari_sessions").warning(
            "shard %d waits until %s, after the reset: "
            "%s of %s session starts are left, and %s are kept in reserve",
            shard_id,
            f"{time.local_datetime() + wait:%Y-%m-%d %H:%M:%S %Z}",
            f"{left:,}",
            f"{self._ledger.total:,}",
            f"{self._rules.reserve:,}",
        )


class IdentifyLimiter(LimiterBase):
    """Says when each shard may identify, for as long as the process runs.

    `acquire` never sleeps, so it works with asyncio, trio and threads; `wait` is
    for asyncio. The limiter is thread-safe. It goes by a clock that nobody can set,
    or by the one in use when it was created (see `use_clock`). Its rules:

    - In any `identify_delay`, at most one shard with each rate limit key
      identifies. The key is `shard_id % max_concurrency`.
    - Until the limit resets, at most `remaining - reserve` shards identify. Then
      `remaining` becomes `total`. The 24 hours of a full limit begin with its first
      identify.
    - Within ten seconds of a reset (`RESET_MARGIN`), nothing identifies, because
      only Discord's clock decides in which 24 hours an identify counts.

    Parameters
    ----------
    limit
        What Discord reported: a `SessionStartLimit`, or any object with its
        attributes.
    identify_delay
        How long after an identify the next one with the same rate limit key may
        follow; five seconds or more. The default adds half a second to Discord's
        five, because Discord counts identifies as they arrive.
    reserve
        How many session starts to keep in reserve; 0 or more. A bot that crashes in
        a loop stops there, so it can still start once you've fixed it.

    Raises
    ------
    SessionStartLimitExceededError
        If `limit` and `reserve` leave no session start, now or after any reset.
    TypeError
        If `identify_delay` isn't a `timedelta`, or `reserve` isn't an integer.
    ValueError
        If `identify_delay` is below five seconds, or `reserve` is negative.
    """

    def __init__(
        self,
        limit: protocols.SessionStartLimitLike,
        *,
        identify_delay: datetime.timedelta = rules.IDENTIFY_DELAY,
        reserve: int = 0,
    ) -> None:
        super().__init__(limit, identify_delay, reserve)
        self._lock = threading.Lock()
        self._change(self._rules.check)

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
        return self._change(
            lambda ledger, now: self._rules.acquire(ledger, shard_id, now)
        )

    async def wait(self, shard_id: int) -> None:
        """Wait with asyncio until a shard may identify.

        Have it identify right after that. Within an event loop, each rate limit key
        is first come, first served. Before a shard waits for a reset, the logger
        `hikari_sessions` warns. A waiting shard notices an update within a minute.
        Raises the same errors as `acquire`.

        Parameters
        ----------
        shard_id
            The id of the shard, 0 or more.
        """
        await self._wait_in_line(shard_id, self._ask)

    def update(self, limit: protocols.SessionStartLimitLike) -> None:
        """Take a newer response from Discord into account.

        A response decoded a minute or more after the last identify replaces what is
        known. Any other may lack some identifies, so until the reset, the higher
        number used counts. A response older than the newest so far is ignored.

        Parameters
        ----------
        limit
            The newer `SessionStartLimit`, or any object with its attributes. Decode
            each response once, when you fetch it.

        Raises
        ------
        SessionStartLimitExceededError
            If `limit` and the reserve leave no session start, now or after any
            reset.
        """
        self._pending.append(self._read(limit))
        self._change(self._rules.check)

    def session_start_limit(self) -> sessions.SessionStartLimit:
        """Return what Discord would send now, as far as the limiter knows.

        Show it or plan with it, but don't pass it to `update`.

        Returns
        -------
        SessionStartLimit
            The limit. Its `reset_after` is 0 while it's full.
        """
        return self._change(self._show)

    def _change(self, action: Action[T]) -> T:
        with self._lock:
            now = self._clock()
            while self._pending:
                self._ledger.update(self._pending.pop(0), now)
            return self._run(action, self._ledger, now)

    async def _ask(self, shard_id: int) -> datetime.timedelta:
        return self.acquire(shard_id)
