"""A clock for frameworks' tests: time passes only when a test says so."""

from __future__ import annotations

__all__ = ("ManualClock",)

import asyncio
import contextlib
import datetime
import typing

from hikari_sessions.internal import time

if typing.TYPE_CHECKING:
    import types

    import typing_extensions

_START: typing.Final = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)

# Where tasks wait for each other, each in the chain needs a turn.
_TURNS: typing.Final = 100


class ManualClock:
    """A clock that stands still until a test moves it.

    Inside `with ManualClock() as clock:`, the whole package reads it, and limiters
    created there sleep by it. Everything else, such as a bot's heartbeats, goes by
    real time.

    Parameters
    ----------
    now
        The time it shows at first, timezone-aware; by default, always the same.

    Raises
    ------
    ValueError
        If `now` is naive.
    """

    def __init__(self, now: datetime.datetime = _START) -> None:
        self.now = now
        self._sleepers: list[tuple[datetime.datetime, asyncio.Future[None]]] = []
        self._uses: list[contextlib.AbstractContextManager[None]] = []

    @property
    def now(self) -> datetime.datetime:
        """The time it shows. Setting it wakes nobody until the next `advance`."""
        return self._now

    @now.setter
    def now(self, now: datetime.datetime) -> None:
        self._now = time.at_fixed_offset("now", now)

    def __call__(self) -> datetime.datetime:
        """Return the time it shows."""
        return self._now

    def __enter__(self) -> typing_extensions.Self:
        self._uses.append(time.use_clock(self, sleep=self.sleep))
        self._uses[-1].__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        self._uses.pop().__exit__(kind, error, traceback)

    async def sleep(self, delay: float) -> None:
        """Sleep until the clock has advanced by a delay.

        Parameters
        ----------
        delay
            How long, in seconds. With 0 or less, other tasks run once.
        """
        if delay <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        sleeper = self._now + datetime.timedelta(seconds=delay), future
        self._sleepers.append(sleeper)
        try:
            await future
        finally:
            self._sleepers.remove(sleeper)

    async def advance(self, delay: float | datetime.timedelta) -> None:
        """Advance the time, stopping whenever a sleeper is due.

        Each sleeper wakes at exactly the time it's due. The event loop then takes
        100 turns, in which the tasks can run, before the clock goes on.

        Parameters
        ----------
        delay
            How long, in seconds or as a `timedelta`; 0 or more.

        Raises
        ------
        ValueError
            If `delay` is negative.
        """
        if not isinstance(delay, datetime.timedelta):
            delay = datetime.timedelta(seconds=delay)
        if delay < datetime.timedelta(0):
            msg = f"delay must be 0 or more, not {delay}"
            raise ValueError(msg)
        end = self._now + delay
        await self._let_tasks_run()
        while due := [at for at, _ in self._sleepers if at <= end]:
            self._now = max(self._now, min(due))
            for at, future in self._sleepers:
                if at <= self._now:
                    future.set_result(None)
            await self._let_tasks_run()
        self._now = end

    async def _let_tasks_run(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
