"""The start-up plan: the rules, run ahead to see which shards identify when."""

from __future__ import annotations

__all__ = ("StartupBatch", "StartupPlan", "plan_startup")

import collections.abc
import datetime
import heapq
import itertools
import typing

import attrs

from hikari_sessions import protocols, rules
from hikari_sessions.internal import time

MAX_SHARDS: typing.Final = 1_000_000

# How many ids a repr shows.
_SHOWN: typing.Final = 4


def _show_ids(shard_ids: tuple[int, ...]) -> str:
    if len(shard_ids) <= _SHOWN:
        return str(shard_ids)
    shown = ", ".join(map(str, shard_ids[:_SHOWN]))
    return f"({shown}, … {len(shard_ids)} in all)"


@attrs.frozen(kw_only=True, order=False)
class StartupBatch:
    """The shards that identify at one moment, each with its own rate limit key."""

    starts_at: datetime.datetime
    """When the shards identify; timezone-aware."""

    shard_ids: tuple[int, ...] = attrs.field(repr=_show_ids)
    """The ids of the shards, in ascending order."""


@attrs.frozen(kw_only=True, order=False)
class StartupPlan:
    """Which shards identify when."""

    batches: tuple[StartupBatch, ...] = attrs.field(
        repr=lambda batches: f"<{len(batches)} in all>"
    )
    """The batches, in chronological order; at least one."""

    shard_count: int
    """How many shards the bot has on all machines; sent with each identify."""

    max_concurrency: int
    """How many rate limit keys there are; each is `shard_id % max_concurrency`."""

    @property
    def shard_ids(self) -> tuple[int, ...]:
        """The ids of all shards in the plan, in ascending order."""
        batches = (batch.shard_ids for batch in self.batches)
        return tuple(sorted(itertools.chain.from_iterable(batches)))

    @property
    def starts_at(self) -> datetime.datetime:
        """When the first batch starts; timezone-aware."""
        return self.batches[0].starts_at

    @property
    def duration(self) -> datetime.timedelta:
        """How long after the first batch the last one starts."""
        return self.batches[-1].starts_at - self.starts_at

    def for_shards(self, shard_ids: collections.abc.Iterable[int]) -> StartupPlan:
        """Return one machine's part of the plan: the same times, its own shards.

        Machines that each follow their part of one plan keep Discord's rules
        together, without talking to each other.

        Parameters
        ----------
        shard_ids
            The ids of the machine's shards. Duplicates are dropped.

        Returns
        -------
        StartupPlan
            The batches in which the machine has shards, with only these.

        Raises
        ------
        ValueError
            If an id isn't in the plan, or if there are no ids.
        """
        wanted = set(shard_ids)
        if not wanted:
            msg = "shard_ids must have at least one id"
            raise ValueError(msg)
        batches = [
            StartupBatch(starts_at=batch.starts_at, shard_ids=tuple(sorted(own)))
            for batch in self.batches
            if (own := wanted.intersection(batch.shard_ids))
        ]
        if len(wanted) > sum(len(batch.shard_ids) for batch in batches):
            unknown = min(wanted.difference(self.shard_ids))
            msg = (
                f"the plan has no shard {unknown}, only {_show_ids(self.shard_ids)}"
            )
            raise ValueError(msg)
        return attrs.evolve(self, batches=tuple(batches))


def plan_startup(
    info: protocols.GatewayBotInfoLike,
    *,
    shard_count: int | None = None,
    shard_ids: collections.abc.Iterable[int] | None = None,
    starts_at: datetime.datetime | None = None,
    identify_delay: datetime.timedelta = rules.IDENTIFY_DELAY,
    reserve: int = 0,
    wait_for_reset: bool = False,
) -> StartupPlan:
    """Plan which shards will identify when, by the rules of `IdentifyLimiter`.

    The plan has one batch for each shard with the most crowded rate limit key, and
    at most one more for each reset that it waits for. Shards with the same key
    start in ascending order. If the session starts run out in a batch, the most
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
    identify_delay, reserve
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
    plan, shortage = judge_startup(
        info, shard_count, shard_ids, starts_at, identify_delay, reserve
    )
    if shortage and not wait_for_reset:
        raise shortage
    return plan


def judge_startup(
    info: protocols.GatewayBotInfoLike,
    shard_count: int | None,
    shard_ids: collections.abc.Iterable[int] | None,
    starts_at: datetime.datetime | None,
    identify_delay: datetime.timedelta,
    reserve: int,
) -> tuple[StartupPlan, rules.SessionStartLimitExceededError | None]:
    """Plan, and return the shortage if a shard has to wait for a reset."""
    shard_count, ids = _check_shards(info, shard_count, shard_ids)
    if starts_at is None:
        starts_at = time.local_datetime()
    now = time.at_fixed_offset("starts_at", starts_at)
    made = rules.Rules(identify_delay, reserve)
    try:
        ledger, reset_at = ledger_at(info.session_start_limit, now)
        left = max(0, ledger.remaining - reserve)
        shortage = rules.SessionStartLimitExceededError(
            len(ids), left, ledger.total, reset_at, reserve
        )
        if left < len(ids) and ledger.total <= reserve:
            raise shortage
        batches, is_delayed = _batches(made, ledger, ids, now)
    except OverflowError as error:
        msg = (
            "the plan would end after the year 9999: check the limit and the times"
        )
        raise ValueError(msg) from error
    plan = StartupPlan(
        batches=tuple(batches),
        shard_count=shard_count,
        max_concurrency=ledger.max_concurrency,
    )
    return plan, shortage if is_delayed else None


def ledger_at(
    limit: protocols.SessionStartLimitLike, now: datetime.datetime
) -> tuple[rules.Ledger, datetime.datetime]:
    """Return a ledger by the clock of the limit, and when it resets."""
    reset_at = time.at_fixed_offset("reset_at", limit.reset_at)
    ledger = rules.Ledger.of(limit, reset_at - limit.reset_after)
    ledger.bring_to(now)
    # Once its reset has passed, a limit counts as full.
    ledger.remaining, reset_after = ledger.left_at(now)
    return ledger, now + (reset_after or rules.LIMIT_PERIOD)


def _check_shards(
    info: protocols.GatewayBotInfoLike,
    shard_count: int | None,
    shard_ids: collections.abc.Iterable[int] | None,
) -> tuple[int, collections.abc.Collection[int]]:
    if shard_ids is not None and shard_count is None:
        msg = "shard_ids need a shard_count: the recommended number can change"
        raise TypeError(msg)
    count = info.shard_count if shard_count is None else shard_count
    count = rules.as_integer("shard_count", count, 1, MAX_SHARDS)
    if shard_ids is None:
        return count, range(count)
    each = "each id in shard_ids"
    ids = {rules.as_integer(each, shard_id, 0, count - 1) for shard_id in shard_ids}
    if not ids:
        msg = "shard_ids must have at least one id"
        raise ValueError(msg)
    return count, ids


def _batches(
    made: rules.Rules,
    ledger: rules.Ledger,
    shard_ids: collections.abc.Iterable[int],
    now: datetime.datetime,
) -> tuple[list[StartupBatch], bool]:
    """Plan the batches, and say whether a shard has to wait for a reset."""
    # The ids with each rate limit key, the lowest last.
    queues: dict[int, list[int]] = {}
    for shard_id in sorted(shard_ids, reverse=True):
        queues.setdefault(shard_id % ledger.max_concurrency, []).append(shard_id)
    # The most crowded keys come first, each with the lowest of its ids.
    waiting = [(-len(queue), queue.pop(), queue) for queue in queues.values()]
    heapq.heapify(waiting)
    most_crowded = -waiting[0][0]

    batches: list[StartupBatch] = []
    is_delayed, wait = False, made.identify_delay
    while True:
        started: list[tuple[int, int, list[int]]] = []
        while waiting and not (wait := made.acquire(ledger, waiting[0][1], now)):
            started.append(heapq.heappop(waiting))
        if started:
            shard_ids = tuple(sorted([shard_id for _, shard_id, _ in started]))
            batches.append(StartupBatch(starts_at=now, shard_ids=shard_ids))
        elif ledger.remaining <= made.reserve:
            is_delayed = True
        for crowd, _, queue in started:
            if queue:
                heapq.heappush(waiting, (crowd + 1, queue.pop(), queue))
        if not waiting:
            # A batch that was cut short may have taken one more.
            return batches, is_delayed or len(batches) > most_crowded
        now += made.identify_delay if started else wait
