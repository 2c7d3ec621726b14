"""The start-up plan: which shards identify when.

Plain values, without a sleep, an event loop or a network: any framework can
follow a plan, and any number of machines the same one.
"""

from __future__ import annotations

__all__ = (
    "IDENTIFY_WINDOW",
    "SESSION_START_WINDOW",
    "SessionStartLimitExceededError",
    "StartupPlan",
    "StartupWindow",
    "plan_startup",
)

import collections
import collections.abc
import contextlib
import datetime
import gc
import heapq
import itertools
import operator
import typing

import attrs

from hikari_sessions import protocols
from hikari_sessions.internal import time

IDENTIFY_WINDOW: typing.Final = datetime.timedelta(seconds=5)
"""How long after an identify the next one of the same rate limit key may follow.

The source is Discord's gateway documentation, "Sharding", "Max Concurrency".
"""

SESSION_START_WINDOW: typing.Final = datetime.timedelta(hours=24)
"""How long a session start limit lasts, from the first identify that it counts.

The source is Discord's gateway documentation, "Identifying" and "Session Start
Limit Object".
"""

_SHOWN: typing.Final = 4


class SessionStartLimitExceededError(Exception):
    """There are not enough session starts left for a plan.

    Parameters
    ----------
    required
        The session starts that the plan takes: one for each of its shards.
    remaining
        The session starts that are left when the plan starts.
    total
        The session starts that a reset brings.
    reset_at
        When the limit resets next, which is 24 hours after the first identify
        if it is full when the plan starts; aware.
    """

    def __init__(self, required: int, remaining: int, total: int, reset_at: datetime.datetime) -> None:
        super().__init__(required, remaining, total, reset_at)
        self.required = required
        self.remaining = remaining
        self.total = total
        self.reset_at = reset_at

    def __str__(self) -> str:
        left = f"the plan takes {_count(self.required)}, and {self.remaining:,} {_are(self.remaining)} left"
        if self.total < 1:
            return f"{left}; no reset brings more, since the limit is {self.total:,}"
        allowed = f"at most {self.remaining:,}" if self.remaining > 0 else "none"
        return (
            f"{left} until the limit resets to {self.total:,} at {self.reset_at:%Y-%m-%d %H:%M:%S %Z}: "
            f"start {allowed} before then, or plan with wait_for_reset=True"
        )


def _count(starts: int) -> str:
    return f"{starts:,} session start{'s' * (starts != 1)}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _show_ids(shard_ids: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, shard_ids[:_SHOWN]))
    return f"({shown}, … {len(shard_ids)} in all)" if len(shard_ids) > _SHOWN else str(shard_ids)


def _show_windows(windows: tuple[StartupWindow, ...]) -> str:
    return f"<{len(windows)} in all>"


@attrs.frozen(kw_only=True, order=False)
class StartupWindow:
    """The shards that identify at one moment, no two of them with the same rate limit key."""

    starts_at: datetime.datetime = attrs.field()
    """When the shards identify; aware."""

    shard_ids: tuple[int, ...] = attrs.field(repr=_show_ids)
    """The ids of the shards, in ascending order."""


@attrs.frozen(kw_only=True, order=False)
class StartupPlan:
    """Which shards identify when."""

    windows: tuple[StartupWindow, ...] = attrs.field(repr=_show_windows)
    """The windows, in the order of time; at least one."""

    shard_count: int = attrs.field()
    """The number of shards that the bot has, on all machines; sent with each identify."""

    max_concurrency: int = attrs.field()
    """The number of rate limit keys, of which a shard has `shard_id % max_concurrency`."""

    @property
    def shard_ids(self) -> tuple[int, ...]:
        """The ids of all shards in the plan, in ascending order."""
        return tuple(sorted(itertools.chain.from_iterable(window.shard_ids for window in self.windows)))

    @property
    def starts_at(self) -> datetime.datetime:
        """When the first window starts; aware."""
        return self.windows[0].starts_at

    @property
    def duration(self) -> datetime.timedelta:
        """How long after the first window the last one starts."""
        return self.windows[-1].starts_at - self.starts_at

    def for_shards(self, shard_ids: collections.abc.Iterable[int]) -> StartupPlan:
        """Make one machine's part of the plan: the same instants, and only its shards.

        Machines that follow their parts of one plan keep Discord's rules
        together, without talking to each other.

        Parameters
        ----------
        shard_ids
            The ids of the machine's shards. Duplicates are dropped.

        Returns
        -------
        StartupPlan
            The windows in which the machine has shards, with these alone.

        Raises
        ------
        ValueError
            If an id is not in the plan, or if there is none.
        """
        known = set(self.shard_ids)
        wanted: set[int] = set()
        for shard_id in shard_ids:
            if shard_id not in known:
                msg = f"the plan has no shard with the id {shard_id}: it is for {_show_ids(self.shard_ids)}"
                raise ValueError(msg)
            wanted.add(shard_id)
        if not wanted:
            msg = "there are no shard_ids: give at least one"
            raise ValueError(msg)

        windows: list[StartupWindow] = []
        for window in self.windows:
            own = tuple(shard_id for shard_id in window.shard_ids if shard_id in wanted)
            if own:
                windows.append(StartupWindow(starts_at=window.starts_at, shard_ids=own))
        return attrs.evolve(self, windows=tuple(windows))


def plan_startup(
    info: protocols.GatewayBotInfoLike,
    *,
    shard_count: int | None = None,
    shard_ids: collections.abc.Iterable[int] | None = None,
    starts_at: datetime.datetime | None = None,
    window_delay: datetime.timedelta = IDENTIFY_WINDOW,
    wait_for_reset: bool = False,
) -> StartupPlan:
    """Plan which shards identify when, so that Discord's identify rules are kept.

    At most one shard of each rate limit key, `shard_id % max_concurrency`,
    identifies in any five seconds, and no more shards than there are session
    starts left. The shards of a key start in ascending order. The plan has as
    few windows as there are shards of the most crowded key. Where the session
    starts run out in a window, the most crowded keys go first; a plan that
    waits for a reset has one more for each such window at the most.

    Parameters
    ----------
    info
        What Discord said: our own object, or any other with its members.
    shard_count
        The number of shards that the bot has, on all machines; 1 or more. The
        recommended number by default.
    shard_ids
        The ids of the shards to start, from 0 to `shard_count - 1`; all by
        default. Duplicates are dropped. It takes a `shard_count`, since the
        recommended number may be another one tomorrow.
    starts_at
        When the first shards identify; aware. Now by default.
    window_delay
        How long after a window the next one starts; five seconds or more.
    wait_for_reset
        Whether to wait where the session starts do not suffice: the first
        shards start with what is left, and the rest when the limit has reset,
        as often as it takes.

    Returns
    -------
    StartupPlan
        The plan. All its moments have the offset from UTC that `starts_at` has
        then, so that their differences are exact over a change of summer time.

    Raises
    ------
    SessionStartLimitExceededError
        If there are not enough session starts left, and the plan is not to
        wait for a reset, or none would bring more.
    TypeError
        If there are `shard_ids` and no `shard_count`, or if one of them is no
        integer.
    ValueError
        If a number, an id or a time is out of its range, or if the plan would
        not be within the years 1 to 9999.
    """
    if shard_ids is not None and shard_count is None:
        msg = "shard_ids need a shard_count: the recommended one may change between machines, and with time"
        raise TypeError(msg)
    shard_count = operator.index(info.shard_count if shard_count is None else shard_count)
    ids = _checked_ids(shard_count, shard_ids)
    if window_delay < IDENTIFY_WINDOW:
        msg = f"the window_delay has to be 5 seconds or more, as Discord has it, not {window_delay}"
        raise ValueError(msg)
    starts_at = _at_fixed_offset(time.local_datetime() if starts_at is None else starts_at)

    limit = info.session_start_limit
    max_concurrency = max(1, limit.max_concurrency)
    try:
        budget = _Budget(limit, starts_at, required=len(ids), waits=wait_for_reset)
        budget.refuse_what_is_hopeless(window_delay)
        with _collecting_no_garbage():
            windows = tuple(_windows(ids, max_concurrency, budget, starts_at, window_delay))
    except OverflowError as error:
        msg = "the plan would have too many shards, or not be within the years 1 to 9999"
        raise ValueError(msg) from error
    return StartupPlan(windows=windows, shard_count=shard_count, max_concurrency=max_concurrency)


def _checked_ids(shard_count: int, shard_ids: collections.abc.Iterable[int] | None) -> collections.abc.Sequence[int]:
    if shard_count < 1:
        msg = f"the shard_count has to be 1 or more, not {shard_count}"
        raise ValueError(msg)
    if shard_ids is None:
        return range(shard_count)
    ids: set[int] = set()
    for shard_id in map(operator.index, shard_ids):
        if not 0 <= shard_id < shard_count:
            msg = (
                f"a shard id has to be from 0 to {shard_count - 1}, with a shard_count of {shard_count}, not {shard_id}"
            )
            raise ValueError(msg)
        ids.add(int(shard_id))
    if not ids:
        msg = "there are no shard_ids: give at least one, or None for all"
        raise ValueError(msg)
    return sorted(ids)


def _at_fixed_offset(moment: datetime.datetime) -> datetime.datetime:
    """Make a moment to which adding is exact, as it is not in a zone with summer time."""
    offset = moment.utcoffset()
    if offset is None:
        msg = f"starts_at has to be aware, not the naive {moment!r}: give it a tzinfo"
        raise ValueError(msg)
    if isinstance(moment.tzinfo, datetime.timezone):
        return moment
    return moment.replace(tzinfo=datetime.timezone(offset), fold=0)


class _Budget:
    """The session starts, as they are used and come back while a plan goes on."""

    def __init__(
        self,
        limit: protocols.SessionStartLimitLike,
        starts_at: datetime.datetime,
        *,
        required: int,
        waits: bool,
    ) -> None:
        self.total = limit.total
        self.required = required
        self.waits = waits
        reset_at = limit.reset_at
        self.remaining = limit.total if reset_at <= starts_at else limit.remaining
        self.starts_at = starts_at
        self.remaining_at_start = self.remaining
        # None while nothing is used: the next identify begins the 24 hours.
        self.reset_at = self.first_reset_at = None if self.remaining == self.total else reset_at

    @property
    def suffices(self) -> bool:
        """Whether the plan can't run out of session starts, resets on its way included."""
        return self.required <= min(self.remaining_at_start, self.total)

    def take(self, moment: datetime.datetime, wanted: int) -> tuple[datetime.datetime, int]:
        """Take up to as many session starts as are wanted, and tell when and how many."""
        if self.reset_at is not None and moment >= self.reset_at:
            self.reset()
        if (self.total if self.waits else self.remaining) < 1:
            raise self.exceeded()
        if self.remaining < 1:
            # In the zone of the plan.
            moment = typing.cast("datetime.datetime", self.reset_at).astimezone(moment.tzinfo)
            self.reset()
        if self.reset_at is None:
            self.reset_at = moment + SESSION_START_WINDOW
        taken = min(wanted, self.remaining)
        self.remaining -= taken
        return moment, taken

    def reset(self) -> None:
        self.remaining, self.reset_at = self.total, None

    def refuse_what_is_hopeless(self, window_delay: datetime.timedelta) -> None:
        """Tell at once, without going through the shards, where all resets on the way would bring too little."""
        resets = 2 + self.required * min(window_delay, SESSION_START_WINDOW) // SESSION_START_WINDOW
        if not self.waits and self.required > self.remaining + self.total * resets:
            raise self.exceeded()

    def exceeded(self) -> SessionStartLimitExceededError:
        reset_at = self.first_reset_at or self.starts_at + SESSION_START_WINDOW
        return SessionStartLimitExceededError(self.required, self.remaining_at_start, self.total, reset_at)


@contextlib.contextmanager
def _collecting_no_garbage() -> collections.abc.Generator[None, None, None]:
    """Let windows be made in a time that grows linearly: with a million, collections would take as long again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _windows(
    ids: collections.abc.Sequence[int],
    max_concurrency: int,
    budget: _Budget,
    moment: datetime.datetime,
    window_delay: datetime.timedelta,
) -> collections.abc.Iterator[StartupWindow]:
    if budget.suffices:
        moments = itertools.accumulate(itertools.repeat(window_delay), operator.add, initial=moment)
        # The moments stand second, since one more than there are windows may be too late for a datetime.
        schedule: _Schedule = zip(_rounds(ids, max_concurrency), moments, strict=False)
    else:
        schedule = _budgeted(ids, max_concurrency, budget, moment, window_delay)

    for shard_ids, starts_at in schedule:
        # Frozen attrs classes take thrice as long to make an object themselves, and there can be a million.
        window = object.__new__(StartupWindow)
        _set_starts_at(window, starts_at)
        _set_shard_ids(window, shard_ids)
        yield window


_Schedule: typing.TypeAlias = collections.abc.Iterator[tuple[tuple[int, ...], datetime.datetime]]

_set_starts_at: typing.Final = vars(StartupWindow)["starts_at"].__set__
_set_shard_ids: typing.Final = vars(StartupWindow)["shard_ids"].__set__


# Both of these keep to flat lists and dicts of integers, which the garbage collector does not go through.


def _rounds(ids: collections.abc.Sequence[int], max_concurrency: int) -> collections.abc.Iterator[tuple[int, ...]]:
    """Let the first shard of each key start, then the second of each, and so on."""
    rounds: list[int] = []
    started: dict[int, int] = {}
    for shard_id in ids:
        key = shard_id % max_concurrency
        number = started.get(key, 0)
        started[key] = number + 1
        rounds.append(number)
    in_order = map(ids.__getitem__, sorted(range(len(ids)), key=rounds.__getitem__))
    return (tuple(itertools.islice(in_order, size)) for size in collections.Counter(rounds).values())


def _budgeted(
    ids: collections.abc.Sequence[int],
    max_concurrency: int,
    budget: _Budget,
    moment: datetime.datetime,
    window_delay: datetime.timedelta,
) -> _Schedule:
    """Do the same, but where the session starts run out, let the most crowded keys go first."""
    # A shard is coded so that the heap gives those first after which most of their key come, and then the lowest ids.
    above = ids[-1] + 1
    following: dict[int, int] = {}
    ready_by_key: dict[int, int] = {}
    for shard_id in reversed(ids):
        code, key = shard_id, shard_id % max_concurrency
        if key in ready_by_key:
            code += (ready_by_key[key] // above - 1) * above
            following[code] = ready_by_key[key]
        ready_by_key[key] = code

    ready = sorted(ready_by_key.values())
    # A plan that does not wait is no longer for a window that is cut short.
    windows_left = 1 - ready[0] // above
    while True:
        if windows_left < 1 and not budget.waits:
            raise budget.exceeded()
        windows_left -= 1
        moment, count = budget.take(moment, len(ready))
        batch = [heapq.heappop(ready) for _ in range(count)]
        yield tuple(sorted([code % above for code in batch])), moment

        for code in batch:
            if code in following:
                heapq.heappush(ready, following[code])
        if not ready:
            return
        moment += window_delay
