"""The limiter in one process: what every limiter does, and what only it does."""

from __future__ import annotations

import asyncio
import collections.abc
import concurrent.futures
import contextlib
import gc
import threading
import time
import types
import typing
import weakref

import pytest
import time_machine
from given import DAY, HOUR, NOW, make_limit, seconds
from limiter_rules import (
    TROUBLES,
    Simulation,
    TestErrors,
    TestRules,
    TestSessionStartLimit,
    TestSimulation,
    TestWait,
    Troubles,
    World,
    come_all,
)

from hikari_sessions import IdentifyLimiter, SessionStartLimitExceededError, testing

__all__ = (
    "TestErrors",
    "TestRules",
    "TestSessionStartLimit",
    "TestSimulation",
    "TestWait",
)


@pytest.fixture
def world() -> collections.abc.Iterator[World]:
    with testing.ManualClock(NOW) as clock:
        yield World(clock, IdentifyLimiter)


# The first identify of each 24 hours gets lost.
FIRST_LOST = Troubles(ppm=10, latency=1, retry=0)


@pytest.mark.system
@pytest.mark.parametrize("troubles", [*TROUBLES, FIRST_LOST])
@pytest.mark.parametrize("slowness", [(0, 0), (0, 1), (1, 0)])
def test_a_limit_is_used_up_for_days(
    world: World, troubles: Troubles, slowness: tuple[float, float]
) -> None:
    simulation = Simulation(world, (6, 6, 0, 3), 0, troubles)
    simulation.crowd(30, slowness, "gets lost")
    world.run(simulation.run())
    assert simulation.server.resets >= 4


@pytest.mark.parametrize("step", [11 * HOUR, 2 * DAY, -HOUR, -2 * DAY])
def test_a_step_of_the_wall_clock_changes_nothing(step: float) -> None:
    with time_machine.travel(NOW.timestamp(), tick=False) as wall:
        gate = IdentifyLimiter(make_limit(1000, 3, 10 * HOUR, 8))
        assert not gate.acquire(0)
        wall.shift(step)
        assert gate.acquire(0) <= seconds(5.5)
        assert [not gate.acquire(n) for n in range(1, 8)].count(True) == 2
        # What it returns is by the wall clock.
        limit = gate.session_start_limit()
        assert limit.reset_at - limit.reset_after == NOW + seconds(step)
        assert limit.reset_after <= seconds(10 * HOUR)
        with pytest.raises(SessionStartLimitExceededError) as caught:
            IdentifyLimiter(make_limit(9, 9, 0, 1), reserve=9).update(
                make_limit(0, 0, 0, 1)
            )
        assert caught.value.reset_at == NOW + seconds(step + DAY)


@pytest.mark.system
def test_each_event_loop_has_a_line_of_its_own(world: World) -> None:
    gate = world.make(make_limit(9, 9, 0, 1))
    with contextlib.ExitStack() as stack:
        for identified in (1, 0):
            loop = stack.enter_context(contextlib.closing(asyncio.new_event_loop()))
            tasks = [loop.create_task(gate.wait(n)) for n in range(3)]
            stack.callback(loop.run_until_complete, asyncio.wait(tasks))
            for task in tasks:
                stack.callback(task.cancel)
            loop.run_until_complete(world.clock.advance(0))
            assert [task.done() for task in tasks].count(True) == identified


@pytest.mark.system
def test_a_closed_event_loop_is_not_held(world: World) -> None:
    gate = world.make(make_limit(9, 9, 0, 1))
    loops: list[weakref.ref[typing.Any]] = []

    async def use() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await come_all(world, gate, {0: 0, 1: 0})

    world.run(use())
    gc.collect()
    assert loops[0]() is None


@pytest.mark.system
def test_threads_go_by_the_clock_of_the_limiter(world: World) -> None:
    gate = world.make(make_limit(9, 9, 0, 1))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(gate.acquire, 0).result() == seconds(0)
        world.set_time(3)
        assert pool.submit(gate.acquire, 1).result() == seconds(2.5)


@pytest.mark.system
def test_threads_never_take_more_than_are_left() -> None:
    gates = [IdentifyLimiter(make_limit(9, 1, HOUR, 4)) for _ in range(10)]
    start = threading.Barrier(4)

    def identify(shard_id: int) -> int:
        taken = 0
        for gate in gates:
            start.wait()
            taken += not gate.acquire(shard_id)
        return taken

    def let_others_run(frame: types.FrameType, *_: object) -> typing.Any:
        if frame.f_globals["__name__"].startswith("hikari_sessions"):
            time.sleep(0)
        return let_others_run

    previous = threading.gettrace()
    # At each line of the limiter.
    threading.settrace(let_others_run)
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(identify, range(4))) == len(gates)
    finally:
        threading.settrace(previous)
