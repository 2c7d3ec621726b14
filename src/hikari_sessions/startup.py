"""The start-up plan: which shards will identify when.

It comes from an `IdentifyLimiter` whose clock jumps from window to window.
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


@attrs.frozen(kw_only=True, order=False)
class StartupWindow:
    """The shards that identify at one moment, each with its own rate limit key."""

    starts_at: datetime.datetime
    """When the shards identify; timezone-aware."""

    shard_ids: tuple[int, ...] = attrs.field(repr=_show_ids)
    """The ids of the shards, in ascending order."""


@attrs.frozen(kw_only=True, order=False)
class StartupPlan:
    """Which shards identify when."""

    windows: tuple[StartupWindow, ...] = attrs.field(
        repr=lambda windows: f"<{len(windows)} in all>"
    )
    """The windows, in chronological order; at least one."""

    shard_count: int
    """How many shards the bot has on all machines; sent with each identify."""

    max_concurrency: int
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

        Machines that start by their parts of one plan follow Discord's rules
        together, without talking to each other.

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
        What Discord reported: a `GatewayBotInfo`, or any object with its
        attributes.
    shard_count
        How many shards the bot has, on all machines: 1 to 1,000,000. By default,
        the recommended number.
    shard_ids
        The ids of the shards to start, from 0 to `shard_count - 1`; by default,
        all. Duplicates are dropped. They need a `shard_count`, because the
        recommended number can change between two requests.
    starts_at
        When the first shards identify, timezone-aware; by default, now.
    window_delay, reserve
        As for `IdentifyLimiter`.
    wait_for_reset
        Whether to wait for the reset if there aren't enough session starts: the
        first shards start with those left, and the rest from the reset on.

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
        msg = "shard_ids need a shard_count: the recommended number can change"
        raise TypeError(msg)
    count = info.shard_count if shard_count is None else shard_count
    shard_count = limiter.as_integer("shard_count", count, 1, _MAX_SHARDS)
    each, last = "each id in shard_ids", shard_count - 1
    ids = range(shard_count) if shard_ids is None else shard_ids
    ids = {limiter.as_integer(each, shard_id, 0, last) for shard_id in ids}
    if not ids:
        msg = "shard_ids must have at least one id"
        raise ValueError(msg)
    if starts_at is None:
        starts_at = time.local_datetime()
    now = time.at_fixed_offset("starts_at", starts_at)
    limit = info.session_start_limit
    max_concurrency = max(1, limit.max_concurrency)
    # The ids with each rate limit key, the lowest last.
    queues: dict[int, list[int]] = {}
    for shard_id in sorted(ids, reverse=True):
        queues.setdefault(shard_id % max_concurrency, []).append(shard_id)
    reserve = limiter.as_integer("reserve", reserve)
    try:
        remaining, reset_at = limiter.left_at(limit, now)
        left = max(0, remaining - reserve)
        shortage = limiter.SessionStartLimitExceededError(
            len(ids), left, limit.total, reset_at, reserve
        )
        if left < len(ids) and limit.total <= reserve:
            raise shortage
        with time.use_clock(lambda: now):
            gate = limiter.IdentifyLimiter(
                limit, window_delay=window_delay, reserve=reserve
            )
        refusal = None if wait_for_reset else shortage
        windows = _windows(gate, [*queues.values()], now, window_delay, refusal)
    except OverflowError as error:
        msg = (
            "the plan would end after the year 9999: check the limit and the times"
        )
        raise ValueError(msg) from error
    return StartupPlan(
        windows=tuple(windows),
        shard_count=shard_count,
        max_concurrency=max_concurrency,
    )


def _windows(
    gate: limiter.IdentifyLimiter,
    queues: list[list[int]],
    now: datetime.datetime,
    window_delay: datetime.timedelta,
    shortage: limiter.SessionStartLimitExceededError | None,
) -> list[StartupWindow]:
    """Ask a limiter window by window; raise the shortage rather than wait."""
    # The most crowded keys come first, each with the lowest of its ids.
    waiting = [(-len(queue), queue.pop(), queue) for queue in queues]
    heapq.heapify(waiting)
    most_crowded = -waiting[0][0]

    windows: list[StartupWindow] = []
    with time.use_clock(lambda: now):
        while waiting:
            started: list[tuple[int, int, list[int]]] = []
            wait = window_delay
            while waiting and not (wait := gate.acquire(waiting[0][1])):
                started.append(heapq.heappop(waiting))
            if started:
                shard_ids = tuple(sorted(shard_id for _, shard_id, _ in started))
                windows.append(StartupWindow(starts_at=now, shard_ids=shard_ids))
                wait = window_delay
            elif shortage and (
                wait > 2 * limiter.RESET_MARGIN or not shortage.remaining
            ):
                raise shortage
            for crowd, _, queue in started:
                if queue:
                    heapq.heappush(waiting, (crowd + 1, queue.pop(), queue))
            if waiting:
                now += wait
    if shortage and len(windows) > most_crowded:
        raise shortage
    return windows
