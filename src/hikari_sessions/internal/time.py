"""The clock that the whole package reads, and a way to replace it."""

from __future__ import annotations

__all__ = ("Clock", "local_datetime", "use_clock", "utc_datetime")

import collections.abc
import contextlib
import contextvars
import datetime
import typing

Clock: typing.TypeAlias = collections.abc.Callable[[], datetime.datetime]
"""A callable without arguments that returns a timezone-aware `datetime`."""

_clock = contextvars.ContextVar[Clock | None]("hikari_sessions.clock", default=None)


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
        If the clock in use returns anything but a `datetime`, or a naive one.
    """
    clock = _clock.get()
    if clock is not None:
        return at_fixed_offset("the clock's time", clock())
    now = datetime.datetime.now(datetime.timezone.utc).astimezone()
    if type(now.tzinfo) is datetime.timezone:
        return now
    # freezegun's time zone can have daylight saving time.
    return at_fixed_offset("the time", now)


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


@contextlib.contextmanager
def use_clock(clock: Clock) -> collections.abc.Generator[None, None, None]:
    """Make everything in this package read the time from a clock of your own.

    Other threads don't see the clock, and neither do asyncio tasks, except those
    created inside the `with` statement (see `contextvars`). You can nest it. At the
    end, the previous clock is restored, even after an exception.

    Parameters
    ----------
    clock
        The callable that returns the time: see `Clock`.
    """
    # Resetting the token would fail if pytest ends a fixture in another context.
    outer = _clock.get()
    _clock.set(clock)
    try:
        yield
    finally:
        _clock.set(outer)
