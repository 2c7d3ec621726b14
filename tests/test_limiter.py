"""Discord's identify rules: when a shard may identify.

`test_redis` runs most of these tests again, with the limiter in Redis.
"""

from __future__ import annotations

import asyncio
import collections
import collections.abc
import concurrent.futures
import contextlib
import inspect
import math
import pickle
import selectors
import sys
import threading
import types
import typing
from unittest import mock

import gateway
import hypothesis
import hypothesis.strategies as st
import pytest
from limits import DAY, HOUR, NAIVE, NOW, Limit, make_limit, seconds

import hikari_sessions
from hikari_sessions import limiter

# The wait of a shard that no reset brings a session start.
NEVER = math.inf
Exceeded = limiter.SessionStartLimitExceededError


class World:
    """Makes limiters, and its time passes when a test or an event loop wants."""

    now = NOW

    def make(self, limit: typing.Any, **options: typing.Any) -> typing.Any:
        return limiter.IdentifyLimiter(limit, **options)

    def time(self) -> float:
        return (self.now - NOW).total_seconds()

    def run(self, answer: typing.Any) -> typing.Any:
        """Run what a method returned, if it's a coroutine, in an event loop."""
        if not inspect.iscoroutine(answer):
            return answer
        selector = selectors.SelectSelector()
        select = selector.select

        def sleep(timeout: float | None = None) -> typing.Any:
            assert timeout is not None, "every task waits for another"
            self.now += seconds(max(0, timeout))
            return select(0)

        selector.select = sleep  # type: ignore[method-assign]
        with contextlib.closing(asyncio.SelectorEventLoop(selector)) as loop:
            loop.time = self.time  # type: ignore[method-assign]
            return loop.run_until_complete(answer)


@pytest.fixture
def world() -> collections.abc.Iterator[World]:
    world = World()
    with hikari_sessions.use_clock(lambda: world.now):
        yield world


# After so many seconds, shards ask and get these waits, or an update comes.
Step: typing.TypeAlias = tuple[float, collections.abc.Mapping[int, float] | Limit]

# The limit, then the steps.
# fmt: off
CASES: dict[str, typing.Any] = {
    "one key": [(9, 9, 0, 1), (0, {0: 0, 1: 5.5}), (5, {0: 0.5}),
        (5.5, {0: 0, 1: 5.5})],
    "four keys": [(9, 9, 0, 4), (0, {0: 0, 1: 0, 3: 0, 7: 5.5, 2: 0})],
    "a max_concurrency below one is one": [(9, 9, 0, 0), (0, {0: 0, 1: 5.5}),
        (0, (9, 9, 0, 2)), (0, (9, 9, 0, -3)), (5.5, {0: 0, 1: 5.5})],
    "a refusal takes nothing": [(2, 2, 0, 2),
        (0, {1: 0, 3: 5.5, 0: 0, 2: DAY + 0.5})],
    "the 24 hours of a full limit begin with its first identify": [
        (1, 1, 0, 1), (DAY / 2, {0: 0, 1: DAY + 0.5}),
        (1.5 * DAY + 0.5, {0: 0, 1: DAY + 0.5})],
    "a reset brings the total": [(3, 1, 60, 8), (0, {0: 0, 1: 60.5}),
        (HOUR, {1: 0, 2: 0, 3: 0, 4: DAY + 0.5})],
    "half a second on either side of a reset": [(10, 5, 60, 8),
        (59.499, {0: 0}), (59.5, {1: 1}), (60, {1: 0.5}), (60.499, {1: 0.001}),
        (60.5, {1: 0})],
    "the longer of two waits": [(10, 1, 3, 1), (0, {0: 0, 1: 5.5})],
    "a reset that has passed": [(2, 0, -0.5, 1), (HOUR, {0: 0}),
        (HOUR + 10, {0: 0}), (HOUR + 20, {0: DAY - 20 + 0.5})],
    "more left than the total, zero": [(0, 1, 60, 8), (0, {0: 0, 1: NEVER})],
    "update: from another machine, then without our last two": [
        (10, 9, 60, 8), (0, (10, 3, 60, 8)), (0, {0: 0, 1: 0}),
        (0, (10, 3, 60, 8)), (0, {2: 0, 3: 60.5})],
    "update: after a reset, which came early by our clock": [(10, 0, 60, 8),
        (59, (10, 2, DAY, 8)), (59, {0: 0, 1: 0, 2: DAY + 0.5})],
    "update: the 24 hours don't begin with it": [(1, 0, 60, 1),
        (61, (1, 1, 0, 1)), (HOUR, {0: 0, 1: DAY + 0.5})],
    "update: counted before the first identify": [(2, 2, 0, 8), (0, {0: 0}),
        (1, (2, 2, 0, 8)), (1, {1: 0, 2: DAY - 1 + 0.5})],
    "update: counted before the reset": [(2, 0, 60, 8), (61, {0: 0}),
        (61, (2, 0, -1, 8)), (61, (2, 0, 0.2, 8)), (62, {1: 0, 2: DAY - 1 + 0.5})],
    "update: a newer reset": [(2, 2, 0, 8), (0, {0: 0, 1: 0}),
        (0, (2, 0, HOUR, 8)), (0, {2: HOUR + 0.5})],
    "update: a newer total comes with the reset": [(1, 0, 60, 8),
        (0, (3, 2, 60, 8)), (0, {0: 60.5}),
        (60.5, {0: 0, 1: 0, 2: 0, 3: DAY + 0.5})],
    "update: fewer keys, then more": [(9, 9, 0, 2), (0, {0: 0}), (1, {1: 0}),
        (1, (9, 9, 0, 1)), (1, {0: 5.5}), (1, (9, 9, 0, 2)), (1, {0: 5.5, 1: 5.5})],
}
# fmt: on


class TestRules:
    def play(
        self, world: World, limit: Limit, *steps: Step, **options: typing.Any
    ) -> None:
        gate = world.make(make_limit(*limit), **options)

        def ask(shard_id: int) -> typing.Any:
            try:
                return world.run(gate.acquire(shard_id)).total_seconds()
            except Exceeded:
                return NEVER

        for after, step in steps:
            world.now = NOW + seconds(after)
            if isinstance(step, tuple):
                world.run(gate.update(make_limit(*step)))
            else:
                assert (after, {each: ask(each) for each in step}) == (after, step)

    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_a_shard_waits_for_its_key_and_for_a_session_start(
        self, world: World, case: typing.Any
    ) -> None:
        self.play(world, *case)

    def test_earlier_identifies_may_have_had_any_of_the_new_keys(
        self, world: World
    ) -> None:
        before: list[Step] = [(0, (9, 9, 0, 2)), (0, {0: 0, 1: 0})]
        update: Step = (1, (9, 9, 0, 4))
        after: list[Step] = [(1, {0: 4.5, 3: 4.5}), (5.5, {0: 0, 1: 0, 2: 0, 3: 0})]
        self.play(world, (9, 9, 0, 1), *before, update, *after, (6, {0: 5}))

    @pytest.mark.parametrize("delay", [5, 7])
    def test_window_delay_is_the_time_between_identifies(
        self, world: World, delay: float
    ) -> None:
        steps = (0, {0: 0, 1: delay}), (delay, {1: 0})
        self.play(world, (9, 9, 0, 1), *steps, window_delay=seconds(delay))

    def test_the_reserve_is_never_used(self, world: World) -> None:
        steps = (0, {0: 0, 1: 60.5}), (60.5, {1: 0, 2: 0, 3: 0, 4: DAY + 0.5})
        self.play(world, (5, 3, 60, 8), *steps, reserve=2)


class TestArguments:
    @pytest.mark.parametrize(
        ("wrong", "error", "message"),
        [
            ({"window_delay": 5}, TypeError, "window_delay must be a timedelta"),
            ({"window_delay": seconds(4)}, ValueError, "window_delay must be five"),
            ({"reserve": -1}, ValueError, "reserve must be 0 or more, not -1"),
            ({"reserve": 1.0}, TypeError, "reserve must be an integer, not 1.0"),
            ({"shard_id": -1}, ValueError, "shard_id must be 0 or more, not -1"),
            ({"shard_id": "1"}, TypeError, "shard_id must be an integer, not '1'"),
            ({"reset_at": NAIVE}, ValueError, "reset_at must be timezone-aware"),
        ],
    )
    def test_an_invalid_one_is_an_error_that_names_it(
        self, world: World, wrong: typing.Any, error: type[Exception], message: str
    ) -> None:
        options = {"shard_id": 0, "reset_at": NOW, **wrong}
        shard_id, reset_at = options.pop("shard_id"), options.pop("reset_at")
        limit = types.SimpleNamespace(
            total=9, remaining=9, max_concurrency=1, reset_at=reset_at
        )
        with pytest.raises(error, match=f"^{message}"):
            world.run(world.make(limit, **options).acquire(shard_id))

    @pytest.mark.parametrize(
        ("limit", "reserve", "reset_after"),
        [((0, 0, 0, 1), 0, DAY), ((5, 3, 60, 1), 5, 60), ((0, 3, 60, 1), 3, 60)],
    )
    def test_a_limit_that_could_never_start_anything_is_an_error_at_once(
        self, world: World, limit: Limit, reserve: int, reset_after: float
    ) -> None:
        with pytest.raises(Exceeded):
            world.make(make_limit(*limit), reserve=reserve)
        gate = world.make(make_limit(9, 9, 0, 1), reserve=reserve)
        with pytest.raises(Exceeded) as caught:
            world.run(gate.update(make_limit(*limit)))
        reset_at = NOW + seconds(reset_after)
        assert caught.value.args == (1, 0, limit[0], reset_at, reserve)


class TestError:
    def test_its_message_says_what_is_left_and_when_more_comes(self) -> None:
        wait = "wait until the limit resets to 1,000 at 2026-11-23 18:00:00 UTC"
        some_left = Exceeded(10, 3, 1000, NOW)
        needed = "10 session starts needed, but only 3 left"
        assert str(some_left) == f"{needed}; {wait}"
        none_left = "1 session start needed, but none left besides the reserve of 9"
        assert str(Exceeded(1, 0, 1000, NOW, reserve=9)) == f"{none_left}; {wait}"
        too_many = "1,001 session starts needed, but only 1 left; even the reset at"
        assert str(Exceeded(1001, 1, 1000, NOW)) == (
            f"{too_many} 2026-11-23 18:00:00 UTC brings only 1,000"
        )
        assert "the reset" in str(Exceeded(901, 9, 1000, NOW, reserve=100))
        assert "wait until" in str(Exceeded(900, 9, 1000, NOW, reserve=100))

    def test_it_pickles(self) -> None:
        error = Exceeded(10, 3, 1000, NOW, reserve=7)
        again: Exceeded = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert vars(again) == vars(error)
        assert again.args == (10, 3, 1000, NOW, 7)


@pytest.mark.system
def test_threads_never_take_more_than_are_left() -> None:
    gates = [World().make(make_limit(9, 1, HOUR, 4)) for _ in range(3000)]
    start = threading.Barrier(4)

    def identify(shard_id: int) -> int:
        taken = 0
        for gate in gates:
            start.wait()
            taken += not gate.acquire(shard_id)
        return taken

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(identify, range(4))) == len(gates)
    finally:
        sys.setswitchinterval(interval)


async def come(gate: typing.Any, shard_id: int, after: float = 0) -> float:
    """Wait until a shard may identify, and tell when that is."""
    await asyncio.sleep(after)
    try:
        await gate.wait(shard_id)
    except Exceeded:
        return NEVER
    return asyncio.get_running_loop().time()


async def come_all(gate: typing.Any, shards: dict[int, float]) -> list[float]:
    """Let shards come, each after so many seconds."""
    return await asyncio.gather(*(come(gate, *shard) for shard in shards.items()))


@pytest.mark.system
class TestWait:
    @pytest.mark.parametrize(
        ("limit", "shards"),
        [
            # After so many seconds, each shard comes, and then identifies.
            ((10, 2, 60, 1), {0: (0, 0), 1: (0, 5.5), 2: (0, 60.5)}),
            # Each key has a line of its own.
            ((9, 9, 0, 2), {4: (0, 0), 2: (0, 5.5), 7: (0, 0), 0: (0, 11)}),
            # Whoever comes later goes to the end of the line.
            ((9, 9, 0, 1), {0: (0, 0), 1: (0, 5.5), 2: (1, 11), 3: (6.5, 16.5)}),
            # All in line get the error.
            ((0, 1, 60, 1), {0: (0, 0), 1: (0, NEVER), 2: (0, NEVER)}),
        ],
    )
    def test_it_is_first_come_first_served_for_each_key(
        self, world: World, limit: Limit, shards: dict[int, tuple[float, float]]
    ) -> None:
        gate = world.make(make_limit(*limit))
        came = {shard_id: after for shard_id, (after, _) in shards.items()}
        expected = [moment for _, moment in shards.values()]
        assert world.run(come_all(gate, came)) == expected

    @pytest.mark.parametrize(
        ("limit", "after", "newer", "moment"),
        [
            # Before the shards ask, and while they wait.
            ((9, 9, 0, 1), 0, (9, 9, 0, 2), 0),
            ((9, 0, HOUR, 2), 10, (9, 0, 100, 2), 110.5),
        ],
    )
    def test_an_update_counts_for_shards_that_are_waiting(
        self, world: World, limit: Limit, after: float, newer: Limit, moment: float
    ) -> None:
        gate = world.make(make_limit(*limit))

        async def update() -> list[float]:
            tasks = [asyncio.create_task(come(gate, each)) for each in range(2)]
            await asyncio.sleep(after)
            if coroutine := gate.update(make_limit(*newer)):
                await coroutine
            return await asyncio.gather(*tasks)

        assert world.run(update()) == [moment, moment]

    @pytest.mark.parametrize("cancelled", [1, 2])
    def test_the_others_go_on_when_one_is_cancelled(
        self, world: World, cancelled: int
    ) -> None:
        gate = world.make(make_limit(9, 9, 0, 1))

        async def cancel_one() -> list[float]:
            tasks = [asyncio.create_task(come(gate, each)) for each in range(4)]
            await asyncio.sleep(1)
            tasks.pop(cancelled).cancel()
            return await asyncio.gather(*tasks)

        assert world.run(cancel_one()) == [0, 5.5, 11]

    def test_only_the_first_in_line_asks(self, world: World) -> None:
        gate = world.make(make_limit(5000, 1, 2 * HOUR, 1))
        everyone = come_all(gate, dict.fromkeys(range(1000), 0))
        with (
            mock.patch.object(gate, "acquire", wraps=gate.acquire) as acquire,
            pytest.raises(asyncio.TimeoutError),
        ):
            world.run(asyncio.wait_for(everyone, HOUR))
        # Shard 1 asks once a minute; the others never do.
        assert acquire.mock_calls == [mock.call(0)] + 60 * [mock.call(1)]

    def test_two_event_loops_can_use_one_limiter(self, world: World) -> None:
        gate = world.make(make_limit(9, 9, 0, 1))
        assert world.run(come_all(gate, {0: 0, 1: 0})) == [0, 5.5]
        assert world.run(come_all(gate, {0: 0, 1: 0})) == [11, 16.5]

    def test_its_argument_is_checked(self, world: World) -> None:
        gate = world.make(make_limit(9, 9, 0, 1))
        with pytest.raises(TypeError, match=r"^shard_id must be an integer"):
            world.run(gate.wait(None))


# Shards with the latency of their identifies, and updates.
KEYS = st.sampled_from([1, 2, 3, 16, 64])
EVENTS = st.tuples(st.integers(0, 9), st.sampled_from([0, 0.1, 0.4])) | KEYS
GAPS = st.sampled_from([0, 0, 0.1, 3, 5.4, 19.6, HOUR, DAY])
RESETS = st.sampled_from([0.3, 4, 20, HOUR, DAY])


@pytest.mark.system
@hypothesis.given(
    limit=st.tuples(st.integers(4, 12), st.integers(0, 14), RESETS, KEYS),
    reserve=st.integers(0, 3),
    gaps_and_events=st.lists(st.tuples(GAPS, EVENTS), min_size=5),
)
def test_every_shard_identifies_and_none_breaks_a_rule(
    limit: Limit, reserve: int, gaps_and_events: list[tuple[float, typing.Any]]
) -> None:
    total, remaining, *_ = limit
    world = World()
    came: collections.Counter[int] = collections.Counter()
    travelling: collections.Counter[int] = collections.Counter()

    async def come(shard_id: int, latency: float) -> None:
        """Ask until the shard may identify, and let that travel to the gateway."""
        came[shard_id] += 1
        while wait := gate.acquire(shard_id):  # noqa: ASYNC110
            await asyncio.sleep(wait.total_seconds())
        travelling[shard_id] += 1
        await asyncio.sleep(latency)
        travelling[shard_id] -= 1
        server.identify(shard_id, world.now)
        assert server.left >= min(reserve, remaining)

    def update(keys: int) -> None:
        # The gateway judges by one max_concurrency what was sent with it.
        if not travelling.total():
            server.max_concurrency = keys
        left, microseconds = server.count(world.now)
        reset_after = microseconds / 1_000_000
        gate.update(make_limit(total, left, reset_after, server.max_concurrency))

    async def simulate() -> float:
        tasks: list[asyncio.Task[None]] = []
        for gap, event in gaps_and_events:
            await asyncio.sleep(gap)
            if isinstance(event, int):
                update(event)
            else:
                tasks.append(asyncio.create_task(come(*event)))
        last = world.time()
        await asyncio.gather(*tasks)
        return last

    with hikari_sessions.use_clock(lambda: world.now):
        server = gateway.Gateway.of(make_limit(*limit), NOW)
        gate = world.make(make_limit(*limit), reserve=reserve)
        last = world.run(simulate())
    assert server.online == came
    # Once the last shard has come, each reset brings one session start or more.
    resets = came.total() // (total - reserve) + 2
    assert world.time() <= last + resets * (DAY + 1) + 5.5 * came.total() + 0.4
