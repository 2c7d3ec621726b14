"""The start-up plan: which shards will identify when.

A plan holds plain values. Making one runs an `IdentifyLimiter` on a simulated
clock, and neither sleeps nor connects.
"""

from __future__ import annotations

__all__ = ("StartupPlan", "StartupWindow", "plan_startup")

import collections.abc
import datetime
import heapq
import itertools
import typing

import attrs

from hikari_sessions import limiter, protocols
from hikari_sessions.internal import time

_MAX_SHARDS: typing.Final = 1_000_000

# How many ids a repr shows.
_SHOWN: typing.Final = 4


def _show_ids(shard_ids: tuple[int, ...]) -> str:
    if len(shard_ids) <= _SHOWN:
        return str(shard_ids)
    shown = ", ".join(map(str, shard_ids[:_SHOWN]))
    return f"({shown}, … {len(shard_ids)} in all)"


def _show_windows(windows: tuple[StartupWindow, ...]) -> str:
    return f"<{len(windows)} in all>"


@attrs.frozen(kw_only=True, order=False)
class StartupWindow:
    """The shards that identify at one moment, each with its own rate limit key."""

    starts_at: datetime.datetime = attrs.field()
    """When the shards identify; timezone-aware."""

    shard_ids: tuple[int, ...] = attrs.field(repr=_show_ids)
    """The ids of the shards, in ascending order."""


@attrs.frozen(kw_only=True, order=False)
class StartupPlan:
    """Which shards identify when."""

    windows: tuple[StartupWindow, ...] = attrs.field(repr=_show_windows)
    """The windows, in chronological order; at least one."""

    shard_count: int = attrs.field()
    """How many shards the bot has on all machines; sent with each identify."""

    max_concurrency: int = attrs.field()
    """How many rate limit keys there are; each is `shard_id % max_concurrency`."""

    @property
    def shard_ids(self) -> tuple[int, ...]:
        """The ids of all shards in the plan, in ascending order."""
        windows = (window.shard_ids for window in self.windows)
        return tuple(sorted(itertools.chain.from_iterable(windows)))

    @property
    def starts_at(self) -> datetime.datetime:
        """When the first window starts; timezone-aware."""
        return self.windows[0].starts_at

    @property
    def duration(self) -> datetime.timedelta:
        """How long after the first window the last one starts."""
        return self.windows[-1].starts_at - self.starts_at

    def for_shards(self, shard_ids: collections.abc.Iterable[int]) -> StartupPlan:
        """Return one machine's part of the plan: the same times, its own shards.

        Machines that follow their parts of one plan keep Discord's rules together,
        without talking to each other.

        Parameters
        ----------
        shard_ids
            The ids of the machine's shards. Duplicates are dropped.

        Returns
        -------
        StartupPlan
            The windows in which the machine has shards, with only these.

        Raises
        ------
        ValueError
            If an id isn't in the plan, or if there are no ids.
        """
        wanted = set(shard_ids)
        if unknown := wanted.difference(self.shard_ids):
            ids = _show_ids(self.shard_ids)
            msg = f"the plan has no shard {min(unknown)}, only {ids}"
            raise ValueError(msg)
        if not wanted:
            msg = "shard_ids must have at least one id"
            raise ValueError(msg)

        windows = [
            attrs.evolve(window, shard_ids=tuple(sorted(own)))
            for window in self.windows
            if (own := wanted.intersection(window.shard_ids))
        ]
        return attrs.evolve(self, windows=tuple(windows))


def plan_startup(  # noqa: PLR0913
    info: protocols.GatewayBotInfoLike,
    *,
    shard_count: int | None = None,
    shard_ids: collections.abc.Iterable[int] | None = None,
    starts_at: datetime.datetime | None = None,
    window_delay: datetime.timedelta = limiter.WINDOW_DELAY,
    reserve: int = 0,
    wait_for_reset: bool = False,
) -> StartupPlan:
    """Plan which shards will identify when, by the rules of `IdentifyLimiter`.

    The plan has one window for each shard with the most crowded rate limit key, and
    at most one more for each reset that it waits for. The shards with the same key
    start in ascending order. If the session starts run out in a window, the most
    crowded keys go first.

    Parameters
    ----------
    info
        What Discord said: a `GatewayBotInfo`, or any object with its attributes.
    shard_count
        How many shards the bot has, on all machines: 1 to 1,000,000. By default,
        the recommended number.
    shard_ids
        The ids of the shards to start, from 0 to `shard_count - 1`; by default,
        all. Duplicates are dropped. They need a `shard_count`, because the
        recommended number can change between two requests.
    starts_at
        When the first shards identify, timezone-aware; by default, now.
    window_delay
        How long after a window the next one starts, five seconds or more. The
        default is half a second over Discord's five, because Discord counts
        identifies as they arrive.
    reserve
        How many session starts are never used, 0 or more.
    wait_for_reset
        Whether to wait for the reset if there aren't enough session starts: the
        first shards start with those that are left, and the rest from the reset on.

    Returns
    -------
    StartupPlan
        The plan. Its times have the offset from UTC that `starts_at` has.

    Raises
    ------
    SessionStartLimitExceededError
        If there aren't enough session starts and `wait_for_reset` is false, or if
        no reset ever brings one.
    TypeError
        If there are `shard_ids` but no `shard_count`, or if an argument has the
        wrong type.
    ValueError
        If an argument is out of its range, or if the plan would end after the year
        9999.
    """
    if shard_ids is not None and shard_count is None:
        msg = "shard_ids need a shard_count, because the recommended one can change"
        raise TypeError(msg)
    count = info.shard_count if shard_count is None else shard_count
    shard_count = limiter.as_integer("shard_count", count, least=1)
    ids = _checked_ids(shard_count, shard_ids)
    if starts_at is None:
        starts_at = time.local_datetime()
    now = time.at_fixed_offset("starts_at", starts_at)
    limit = info.session_start_limit
    max_concurrency = max(1, limit.max_concurrency)
    reserve = limiter.as_integer("reserve", reserve)
    try:
        shortage = _shortage(limit, len(ids), now, reserve)
        try:
            with time.use_clock(lambda: now):
                gate = limiter.IdentifyLimiter(
                    limit, window_delay=window_delay, reserve=reserve
                )
            windows = _windows(
                gate,
                ids,
                max_concurrency,
                now,
                window_delay,
                None if wait_for_reset else shortage,
            )
        except limiter.SessionStartLimitExceededError:
            raise shortage from None
    except OverflowError as error:
        msg = "the plan would end after the year 9999"
        raise ValueError(msg) from error
    return StartupPlan(
        windows=tuple(windows),
        shard_count=shard_count,
        max_concurrency=max_concurrency,
    )


def _checked_ids(
    shard_count: int, shard_ids: collections.abc.Iterable[int] | None
) -> list[int]:
    if shard_count > _MAX_SHARDS:
        msg = f"shard_count must be {_MAX_SHARDS:,} or less, not {shard_count:,}"
        raise ValueError(msg)
    if shard_ids is None:
        return list(range(shard_count))
    each = "each of the shard_ids"
    ids = sorted({limiter.as_integer(each, shard_id) for shard_id in shard_ids})
    if not ids:
        msg = "shard_ids must have at least one id, or be None for all"
        raise ValueError(msg)
    if ids[-1] >= shard_count:
        msg = f"{each} must be below {shard_count}, not {ids[-1]}"
        raise ValueError(msg)
    return ids


def _shortage(
    limit: protocols.SessionStartLimitLike,
    required: int,
    now: datetime.datetime,
    reserve: int,
) -> limiter.SessionStartLimitExceededError:
    """Make the error for a plan that needs more than is left at its start."""
    remaining = limit.remaining
    reset_at = time.at_fixed_offset("reset_at", limit.reset_at)
    if reset_at <= now:
        remaining = limit.total
    if remaining == limit.total:
        reset_at = now + limiter.SESSION_START_WINDOW
    left = max(0, remaining - reserve)
    return limiter.SessionStartLimitExceededError(
        required, left, limit.total, reset_at, reserve
    )


def _windows(
    gate: limiter.IdentifyLimiter,
    ids: list[int],
    max_concurrency: int,
    now: datetime.datetime,
    window_delay: datetime.timedelta,
    shortage: limiter.SessionStartLimitExceededError | None,
) -> list[StartupWindow]:
    """Ask a limiter window by window; raise the shortage rather than wait."""
    by_key: dict[int, list[int]] = {}
    for shard_id in reversed(ids):
        by_key.setdefault(shard_id % max_concurrency, []).append(shard_id)
    # The most crowded keys come first, each with the lowest of its ids.
    waiting = [(-len(shards), shards.pop()) for shards in by_key.values()]
    heapq.heapify(waiting)
    most_crowded = -waiting[0][0]

    windows: list[StartupWindow] = []
    with time.use_clock(lambda: now):
        while waiting:
            started: list[tuple[int, int]] = []
            wait = window_delay
            while waiting and not (wait := gate.acquire(waiting[0][1])):
                started.append(heapq.heappop(waiting))
            if started:
                shard_ids = tuple(sorted(shard_id for _, shard_id in started))
                windows.append(StartupWindow(starts_at=now, shard_ids=shard_ids))
                wait = window_delay
            elif shortage and wait > 2 * limiter.RESET_MARGIN:
                raise shortage
            for negative_crowd, shard_id in started:
                shards = by_key[shard_id % max_concurrency]
                if shards:
                    heapq.heappush(waiting, (negative_crowd + 1, shards.pop()))
            if waiting:
                now += wait
    if shortage and len(windows) > most_crowded:
        raise shortage
    return windows
