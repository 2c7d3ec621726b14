"""What every limiter does, wherever it keeps what it knows.

The test module of each limiter imports these classes, and has a `world` fixture.
"""

from __future__ import annotations

import asyncio
import collections
import collections.abc
import datetime
import heapq
import inspect
import itertools
import math
import types
import typing
from unittest import mock

import attrs
import gateway
import hypothesis
import hypothesis.strategies as st
import pytest
from given import DAY, HOUR, NAIVE, NOW, Limit, make_limit, seconds

import hikari_sessions
from hikari_sessions import testing

# The wait of a shard if no reset ever brings a session start.
NEVER = math.inf
Exceeded = hikari_sessions.SessionStartLimitExceededError


async def reply(value: typing.Any) -> typing.Any:
    """Return what a method of a limiter returned, whether it's async or not."""
    return await value if inspect.iscoroutine(value) else value


@attrs.frozen
class World:
    """Limiters, and the time by which they go."""

    clock: testing.ManualClock
    """It's in use, and shows `NOW` at first."""

    make: collections.abc.Callable[..., typing.Any]
    """Make a limiter from a limit and its options, which shares nothing."""

    def run(self, value: typing.Any) -> typing.Any:
        """Return what a coroutine or a method of a limiter returned."""
        return asyncio.run(value) if inspect.iscoroutine(value) else value

    def time(self) -> float:
        return (self.clock.now - NOW).total_seconds()

    def set_time(self, after: float) -> None:
        self.clock.now = NOW + seconds(after)

    def make_limit(self, limit: Limit, at: float) -> typing.Any:
        """Make a limit that was decoded at another time."""
        with hikari_sessions.use_clock(lambda: NOW + seconds(at)):
            return make_limit(*limit)

    def ask(self, gate: typing.Any, shard_id: int) -> float:
        try:
            wait: datetime.timedelta = self.run(gate.acquire(shard_id))
        except Exceeded:
            return NEVER
        return wait.total_seconds()

    def show(self, gate: typing.Any) -> Limit:
        limit = self.run(gate.session_start_limit())
        reset_after = limit.reset_after.total_seconds()
        return limit.total, limit.remaining, reset_after, limit.max_concurrency


# At so many seconds, shards ask and get these waits; or an update comes, which was
# decoded then or at another time.
Step: typing.TypeAlias = (
    tuple[float, collections.abc.Mapping[int, float] | Limit]
    | tuple[float, Limit, float]
)

# The limit, then the steps.
# fmt: off
CASES: dict[str, typing.Any] = {
    "one key": [(9, 9, 0, 1), (0, {0: 0, 1: 5.5}), (5, {0: 0.5}),
        (5.5, {0: 0, 1: 5.5})],
    "four keys": [(9, 9, 0, 4), (0, {0: 0, 1: 0, 3: 0, 7: 5.5, 2: 0})],
    "a max_concurrency below one is one": [(9, 9, 0, 0), (0, {0: 0, 1: 5.5}),
        (0, (9, 9, 0, 2)), (0, (9, 9, 0, -3)), (5.5, {0: 0, 1: 5.5})],
    "a refusal takes nothing": [(2, 2, 0, 2),
        (0, {1: 0, 3: 5.5, 0: 0, 2: DAY + 10})],
    "the 24 hours of a full limit begin with its first identify": [
        (1, 1, 0, 1), (DAY / 2, {0: 0, 1: DAY + 10}),
        (1.5 * DAY + 10, {0: 0, 1: DAY + 10})],
    "more left than the total is a full limit": [(1, 2, HOUR, 1), (5, {0: 0}),
        (11, {0: 0, 1: DAY - 6 + 10})],
    "a reset brings the total": [(3, 1, 60, 8), (0, {0: 0, 1: 70}),
        (HOUR, {1: 0, 2: 0, 3: 0, 4: DAY + 10})],
    "ten seconds before and after a reset": [(10, 5, 60, 8),
        (49.999, {0: 0}), (50, {1: 20}), (60, {1: 10}), (69.999, {1: 0.001}),
        (70, {1: 0})],
    "the longer of two waits": [(9, 8, 12, 1), (0, {0: 0}), (2, {0: 20})],
    "a reset that passed ten seconds ago": [(2, 0, -10, 1), (0, {0: 0}),
        (10, {0: 0}), (20, {0: DAY - 20 + 10})],
    "a reset that passed half a second ago": [(2, 1, -0.5, 1), (0, {0: 9.5}),
        (9.5, {0: 0, 1: 5.5}), (15, {1: 0}), (21, {0: DAY + 9.5 - 21 + 10})],
    "no reset is more than 24 hours away": [(1, 0, 823 * DAY, 1),
        (0, {0: DAY + 10}), (DAY / 2, {0: DAY / 2 + 10}), (DAY + 10, {0: 0})],
    "one left, and none after the reset": [(0, 1, 60, 8), (0, {0: 0, 1: NEVER})],
    "the clock is set back": [(2, 2, 0, 1), (0, {0: 0}), (-HOUR, {1: 5.5}),
        (-HOUR + 5.5, {1: 0}), (-HOUR + 11, {0: DAY - 11 + 10})],
    "the clock is set back to before the last identify": [(9, 9, 0, 1),
        (HOUR, {0: 0}), (10, {1: 5.5}), (15.5, {1: 0})],
    "update: the reset comes nine hours later": [(9, 5, 10 * HOUR, 8), (0, {0: 0}),
        (1, (9, 7, 19 * HOUR, 8)), (1, {**dict.fromkeys(range(1, 5), 0),
        5: 19 * HOUR + 10})],
    "update: the reset comes nine hours earlier": [(9, 5, 20 * HOUR, 8),
        (0, {0: 0}), (1, (9, 7, 11 * HOUR, 8)),
        (1, {**dict.fromkeys(range(1, 5), 0), 5: 11 * HOUR + 10})],
    "update: after the clock was set back": [(9, 9, 0, 8), (HOUR, (9, 5, HOUR, 8)),
        (0, (9, 3, HOUR, 8)), (5.5, {0: 0, 1: 0, 2: 0, 3: HOUR - 5.5 + 10})],
    "update: fewer are left, then our last two are missing": [
        (10, 9, 60, 8), (0, (10, 3, 60, 8)), (0, {0: 0, 1: 0}),
        (0, (10, 3, 60, 8)), (0, {2: 0, 3: 70})],
    "update: the total was raised": [(10, 2, HOUR, 64), (0, {0: 0}),
        (1, (20, 12, HOUR, 64)), (1, {**dict.fromkeys(range(1, 12), 0),
        12: HOUR + 10})],
    "update: it's decoded a minute after the last identify": [
        (9, 3, HOUR, 8), (0, {0: 0, 1: 0, 2: 0}), (60, (9, 2, HOUR, 8)),
        (60, {3: 0, 4: 0, 5: HOUR + 10})],
    "update: it's decoded less than a minute after the last identify": [
        (9, 3, HOUR, 8), (0, {0: 0, 1: 0, 2: 0}), (59.999, (9, 2, HOUR, 8)),
        (60, {3: HOUR - 0.001 + 10})],
    "update: it's decoded a minute after the last identify, then handed on": [
        (9, 9, 0, 8), (0, {0: 0, 1: 0}), (HOUR, (9, 4, DAY - 60, 8), 60),
        (HOUR, {0: 0, 1: 0, 2: 0, 3: 0, 4: DAY - HOUR + 10})],
    "update: it's decoded before the last identify": [(9, 9, 0, 8), (9, {0: 0}),
        (9, (9, 9, 0, 8), 8), (9, {**dict.fromkeys(range(1, 8), 0), 8: 5.5}),
        (15, {8: 0, 9: DAY - 6 + 10})],
    "update: it's decoded before another one": [(9, 9, 0, 8),
        (10, (9, 3, HOUR, 8)), (10, (9, 1, HOUR, 8), 9),
        (10, {0: 0, 1: 0, 2: 0, 3: HOUR + 10})],
    "update: the reset was wrong": [(9, 5, 823 * DAY, 8), (0, {0: 0}),
        (60, (9, 2, HOUR, 8)), (60, {1: 0, 2: 0, 3: HOUR + 10})],
    "update: the reset came early by our clock": [(10, 5, 60, 8), (40, {0: 0}),
        (59, (10, 2, DAY, 8)), (59, {1: 0, 2: 0, 3: DAY + 10})],
    "update: it's from before the reset by our clock": [(2, 0, 60, 8), (70, {0: 0}),
        (70.5, (2, 0, 0.2, 8)), (71, {1: 0, 2: DAY + 70 - 71 + 10})],
    "update: the total was raised before the reset by our clock": [(2, 0, 60, 8),
        (70, {0: 0}), (70.5, (3, 1, 0.2, 8)),
        (71, {1: 0, 2: 0, 3: DAY + 70 - 71 + 10})],
    "update: the reset comes an hour earlier": [(2, 2, 0, 8), (0, {0: 0, 1: 0}),
        (0, (2, 0, DAY - HOUR, 8)), (0, {2: DAY - HOUR + 10})],
    "update: the 24 hours don't begin with a full limit": [(1, 0, 60, 1),
        (71, (1, 1, 0, 1)), (HOUR, {0: 0, 1: DAY + 10})],
    "update: our first identify is missing": [(2, 2, 0, 8), (0, {0: 0}),
        (1, (2, 2, 0, 8)), (1, {1: 0, 2: DAY - 1 + 10})],
    "update: fewer keys, then more": [(9, 9, 0, 2), (0, {0: 0}), (1, {1: 0}),
        (1, (9, 9, 0, 1)), (1, {0: 5.5}), (1, (9, 9, 0, 2)), (1, {0: 5.5, 1: 5.5})],
    "update: earlier identifies may have had any of the new keys": [(9, 9, 0, 1),
        (0, (9, 9, 0, 2)), (0, {0: 0, 1: 0}), (1, (9, 9, 0, 4)),
        (1, {0: 4.5, 3: 4.5}), (5.5, {0: 0, 1: 0, 2: 0, 3: 0}), (6, {0: 5})],
    "update: the last identify counts, whichever its key": [(9, 9, 0, 2),
        (0, {0: 0, 1: 0}), (6, {0: 0}), (7, (9, 6, DAY, 4)), (7, {3: 4.5})],
}
# fmt: on


class TestRules:
    def play(
        self, world: World, limit: Limit, *steps: Step, **options: typing.Any
    ) -> None:
        gate = world.make(make_limit(*limit), **options)
        for after, step, *decoded_at in steps:
            world.set_time(after)
            if isinstance(step, tuple):
                newer = world.make_limit(step, *decoded_at or [after])
                world.run(gate.update(newer))
            else:
                waits = {shard_id: world.ask(gate, shard_id) for shard_id in step}
                assert (after, waits) == (after, step)

    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_a_shard_waits_for_its_key_and_for_a_session_start(
        self, world: World, case: typing.Any
    ) -> None:
        self.play(world, *case)

    @pytest.mark.parametrize("delay", [5, 7, 60])
    def test_identify_delay_is_the_time_between_identifies(
        self, world: World, delay: float
    ) -> None:
        steps = (0, {0: 0, 1: delay}), (2, {1: max(20, delay - 2)}), (65, {1: 0})
        self.play(world, (9, 8, 12, 1), *steps, identify_delay=seconds(delay))

    def test_the_reserve_is_never_used(self, world: World) -> None:
        steps = (0, {0: 0, 1: 70}), (70, {1: 0, 2: 0, 3: 0, 4: DAY + 10})
        self.play(world, (5, 3, 60, 8), *steps, reserve=2)


class TestErrors:
    @pytest.mark.parametrize(
        ("wrong", "error", "message"),
        [
            (
                {"identify_delay": 5},
                TypeError,
                "identify_delay must be a timedelta",
            ),
            (
                {"identify_delay": seconds(4.999)},
                ValueError,
                "identify_delay must be five seconds or more",
            ),
            ({"reserve": -1}, ValueError, "reserve must be 0 or more, not -1"),
            ({"reserve": 1.0}, TypeError, "reserve must be an integer, not 1.0"),
            ({"shard_id": -1}, ValueError, "shard_id must be 0 or more, not -1"),
            ({"shard_id": "1"}, TypeError, "shard_id must be an integer, not '1'"),
            ({"reset_at": NAIVE}, ValueError, "reset_at must be timezone-aware"),
            ({"reset_at": None}, TypeError, "reset_at must be a timezone-aware"),
        ],
    )
    @pytest.mark.parametrize("method", ["acquire", "wait"])
    def test_an_error_names_the_argument_that_is_wrong(
        self,
        world: World,
        method: str,
        wrong: typing.Any,
        error: type[Exception],
        message: str,
    ) -> None:
        options = {"shard_id": 0, "reset_at": NOW, **wrong}
        shard_id = options.pop("shard_id")
        limit = types.SimpleNamespace(
            total=9,
            remaining=9,
            reset_after=seconds(0),
            max_concurrency=1,
            reset_at=options.pop("reset_at"),
        )
        with pytest.raises(error, match=f"^{message}"):
            world.run(getattr(world.make(limit, **options), method)(shard_id))

    @pytest.mark.parametrize(
        ("limit", "reserve", "reset_after"),
        [((0, 0, 0, 1), 0, DAY), ((5, 3, 60, 1), 5, 60), ((0, 3, 60, 1), 3, DAY)],
    )
    def test_no_session_start_is_left_now_or_after_any_reset(
        self, world: World, limit: Limit, reserve: int, reset_after: float
    ) -> None:
        world.clock.now = NOW.astimezone(datetime.timezone(seconds(-5 * HOUR)))
        reset_at = world.clock.now + seconds(reset_after)
        gate = world.make(make_limit(9, 9, 0, 1), reserve=reserve)
        calls: list[collections.abc.Callable[[], typing.Any]] = [
            lambda: world.make(make_limit(*limit), reserve=reserve),
            lambda: gate.update(make_limit(*limit)),
            lambda: gate.acquire(0),
            lambda: gate.wait(0),
        ]
        for call in calls:
            with pytest.raises(Exceeded) as caught:
                world.run(call())
            assert caught.value.args == (1, 0, limit[0], reset_at, reserve)
            assert caught.value.reset_at.utcoffset() == seconds(-5 * HOUR)
        # It knows, so the next response can put it right.
        assert world.show(gate)[:2] == limit[:2]
        world.run(gate.update(make_limit(9, 9, 0, 1)))
        assert world.ask(gate, 0) == 0


class TestSessionStartLimit:
    def test_it_is_what_discord_would_send(self, world: World) -> None:
        gate = world.make(make_limit(9, 9, HOUR, 2))
        assert world.show(gate) == (9, 9, 0, 2)
        world.set_time(60)
        world.run(gate.acquire(0))
        world.set_time(90)
        assert world.show(gate) == (9, 8, DAY - 30, 2)
        assert repr(gate) == f"<{type(gate).__name__}: 8 of 9 session starts left>"
        world.set_time(120)
        world.run(gate.update(make_limit(2000, 1010, HOUR, 16)))
        assert world.show(gate) == (2000, 1010, HOUR, 16)
        assert "1,010 of 2,000" in repr(gate)
        # Nothing identifies for ten seconds more.
        world.set_time(120 + HOUR)
        assert world.show(gate) == (2000, 2000, 0, 16)
        assert world.ask(gate, 0) == 10

    def test_a_limit_is_from_before_the_clock_was_set_back(
        self, world: World
    ) -> None:
        gate = world.make(world.make_limit((9, 3, HOUR, 1), at=DAY))
        assert world.show(gate) == (9, 3, HOUR, 1)

    def test_a_limit_that_is_overspent_has_nothing_left(self, world: World) -> None:
        gate = world.make(make_limit(9, -2, HOUR, 1))
        assert world.show(gate) == (9, 0, HOUR, 1)


async def come(
    world: World,
    gate: hikari_sessions.IdentifyLimiterLike,
    shard_id: int,
    after: float = 0,
) -> float:
    """Wait until a shard may identify, and return when that is."""
    await world.clock.sleep(after)
    try:
        await gate.wait(shard_id)
    except Exceeded:
        return NEVER
    return world.time()


async def come_all(
    world: World, gate: typing.Any, shards: dict[int, float], advance: float = DAY
) -> list[float]:
    """Have shards ask, each after so many seconds."""
    comers = [come(world, gate, *shard) for shard in shards.items()]
    tasks = [asyncio.create_task(comer) for comer in comers]
    await world.clock.advance(advance)
    return [task.result() for task in tasks]


@pytest.mark.system
class TestWait:
    @pytest.mark.parametrize(
        ("limit", "shards"),
        [
            # After so many seconds, each shard comes, and then identifies.
            ((10, 2, 60, 1), {0: (0, 0), 1: (0, 5.5), 2: (0, 70)}),
            # Each key has a line of its own.
            ((9, 9, 0, 2), {4: (0, 0), 2: (0, 5.5), 7: (0, 0), 0: (0, 11)}),
            # Whoever comes later goes to the end of the line.
            ((9, 9, 0, 1), {0: (0, 0), 1: (0, 5.5), 2: (1, 11), 3: (6.5, 16.5)}),
            # All in line get the error.
            ((0, 1, 60, 1), {0: (0, 0), 1: (0, NEVER), 2: (0, NEVER)}),
        ],
    )
    def test_each_key_is_first_come_first_served(
        self, world: World, limit: Limit, shards: dict[int, tuple[float, float]]
    ) -> None:
        gate = world.make(make_limit(*limit))
        came = {shard_id: after for shard_id, (after, _) in shards.items()}
        expected = [moment for _, moment in shards.values()]
        assert world.run(come_all(world, gate, came)) == expected

    @pytest.mark.parametrize(("keys", "count"), [(1, 3), (2, 6), (4, 16)])
    def test_shards_identify_at_the_times_of_their_plan(
        self, world: World, keys: int, count: int
    ) -> None:
        limit = make_limit(count, count - 1, HOUR, keys)
        info = hikari_sessions.GatewayBotInfo(
            url="wss://gateway.discord.gg/",
            shard_count=count,
            session_start_limit=limit,
        )
        plan = hikari_sessions.plan_startup(info, wait_for_reset=True)
        found = world.run(
            come_all(world, world.make(limit), dict.fromkeys(range(count), 0))
        )
        times = {
            shard_id: (batch.starts_at - NOW).total_seconds()
            for batch in plan.batches
            for shard_id in batch.shard_ids
        }
        assert sorted(found) == sorted(times.values())

    def test_an_update_counts_for_shards_that_are_waiting(
        self, world: World
    ) -> None:
        gate = world.make(make_limit(9, 0, HOUR, 1))

        async def update() -> list[float]:
            tasks = [
                asyncio.create_task(come(world, gate, each)) for each in (0, 1)
            ]
            await world.clock.advance(70)
            await reply(gate.update(make_limit(9, 9, 0, 1)))
            await world.clock.advance(HOUR)
            return await asyncio.gather(*tasks)

        # The first in line looks once a minute.
        assert world.run(update()) == [120, 125.5]

    def test_it_follows_max_concurrency(self, world: World) -> None:
        gate = world.make(make_limit(9, 9, 0, 1))
        world.run(gate.update(make_limit(9, 9, 0, 2)))
        shards = {0: 0.0, 1: 0.0, 2: 0.0}
        assert world.run(come_all(world, gate, shards)) == [0, 0, 5.5]

    @pytest.mark.parametrize("cancelled", [1, 2])
    def test_the_others_go_on_when_one_is_cancelled(
        self, world: World, cancelled: int
    ) -> None:
        gate = world.make(make_limit(9, 9, 0, 1))

        async def cancel_one() -> list[float]:
            tasks = [asyncio.create_task(come(world, gate, n)) for n in range(4)]
            await world.clock.advance(1)
            tasks.pop(cancelled).cancel()
            await world.clock.advance(20)
            return await asyncio.gather(*tasks)

        assert world.run(cancel_one()) == [0, 5.5, 11]

    def test_only_the_first_in_line_asks(self, world: World) -> None:
        gate = world.make(make_limit(9, 1, HOUR, 1))

        async def wait_for_a_while() -> None:
            tasks = [asyncio.create_task(gate.wait(n)) for n in range(1000)]
            await world.clock.advance(HOUR)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

        with mock.patch.object(gate, "acquire", wraps=gate.acquire) as acquire:
            world.run(wait_for_a_while())
        assert {call.args for call in acquire.call_args_list} == {(0,), (1,)}

    def test_several_event_loops_can_use_a_limiter(self, world: World) -> None:
        gate = world.make(make_limit(9, 9, 0, 1))
        shards = {0: 0.0, 1: 0.0}
        assert world.run(come_all(world, gate, shards, 11)) == [0, 5.5]
        assert world.run(come_all(world, gate, shards, 11)) == [11, 16.5]

    def test_a_warning_says_that_a_shard_waits_for_a_reset(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        gate = world.make(make_limit(3, 2, 60, 1), reserve=2)
        world.run(come_all(world, gate, {0: 0, 1: 0}, DAY + 80))
        why = "2 of 3 session starts are left, and 2 are kept in reserve"
        assert [record.getMessage() for record in caplog.records] == [
            f"shard 0 waits until 2026-11-23 18:01:10 UTC, after the reset: {why}",
            f"shard 1 waits until 2026-11-24 18:01:20 UTC, after the reset: {why}",
        ]
        assert {(each.name, each.levelname) for each in caplog.records} == {
            ("hikari_sessions", "WARNING")
        }

    def test_another_warning_says_that_the_reset_comes_later(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        gate = world.make(make_limit(9, 0, 60, 1))

        async def update() -> None:
            task = asyncio.create_task(gate.wait(0))
            await world.clock.advance(30)
            await reply(gate.update(make_limit(9, 0, HOUR, 1)))
            await world.clock.advance(2 * HOUR)
            await task

        world.run(update())
        until = [record.getMessage().split(", ")[0] for record in caplog.records]
        assert until == [
            "shard 0 waits until 2026-11-23 18:01:10 UTC",
            "shard 0 waits until 2026-11-23 19:00:40 UTC",
        ]

    def test_no_warning_if_session_starts_are_left(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        gate = world.make(make_limit(9, 8, 15, 1))
        # For the key, and for the seconds around the reset.
        assert world.run(come_all(world, gate, dict.fromkeys(range(3), 0))) == [
            0,
            25,
            30.5,
        ]
        assert not caplog.records


@attrs.frozen
class Troubles:
    """What a limiter doesn't see, in seconds.

    Without updates, a day's troubles add up to less than ten seconds.
    """

    ppm: float = 0
    """By how many millionths the clock is fast; 100 make 8.6 seconds a day."""

    latency: float = 0
    """How long identifies take to arrive, at most."""

    late: float = 0
    """How long responses take to arrive, at most."""

    retry: float | None = None
    """After how long a lost identify is sent again; if None, none get lost."""

    updates: bool = False
    """Whether the bot updates its limiter once an hour."""


Fate: typing.TypeAlias = typing.Literal["arrives", "gets lost"]


class Simulation:
    """Discord, and a bot with a limiter. Its times are Discord's."""

    # Discord's five, and the most by which latencies differ.
    identify_delay = 7

    def __init__(
        self, world: World, limit: Limit, reserve: int, troubles: Troubles
    ) -> None:
        self.world, self.troubles = world, troubles
        self.speed = 1 + troubles.ppm / 1e6
        self.events: list[tuple[float, int, typing.Any, typing.Any]] = []
        self.numbers = itertools.count()
        self.came: collections.Counter[int] = collections.Counter()
        self.lost, self.under_way, self.was_lost = 0, 0, False
        self.set_time(0)
        self.server = gateway.Gateway.of(make_limit(*limit), NOW)
        self.least = min(reserve, limit[1])
        self.set_time(troubles.late)
        self.gate = world.make(
            make_limit(*limit),
            identify_delay=seconds(self.identify_delay),
            reserve=reserve,
        )

    @property
    def now(self) -> datetime.datetime:
        return NOW + seconds(self.time)

    def set_time(self, time: float) -> None:
        self.time = time
        self.world.set_time(time * self.speed)

    def later(self, delay: float, action: typing.Any, *args: typing.Any) -> None:
        event = self.time + delay, next(self.numbers), action, args
        heapq.heappush(self.events, event)

    async def run(self) -> None:
        if self.troubles.updates:
            self.later(HOUR, self.update_hourly)
        while self.events:
            time, _, action, args = heapq.heappop(self.events)
            self.set_time(time)
            await reply(action(*args))
        assert self.server.online == self.came

    def crowd(self, count: int, slowness: tuple[float, float], fate: Fate) -> None:
        """Have shards ask together; every other one has the other slowness."""
        for shard_id, each in zip(range(count), itertools.cycle(slowness)):
            self.came[shard_id] += 1
            self.later(0, self.come, shard_id, each, fate)

    async def come(self, shard_id: int, slowness: float, fate: Fate) -> None:
        """Ask until the shard may identify, and send that to the gateway."""
        if wait := await reply(self.gate.acquire(shard_id)):
            delay = wait.total_seconds() / self.speed
            self.later(delay, self.come, shard_id, slowness, fate)
        else:
            self.under_way += 1
            delay = slowness * self.troubles.latency
            self.later(delay, self.arrive, shard_id, slowness, fate)

    def arrive(self, shard_id: int, slowness: float, fate: Fate) -> None:
        self.under_way -= 1
        retry = self.troubles.retry
        # No two in a row get lost.
        self.was_lost = (
            fate == "gets lost" and retry is not None and not self.was_lost
        )
        if self.was_lost:
            self.lost += 1
            self.later(retry or 0, self.come, shard_id, slowness, "arrives")
        else:
            self.server.identify(shard_id, self.now)
            assert self.server.left >= self.least

    def fetch(self, slowness: float, held: float) -> None:
        """Send a response, which the bot decodes and then keeps for a while."""
        self.under_way += 1
        left, microseconds = self.server.count(self.now)
        limit = self.server.total, left, microseconds / 1e6
        self.later(slowness * self.troubles.late, self.decode, held, limit)

    def decode(self, held: float, limit: tuple[int, int, float]) -> None:
        self.under_way -= 1
        newer = make_limit(*limit, self.server.max_concurrency)
        self.later(held, self.update, newer)

    def update(self, newer: typing.Any) -> typing.Any:
        return self.gate.update(newer)

    def update_hourly(self) -> None:
        if self.events:
            self.later(HOUR, self.update_hourly)
            self.fetch(slowness=1, held=0)

    def grow(self, more: int) -> None:
        self.server.grow(more)

    def rekey(self, keys: int) -> typing.Any:
        """Announce a new max_concurrency, for whatever is sent from now on."""
        if not self.under_way:
            self.server.max_concurrency = keys
            left, microseconds = self.server.count(self.now)
            limit = self.server.total, left, microseconds / 1e6, keys
            return self.gate.update(make_limit(*limit))
        return None


TROUBLES = [
    Troubles(),
    Troubles(ppm=100, latency=1.3),
    Troubles(ppm=-60, latency=1.5, late=3),
    *[
        Troubles(ppm=ppm, latency=1.5, late=3, retry=retry, updates=True)
        for ppm in (-100, 100)
        for retry in (0, HOUR)
    ],
]
SLOWNESS = st.sampled_from([0, 0.1, 1])
EVENTS = st.one_of(
    st.tuples(
        st.just("crowd"),
        st.sampled_from([1, 1, 2, 20]),
        st.tuples(SLOWNESS, SLOWNESS),
        st.sampled_from(["arrives", "gets lost"]),
    ),
    st.tuples(st.just("fetch"), SLOWNESS, st.sampled_from([0, 3, 70, HOUR])),
    st.tuples(st.just("grow"), st.integers(1, 9)),
    st.tuples(st.just("rekey"), st.sampled_from([1, 2, 3, 16])),
)
GAPS = st.sampled_from([0, 0, 0.1, 3, 6.9, 19.6, 70, HOUR, DAY])


class TestSimulation:
    @hypothesis.given(
        limit=st.tuples(
            st.integers(5, 9),
            st.integers(0, 5),
            st.sampled_from([0.3, 9, 20, HOUR, DAY]),
            st.sampled_from([1, 2, 3, 16]),
        ),
        reserve=st.integers(0, 3),
        gaps_and_events=st.lists(st.tuples(GAPS, EVENTS), min_size=5),
        troubles=st.sampled_from(TROUBLES),
    )
    @hypothesis.settings(
        suppress_health_check=[
            hypothesis.HealthCheck.differing_executors,
            hypothesis.HealthCheck.function_scoped_fixture,
        ]
    )
    def test_every_shard_identifies_and_none_breaks_a_rule(
        self,
        world: World,
        limit: Limit,
        reserve: int,
        gaps_and_events: list[tuple[float, typing.Any]],
        troubles: Troubles,
    ) -> None:
        simulation = Simulation(world, limit, reserve, troubles)
        last = 0.0
        for gap, (action, *args) in gaps_and_events:
            last += gap
            simulation.later(last, getattr(simulation, action), *args)
        world.run(simulation.run())
        # Each reset brings one session start or more.
        count = simulation.came.total() + simulation.lost
        resets = count // (limit[0] - reserve) + 2
        assert simulation.time <= last + resets * (DAY + HOUR)
