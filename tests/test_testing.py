"""The clock that frameworks use in their tests."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import typing

import pytest
from given import EXAMPLE, HOUR, NAIVE, NOW, seconds

import hikari_sessions
from hikari_sessions import IdentifyLimiter, local_datetime
from hikari_sessions.testing import ManualClock

pytestmark = pytest.mark.system


class Diary:
    """Notes when its sleepers wake up."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.notes: list[tuple[float, str]] = []

    def start(self, name: str, *delays: float) -> asyncio.Task[None]:
        async def sleep() -> None:
            for delay in delays:
                await self.clock.sleep(delay)
                self.note(name)

        return asyncio.create_task(sleep())

    def note(self, name: str) -> None:
        self.notes.append(((self.clock.now - NOW).total_seconds(), name))


@pytest.fixture
def clock() -> collections.abc.Iterator[ManualClock]:
    with ManualClock(NOW) as clock:
        yield clock


def test_the_package_reads_it_inside_with() -> None:
    with ManualClock() as clock:
        assert local_datetime() == clock() == clock.now == ManualClock().now
        with contextlib.suppress(LookupError), ManualClock(NOW) as inner:
            inner.now += seconds(HOUR)
            assert local_datetime() == inner() == NOW + seconds(HOUR)
            raise LookupError
        assert local_datetime() == clock.now
    assert local_datetime() != clock.now


def test_it_can_be_put_in_use_twice(clock: ManualClock) -> None:
    with clock:
        assert local_datetime() == NOW
    assert local_datetime() == NOW


def test_a_naive_time_is_an_error(clock: ManualClock) -> None:
    with pytest.raises(ValueError, match=r"^now must be timezone-aware"):
        ManualClock(NAIVE)
    with pytest.raises(ValueError, match=r"^now must be timezone-aware"):
        clock.now = NAIVE
    assert clock.now == NOW


@pytest.mark.parametrize("delay", [-0.001, seconds(-1)])
def test_time_never_goes_back(clock: ManualClock, delay: typing.Any) -> None:
    with pytest.raises(ValueError, match=r"^delay must be 0 or more"):
        asyncio.run(clock.advance(delay))
    assert clock.now == NOW


@pytest.mark.parametrize("delay", [10, seconds(10)])
def test_each_sleeper_wakes_up_when_it_is_due(
    clock: ManualClock, delay: typing.Any
) -> None:
    diary = Diary(clock)

    async def use() -> None:
        tasks = [
            diary.start("a", 4, 4, 2.5),
            diary.start("b", 3, 2.5),
            diary.start("c", 0, -1),
            diary.start("d", 10),
        ]
        await clock.advance(delay)
        assert clock.now == NOW + seconds(10)
        assert [task.done() for task in tasks] == [False, True, True, True]
        await clock.advance(0.5)
        assert tasks[0].done()

    asyncio.run(use())
    assert diary.notes == [
        *[(0, "c"), (0, "c"), (3, "b"), (4, "a"), (5.5, "b"), (8, "a")],
        *[(10, "d"), (10.5, "a")],
    ]


def test_setting_the_time_wakes_nobody_until_the_next_advance(
    clock: ManualClock,
) -> None:
    diary = Diary(clock)

    async def use() -> None:
        diary.start("a", 10)
        await clock.advance(0)
        clock.now += seconds(HOUR)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not diary.notes
        await clock.advance(0)

    asyncio.run(use())
    assert diary.notes == [(HOUR, "a")]


def test_tasks_run_to_their_next_sleep_before_time_goes_on(
    clock: ManualClock,
) -> None:
    diary = Diary(clock)

    async def hand_on(times: int) -> None:
        if times:
            await asyncio.create_task(hand_on(times - 1))
        else:
            diary.note("handed on")

    async def use() -> None:
        async def sleep() -> None:
            await clock.sleep(1)
            await hand_on(20)

        tasks = [asyncio.create_task(sleep()), diary.start("a", 1.001)]
        await clock.advance(60)
        await asyncio.gather(*tasks)

    asyncio.run(use())
    assert diary.notes == [(1, "handed on"), (1.001, "a")]


def test_a_cancelled_sleeper_is_forgotten(clock: ManualClock) -> None:
    diary = Diary(clock)

    async def use() -> None:
        cancelled, task = diary.start("a", 5), diary.start("b", 5)
        await clock.advance(1)
        cancelled.cancel()
        await clock.advance(HOUR)
        assert cancelled.cancelled()
        assert clock.now == NOW + seconds(1 + HOUR)
        await task

    asyncio.run(use())
    assert diary.notes == [(5, "b")]


@pytest.mark.parametrize(("keys", "count"), [(1, 3), (2, 6), (4, 16), (16, 64)])
def test_a_framework_starts_its_shards_at_the_times_of_the_plan(
    clock: ManualClock, keys: int, count: int
) -> None:
    limit = {**EXAMPLE["session_start_limit"], "max_concurrency": keys}
    info = hikari_sessions.deserialize_gateway_bot_info(
        {**EXAMPLE, "shards": count, "session_start_limit": limit}
    )
    limiter = IdentifyLimiter(info.session_start_limit)
    identified: dict[str, set[int]] = {}
    heartbeats = 0

    async def run_shard(shard_id: int) -> None:
        nonlocal heartbeats
        await limiter.wait(shard_id)
        identified.setdefault(str(clock.now), set()).add(shard_id)
        while True:
            heartbeats += 1
            await asyncio.sleep(41.25)

    async def run() -> None:
        tasks = [asyncio.create_task(run_shard(each)) for each in range(count)]
        await clock.advance(HOUR)
        # These go by real time.
        assert heartbeats == count
        for task in tasks:
            task.cancel()

    plan = hikari_sessions.plan_startup(info)
    asyncio.run(run())
    assert identified == {
        str(batch.starts_at): set(batch.shard_ids) for batch in plan.batches
    }
