"""Discord's identify rules: when a shard may identify."""

from __future__ import annotations

import asyncio
import collections
import collections.abc
import concurrent.futures
import contextlib
import datetime
import heapq
import itertools
import pickle
import selectors
import sys
import threading
import types
import typing
import zoneinfo

import attrs
import gateway
import hypothesis
import hypothesis.strategies as st
import pytest

import hikari_sessions
from hikari_sessions import limiter

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DAY = 24 * 60 * 60
HOUR = 60 * 60
# As many as the profile has.
EXAMPLES: int = typing.cast("typing.Any", hypothesis.settings()).max_examples

T = typing.TypeVar("T")
Exceeded = limiter.SessionStartLimitExceededError
# total, remaining, reset_after, max_concurrency
Limit: typing.TypeAlias = tuple[int, int, float, int]
# After so many seconds, shards ask and get these waits, or an update comes.
Step: typing.TypeAlias = tuple[float, dict[int, float] | Limit]


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


@attrs.define
class Time:
    """A clock that stands still until a test moves it."""

    now: datetime.datetime = NOW

    def __call__(self) -> datetime.datetime:
        return self.now


@pytest.fixture
def clock() -> collections.abc.Iterator[Time]:
    clock = Time()
    with hikari_sessions.use_clock(clock):
        yield clock


def make_limit(
    total: int = 1000,
    remaining: int | None = None,
    reset_after: float = 0,
    max_concurrency: int = 1,
) -> hikari_sessions.SessionStartLimit:
    """Make the limit that Discord would send now; a full one by default."""
    return hikari_sessions.SessionStartLimit(
        total=total,
        remaining=total if remaining is None else remaining,
        reset_after=seconds(reset_after),
        max_concurrency=max_concurrency,
    )


def make_limiter(
    *limit: typing.Any, **options: typing.Any
) -> limiter.IdentifyLimiter:
    return limiter.IdentifyLimiter(make_limit(*limit), **options)


def make_server(
    total: int, remaining: int, reset_after: float, max_concurrency: int
) -> gateway.Gateway:
    return gateway.Gateway(
        max_concurrency=max_concurrency,
        total=total,
        remaining=remaining,
        reset_at=NOW + seconds(reset_after),
        now=NOW,
    )


def play(clock: Time, steps: list[Step], **options: typing.Any) -> None:
    """Take the steps; the first one makes the limiter."""
    (_, limit), *steps = steps
    gate = make_limiter(*limit, **options)
    for after, step in steps:
        clock.now = NOW + seconds(after)
        if isinstance(step, tuple):
            gate.update(make_limit(*step))
        else:
            waits = {each: gate.acquire(each).total_seconds() for each in step}
            assert (after, waits) == (after, step)


# fmt: off
CASES: dict[str, list[Step]] = {
    "one key": [(0, (9, 9, 0, 1)), (0, {0: 0}), (0, {0: 5.5}), (5, {0: 0.5}),
        (5.5, {0: 0, 1: 5.5})],
    "two keys, and a refusal that takes nothing": [(0, (2, 2, 0, 2)),
        (0, {1: 0, 3: 5.5, 0: 0, 2: DAY + 0.5})],
    "four keys": [(0, (9, 9, 0, 4)), (0, {0: 0, 1: 0, 3: 0}),
        (0, {3: 5.5, 7: 5.5, 2: 0})],
    "a max_concurrency below one is one": [(0, (9, 9, 0, 0)), (0, {0: 0, 1: 5.5}),
        (0, (9, 9, 0, 2)), (0, (9, 9, 0, -3)), (5.5, {0: 0, 1: 5.5})],
    "nothing is left": [(0, (1, 0, 60, 1)), (0, {0: 60.5}), (60, {0: 0.5}),
        (60.5, {0: 0})],
    "the 24 hours of a full limit begin with its first identify": [
        (0, (1, 1, 0, 1)), (DAY / 2, {0: 0}), (DAY / 2, {0: DAY + 0.5}),
        (1.5 * DAY + 0.5, {0: 0, 1: DAY + 0.5})],
    "a reset brings the total": [(0, (3, 1, 60, 8)), (0, {0: 0, 1: 60.5}),
        (HOUR, {1: 0, 2: 0, 3: 0, 4: DAY + 0.5})],
    "half a second on either side of a reset": [(0, (10, 5, 60, 8)),
        (59.499, {0: 0}), (59.5, {1: 1}), (60, {1: 0.5}), (60.499, {1: 0.001}),
        (60.5, {1: 0})],
    "the longer of two waits": [(0, (10, 1, 3, 1)), (0, {0: 0, 1: 5.5})],
    "a reset that has passed": [(0, (2, 0, -0.5, 1)), (HOUR, {0: 0}),
        (HOUR + 10, {0: 0}), (HOUR + 20, {0: DAY - 20 + 0.5})],
    "more left than the total": [(0, (1, 3, 60, 8)),
        (0, {0: 0, 1: 0, 2: 0, 3: 60.5})],
    "update: from another machine, then without our last two": [
        (0, (10, 9, 60, 8)), (0, (10, 3, 60, 8)), (0, {0: 0, 1: 0}),
        (0, (10, 3, 60, 8)), (0, {2: 0, 3: 60.5})],
    "update: after a reset, which came early by our clock": [(0, (10, 0, 60, 8)),
        (59, (10, 2, DAY, 8)), (59, {0: 0, 1: 0, 2: DAY + 0.5})],
    "update: the 24 hours don't begin with it": [(0, (1, 0, 60, 1)),
        (61, (1, 1, 0, 1)), (HOUR, {0: 0, 1: DAY + 0.5})],
    "update: counted before the first identify": [(0, (2, 2, 0, 8)), (0, {0: 0}),
        (1, (2, 2, 0, 8)), (1, {1: 0, 2: DAY - 1 + 0.5})],
    "update: counted before the reset": [(0, (2, 0, 60, 8)), (61, {0: 0}),
        (61, (2, 0, -1, 8)), (61, (2, 0, 0.2, 8)), (62, {1: 0, 2: DAY - 1 + 0.5})],
    "update: a newer reset": [(0, (2, 2, 0, 8)), (0, {0: 0, 1: 0}),
        (0, (2, 0, HOUR, 8)), (0, {2: HOUR + 0.5})],
    "update: a newer total comes with the reset": [(0, (1, 0, 60, 8)),
        (0, (3, 2, 60, 8)), (0, {0: 60.5}),
        (60.5, {0: 0, 1: 0, 2: 0, 3: DAY + 0.5})],
    # Whatever identified before may have had any of the new keys.
    "update: more keys": [(0, (9, 9, 0, 1)), (0, (9, 9, 0, 2)),
        (0, {0: 0, 1: 0, 2: 5.5}), (1, (9, 9, 0, 4)), (1, {0: 4.5, 3: 4.5}),
        (5.5, {0: 0, 1: 0, 2: 0, 3: 0}), (6, {0: 5})],
    "update: fewer keys, then more": [(0, (9, 9, 0, 2)), (0, {0: 0}), (1, {1: 0}),
        (1, (9, 9, 0, 1)), (1, {0: 5.5}), (1, (9, 9, 0, 2)), (1, {0: 5.5, 1: 5.5})],
}
# fmt: on


class TestRules:
    @pytest.mark.parametrize("steps", CASES.values(), ids=CASES)
    def test_a_shard_waits_for_its_key_and_for_a_session_start(
        self, clock: Time, steps: list[Step]
    ) -> None:
        play(clock, steps)

    @pytest.mark.parametrize("delay", [5, 7])
    def test_window_delay_is_the_time_between_identifies(
        self, clock: Time, delay: float
    ) -> None:
        waits: list[Step] = [(0, {0: 0, 1: delay}), (delay, {1: 0})]
        play(clock, [(0, (9, 9, 0, 1)), *waits], window_delay=seconds(delay))

    def test_the_reserve_is_never_used(self, clock: Time) -> None:
        after_reset: Step = (60.5, {1: 0, 2: 0, 3: 0, 4: DAY + 0.5})
        steps: list[Step] = [(0, (5, 3, 60, 8)), (0, {0: 0, 1: 60.5}), after_reset]
        play(clock, steps, reserve=2)

    @pytest.mark.usefixtures("clock")
    def test_what_is_left_of_a_total_of_zero_may_be_used(self) -> None:
        gate = make_limiter(0, 1, 60)
        assert not gate.acquire(0)
        with pytest.raises(Exceeded):
            gate.acquire(1)

    @pytest.mark.parametrize("zone", [datetime.timezone.utc, BERLIN])
    def test_a_reset_in_a_zone_with_summer_time(
        self, clock: Time, zone: datetime.tzinfo
    ) -> None:
        # In Berlin the clocks go from 02:00 to 03:00, an hour before the reset.
        reset_at = datetime.datetime(2026, 3, 29, 4, 0, tzinfo=BERLIN)
        limit: typing.Any = types.SimpleNamespace(
            total=9, remaining=0, max_concurrency=1, reset_at=reset_at
        )
        clock.now = reset_at.replace(hour=1, minute=30).astimezone(zone)
        wait = limiter.IdentifyLimiter(limit).acquire(0)
        assert wait == seconds(1.5 * HOUR + 0.5)


class TestArguments:
    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"window_delay": 5}, TypeError, "window_delay must be a timedelta"),
            ({"window_delay": seconds(4.5)}, ValueError, ".* not 0:00:04.5"),
            ({"reserve": -1}, ValueError, "reserve must be 0 or more, not -1"),
            ({"reserve": 1.0}, TypeError, "reserve must be an integer, not 1.0"),
            ({"shard_id": -1}, ValueError, "shard_id must be 0 or more, not -1"),
            ({"shard_id": "1"}, TypeError, "shard_id must be an integer, not '1'"),
        ],
    )
    def test_a_wrong_one_is_an_error_that_names_it(
        self, options: dict[str, typing.Any], error: type[Exception], message: str
    ) -> None:
        options = {"shard_id": 0, **options}
        shard_id = options.pop("shard_id")
        with pytest.raises(error, match=f"^{message}"):
            make_limiter(**options).acquire(shard_id)

    @pytest.mark.parametrize(
        ("total", "remaining", "reserve"), [(0, 0, 0), (5, 3, 5), (0, 3, 3)]
    )
    def test_a_limit_that_could_never_start_anything_is_an_error_at_once(
        self, total: int, remaining: int, reserve: int
    ) -> None:
        with pytest.raises(Exceeded) as caught:
            make_limiter(total, remaining, 60, reserve=reserve)
        error = caught.value
        assert (error.required, error.remaining) == (1, 0)
        assert (error.total, error.reserve) == (total, reserve)
        with pytest.raises(Exceeded):
            make_limiter(reserve=reserve).update(make_limit(total, remaining, 60))


class TestError:
    def test_its_message_says_what_is_left_and_when_more_comes(self) -> None:
        reset = "the limit resets to 1,000 at 2026-11-23 18:00:00 UTC"
        some_left = Exceeded(10, 3, 1000, NOW)
        assert str(some_left) == f"10 session starts needed, 3 left; {reset}"
        assert str(Exceeded(1, 0, 1000, NOW, reserve=100)) == (
            f"1 session start needed, 0 left besides the reserve of 100; {reset}"
        )
        none_ever = "2,000 session starts needed, 0 left; no reset brings more"
        assert str(Exceeded(2000, 0, 0, NOW)) == f"{none_ever}, as the limit is 0"

    def test_it_pickles(self) -> None:
        error = Exceeded(10, 3, 1000, NOW, reserve=7)
        again: Exceeded = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert vars(again) == vars(error)
        assert again.args == error.args == (10, 3, 1000, NOW, 7)


@pytest.mark.system
def test_threads_never_take_more_than_there_is() -> None:
    gates = [make_limiter(9, 1, HOUR, 4) for _ in range(3000)]
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


class Selector(selectors.SelectSelector):
    """Passes the time at once that an event loop would sleep."""

    now = 0.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "every task waits for another"
        self.now += max(0.0, timeout)
        return super().select(0)


def run(
    main: collections.abc.Coroutine[typing.Any, typing.Any, T], starts_at: float = 0
) -> T:
    """Run a coroutine in an event loop whose time is our clock's."""
    selector = Selector()
    selector.now = starts_at
    with (
        contextlib.closing(asyncio.SelectorEventLoop(selector)) as loop,
        hikari_sessions.use_clock(lambda: NOW + seconds(selector.now)),
    ):
        loop.time = lambda: selector.now  # type: ignore[method-assign]
        return loop.run_until_complete(main)


async def identify(
    gate: limiter.IdentifyLimiter, shard_id: int, comes_after: float = 0
) -> float:
    """Wait until the shard may identify, and tell when that is."""
    await asyncio.sleep(comes_after)
    await gate.wait(shard_id)
    return asyncio.get_running_loop().time()


async def identify_all(
    gate: limiter.IdentifyLimiter, shards: dict[int, float]
) -> list[float | BaseException]:
    """Let shards come, each after so many seconds, and tell when they identify."""
    return await asyncio.gather(
        *(identify(gate, *each) for each in shards.items()), return_exceptions=True
    )


@pytest.mark.system
@pytest.mark.usefixtures("clock")
class TestWait:
    @pytest.mark.parametrize(
        ("limit", "shards", "expected"),
        [
            # A key and a reset are waited for.
            ((10, 2, 60, 1), {0: 0, 1: 0, 2: 0}, [0, 5.5, 60.5]),
            # Each key has a line of its own.
            ((9, 9, 0, 2), {4: 0, 2: 0, 7: 0, 0: 0, 1: 0}, [0, 5.5, 0, 11, 5.5]),
            # Whoever comes later goes to the end of the line.
            ((9, 9, 0, 1), {0: 0, 1: 0, 2: 1, 3: 6.5}, [0, 5.5, 11, 16.5]),
        ],
    )
    def test_it_is_first_come_first_served_for_each_key(
        self, limit: Limit, shards: dict[int, float], expected: list[float]
    ) -> None:
        assert run(identify_all(make_limiter(*limit), shards)) == expected

    def test_every_shard_in_line_gets_the_error(self) -> None:
        answers = run(identify_all(make_limiter(0, 1, 60), {0: 0, 1: 0, 2: 0}))
        assert [type(each) for each in answers] == [float, Exceeded, Exceeded]

    def test_only_the_first_in_line_asks(self) -> None:
        asked: list[int] = []

        class Counted(limiter.IdentifyLimiter):
            def acquire(self, shard_id: int) -> datetime.timedelta:
                asked.append(shard_id)
                return super().acquire(shard_id)

        gate = Counted(make_limit(5000, 1, 2 * HOUR))
        everyone = identify_all(gate, dict.fromkeys(range(1000), 0))
        with pytest.raises(asyncio.TimeoutError):
            run(asyncio.wait_for(everyone, HOUR))
        # Shard 1 asks once a minute; the others never do.
        assert asked == [0] + 60 * [1]

    @pytest.mark.parametrize("cancelled", [1, 2])
    def test_the_others_go_on_when_one_is_cancelled(self, cancelled: int) -> None:
        async def cancel_one() -> list[float | BaseException]:
            gate = make_limiter()
            tasks = [asyncio.create_task(identify(gate, each)) for each in range(4)]
            await asyncio.sleep(1)
            tasks[cancelled].cancel()
            return await asyncio.gather(*tasks, return_exceptions=True)

        answers = run(cancel_one())
        assert isinstance(answers.pop(cancelled), asyncio.CancelledError)
        assert answers == [0, 5.5, 11]

    @pytest.mark.parametrize(
        ("limit", "after", "newer", "expected"),
        [
            # Before the shards ask, and while they wait.
            ((9, 9, 0, 1), 0, (9, 9, 0, 2), [0, 0]),
            ((9, 0, HOUR, 2), 10, (9, 0, 100, 2), [110.5, 110.5]),
        ],
    )
    def test_an_update_counts_for_those_who_wait(
        self, limit: Limit, after: float, newer: Limit, expected: list[float]
    ) -> None:
        async def update() -> list[float]:
            gate = make_limiter(*limit)
            both = asyncio.gather(identify(gate, 0), identify(gate, 1))
            await asyncio.sleep(after)
            gate.update(make_limit(*newer))
            return list(await both)

        assert run(update()) == expected

    def test_two_event_loops_can_use_one_limiter(self) -> None:
        gate = make_limiter()
        assert run(identify_all(gate, {0: 0, 1: 0, 2: 0})) == [0, 5.5, 11]
        later = run(identify_all(gate, {0: 0, 1: 0, 2: 0}), starts_at=12)
        assert later == [16.5, 22, 27.5]

    def test_its_argument_is_checked(self) -> None:
        with pytest.raises(TypeError, match=r"^shard_id must be an integer"):
            run(make_limiter().wait(typing.cast("int", None)))


@attrs.define
class Simulation:
    """Shards that come and identify late, in a world where the gateway watches."""

    gate: limiter.IdentifyLimiter
    server: gateway.Gateway
    clock: Time
    kept: int
    events: list[typing.Any]
    order: itertools.count[int] = attrs.Factory(itertools.count)
    travelling: int = 0

    def after(self, wait: datetime.timedelta, *event: typing.Any) -> None:
        """Call a function with its arguments later."""
        moment = self.clock.now + wait
        heapq.heappush(self.events, (moment, next(self.order), event))

    def run(self) -> None:
        while self.events:
            self.clock.now, _, (function, *arguments) = heapq.heappop(self.events)
            function(*arguments)

    def come(self, shard_id: int, latency: float) -> None:
        """Ask until the shard may identify, and let that travel to the gateway."""
        if wait := self.gate.acquire(shard_id):
            self.after(wait, self.come, shard_id, latency)
        else:
            self.travelling += 1
            self.after(seconds(latency), self.arrive, shard_id)

    def arrive(self, shard_id: int) -> None:
        self.travelling -= 1
        self.server.identify(shard_id, self.clock.now)
        assert self.server.left >= self.kept

    def update(self, max_concurrency: int) -> None:
        """Tell the limiter what the gateway has counted so far."""
        # The gateway judges by one max_concurrency what was sent with it.
        if not self.travelling:
            self.server.max_concurrency = max_concurrency
        left, reset_after = self.server.count(self.clock.now)
        limit = (self.server.total, left, reset_after / gateway.SECOND)
        self.gate.update(make_limit(*limit, self.server.max_concurrency))


@hypothesis.settings(max_examples=2 * EXAMPLES)
@hypothesis.given(data=st.data())
def test_it_breaks_no_rule_and_every_shard_identifies(data: st.DataObject) -> None:
    keys = st.sampled_from([1, 2, 3, 16, 64])
    max_concurrency = data.draw(keys, "max_concurrency")
    reserve = data.draw(st.integers(0, 3), "reserve")
    total = reserve + data.draw(st.integers(1, 8), "total without the reserve")
    remaining = data.draw(st.integers(0, total + 2), "remaining")
    reset_after = data.draw(st.sampled_from([0.3, 4, 20, HOUR, DAY]), "reset")
    gaps = st.sampled_from([0, 0, 0.1, 3, 5.4, 19.6, HOUR, DAY])
    # Shards with the latency of their identifies, and updates.
    events = st.tuples(st.integers(0, 9), st.sampled_from([0, 0.1, 0.4])) | keys
    gaps_and_events = st.lists(st.tuples(gaps, events), max_size=30)

    clock = Time()
    limit = (total, remaining, reset_after, max_concurrency)
    server = make_server(*limit)
    with hikari_sessions.use_clock(clock):
        gate = make_limiter(*limit, reserve=reserve)
        world = Simulation(gate, server, clock, min(reserve, remaining), [])
        came: collections.Counter[int] = collections.Counter()
        last = 0.0
        for gap, event in data.draw(gaps_and_events, "gaps and events"):
            last += gap
            if isinstance(event, int):
                world.after(seconds(last), world.update, event)
            else:
                came[event[0]] += 1
                world.after(seconds(last), world.come, *event)
        world.run()
    assert server.online == came
    # Once the last shard has come, each reset brings one session start or more.
    resets = came.total() // (total - reserve) + 2
    longest = resets * (DAY + 1) + 5.5 * came.total() + 0.4
    assert clock.now <= NOW + seconds(last + longest)


@pytest.mark.parametrize(
    ("limit", "accepted", "refused"),
    [
        ((3, 3, 0, 2), {0: 0, 1: 0}, 5),
        ((3, 1, 60, 2), {0: 0}, 60),
        # The 24 hours begin with the first identify.
        ((3, 3, 0, 2), {0: 60, 1: 65, 3: 70}, 60 + DAY),
    ],
)
def test_the_gateway_of_the_tests_refuses_what_comes_early(
    limit: Limit, accepted: dict[int, float], refused: float
) -> None:
    for early in (0.000001, 0):
        server = make_server(*limit)
        for shard_id, after in accepted.items():
            server.identify(shard_id, NOW + seconds(after))
        broken = pytest.raises(gateway.RuleBrokenError)
        with broken if early else contextlib.nullcontext():
            server.identify(2, NOW + seconds(refused - early))
