"""The clocks that the whole package reads, and a way to replace them."""

from __future__ import annotations

__all__ = ("Clock", "Sleep", "local_datetime", "use_clock", "utc_datetime")

import collections.abc
import contextlib
import contextvars
import datetime
import time
import typing

Clock: typing.TypeAlias = collections.abc.Callable[[], datetime.datetime]
"""A callable without arguments that returns a timezone-aware `datetime`."""

Sleep: typing.TypeAlias = collections.abc.Callable[
    [float], collections.abc.Awaitable[object]
]
"""A callable that takes seconds and can be awaited, like `asyncio.sleep`."""

_in_use = contextvars.ContextVar[tuple[Clock | None, Sleep | None]](
    "hikari_sessions.clock", default=(None, None)
)


def local_datetime() -> datetime.datetime:
    """Return the current time, in the time zone of the system or the clock in use.

    Returns
    -------
    datetime.datetime
        Now, timezone-aware. Its offset from UTC is fixed, so that adding to it is
        exact even on the night when the clocks change.

    Raises
    ------
    TypeError, ValueError
        If the clock in use returns anything but a timezone-aware `datetime`.
    """
    clock, _ = _in_use.get()
    return at_fixed_offset("the clock's time", (clock or _system_clock)())


def utc_datetime() -> datetime.datetime:
    """Return the same instant as `local_datetime`, in UTC.

    Returns
    -------
    datetime.datetime
        Now, with `datetime.timezone.utc` as its time zone.

    Raises
    ------
    TypeError, ValueError
        As `local_datetime` does.
    """
    return local_datetime().astimezone(datetime.timezone.utc)


@contextlib.contextmanager
def use_clock(
    clock: Clock, *, sleep: Sleep | None = None
) -> collections.abc.Generator[None, None, None]:
    """Make everything in this package read the time from a clock of your own.

    Other threads don't see the clock, and neither do asyncio tasks, except those
    created inside the `with` statement (see `contextvars`). You can nest the
    statements. At the end, the previous clock is restored, even after an exception.

    Parameters
    ----------
    clock
        The callable that returns the time: see `Clock`.
    sleep
        What limiters await instead of `asyncio.sleep`: see `Sleep`.
    """
    # Resetting the token would fail if pytest ends a fixture in another context.
    outer = _in_use.get()
    _in_use.set((clock, sleep))
    try:
        yield
    finally:
        _in_use.set(outer)


def steady_clock() -> tuple[Clock, Sleep | None]:
    """Return a clock that nobody can set, or the clock and the sleep in use."""
    clock, sleep = _in_use.get()
    if clock is None:
        return steady_datetime, None
    return lambda: at_fixed_offset("the clock's time", clock()), sleep


def steady_datetime() -> datetime.datetime:
    """Return the time since some moment, the same throughout a machine."""
    return datetime.datetime.fromtimestamp(_steady_seconds(), datetime.timezone.utc)


def at_fixed_offset(name: str, moment: datetime.datetime) -> datetime.datetime:
    """Check that a moment is timezone-aware, and fix its offset from UTC.

    Otherwise, adding to it would be an hour off when the clocks change.
    """
    # For callers who don't type-check.
    if not isinstance(moment, datetime.datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"{name} must be a timezone-aware datetime, not {moment!r}"
        raise TypeError(msg)
    if isinstance(moment.tzinfo, datetime.timezone):
        return moment
    offset = moment.utcoffset()
    if offset is None:
        msg = f"{name} must be timezone-aware, not the naive {moment!r}"
        raise ValueError(msg)
    return moment.replace(tzinfo=datetime.timezone(offset), fold=0)


def round_up(time_span: datetime.timedelta, unit: datetime.timedelta) -> int:
    """Return how many units a time span takes, rounded up."""
    # Negating twice makes the floor division round up.
    return -(-time_span // unit)


def _system_clock() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).astimezone()


def _steady_seconds() -> float:
    try:
        # This one goes on while the machine sleeps.
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except (AttributeError, OSError):
        return time.monotonic()
