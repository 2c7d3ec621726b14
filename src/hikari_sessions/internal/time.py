"""The clock that the models read, and the way to put another one in its place."""

from __future__ import annotations

__all__ = ("Clock", "local_datetime", "use_clock", "utc_datetime")

import collections.abc
import contextlib
import contextvars
import datetime
import typing

Clock: typing.TypeAlias = collections.abc.Callable[[], datetime.datetime]
"""A callable without arguments that returns an aware `datetime.datetime`."""

_clock: contextvars.ContextVar[Clock | None] = contextvars.ContextVar("hikari_sessions_clock", default=None)


def local_datetime() -> datetime.datetime:
    """Tell the time in the system's time zone, or as the clock in use has it.

    Returns
    -------
    datetime.datetime
        Now, aware. Without `use_clock` its zone is the system's offset at this
        moment, as a fixed offset; inside `use_clock` it is exactly what the
        clock returned, zone included.

    Raises
    ------
    TypeError
        If the clock in use returns something that is no `datetime.datetime`.
    ValueError
        If the clock in use returns a naive `datetime.datetime`.
    """
    clock = _clock.get()
    if clock is None:
        return datetime.datetime.now(datetime.timezone.utc).astimezone()

    now = clock()
    if not isinstance(now, datetime.datetime):  # pyright: ignore[reportUnnecessaryIsInstance] - who does not check
        msg = f"the clock has to return an aware datetime, but {clock!r} returned {now!r}"
        raise TypeError(msg)
    if now.utcoffset() is None:
        msg = f"the clock has to return an aware datetime, but {clock!r} returned the naive {now!r}: give it a tzinfo"
        raise ValueError(msg)
    return now


def utc_datetime() -> datetime.datetime:
    """Tell the same instant as `local_datetime`, in UTC.

    Returns
    -------
    datetime.datetime
        Now, aware, with `datetime.timezone.utc` as its zone.

    Raises
    ------
    TypeError
        If the clock in use returns something that is no `datetime.datetime`.
    ValueError
        If the clock in use returns a naive `datetime.datetime`.
    """
    return local_datetime().astimezone(datetime.timezone.utc)


@contextlib.contextmanager
def use_clock(clock: Clock) -> collections.abc.Generator[None, None, None]:
    """Let everything in this package read the time from a clock of your own.

    The clock is in use for the body of the `with` statement and for the running
    context only (see `contextvars`): other threads keep theirs, and so do
    asyncio tasks, but for those that are created in the body. Uses nest, and
    the clock before is back in use at the end, whether the body returns or
    raises.

    A clock in a zone with summer time makes `SessionStartLimit.reset_at` follow
    the wall clock of that zone, as `datetime` arithmetic does; a clock in UTC or
    at a fixed offset does not.

    Parameters
    ----------
    clock
        A callable without arguments that returns an aware `datetime.datetime`.

    Raises
    ------
    TypeError
        If the clock can't be called.
    """
    if not callable(clock):
        msg = f"a clock is a callable that returns an aware datetime, but {clock!r} can't be called"
        raise TypeError(msg)

    # Not a reset of the token: pytest and others end a fixture in another context than it began in.
    outer = _clock.get()
    _clock.set(clock)
    try:
        yield
    finally:
        _clock.set(outer)
