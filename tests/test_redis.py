"""The limiter that processes share in Redis, with and without a real server."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import json
import pathlib
import selectors
import shutil
import socket as net
import subprocess
import sys
import tempfile
import time
import typing

import fakeredis
import gateway
import pytest
import test_limiter
import time_machine
from redis import asyncio as aioredis
from redis import backoff, exceptions
from redis.asyncio import retry

from hikari_sessions.redis import RedisIdentifyLimiter

CASES, DAY, NOW = test_limiter.CASES, test_limiter.DAY, test_limiter.NOW
HOUR, Exceeded = test_limiter.HOUR, test_limiter.Exceeded
Limit: typing.TypeAlias = test_limiter.Limit
Step: typing.TypeAlias = test_limiter.Step
make_limit, seconds = test_limiter.make_limit, test_limiter.seconds

T = typing.TypeVar("T")

# Redis doesn't know when a key last identified, so a change of the keys makes
# every shard wait for the whole delay.
SHARED_CASES = {**CASES}
del SHARED_CASES["update: more keys"]


class Selector(test_limiter.Selector):
    """Passes the time of fakeredis, too."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        super().__init__()
        self.traveller = traveller

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(timeout)
        self.traveller.move_to(NOW + seconds(self.now))
        return found


def run(main: collections.abc.Coroutine[typing.Any, typing.Any, T]) -> T:
    """Run a coroutine in an event loop whose time is that of Redis."""
    with time_machine.travel(NOW, tick=False) as traveller:
        selector = Selector(traveller)
        with contextlib.closing(asyncio.SelectorEventLoop(selector)) as loop:
            loop.time = lambda: selector.now  # type: ignore[method-assign]
            return loop.run_until_complete(main)


def make_limiter(
    *limit: typing.Any,
    client: aioredis.Redis | aioredis.RedisCluster | None = None,
    **options: typing.Any,
) -> RedisIdentifyLimiter:
    options = {"name": "bot", **options}
    client = client or fakeredis.FakeAsyncRedis()
    return RedisIdentifyLimiter(client, make_limit(*limit), **options)


async def play(steps: list[Step], **options: typing.Any) -> None:
    """Take the steps; the first makes the limiter, and is its first update."""
    (_, limit), *_ = steps
    gate = make_limiter(*limit, **options)
    for after, step in steps:
        await asyncio.sleep(after - asyncio.get_running_loop().time())
        if isinstance(step, tuple):
            await gate.update(make_limit(*step))
        else:
            waits = {
                each: (await gate.acquire(each)).total_seconds() for each in step
            }
            # Redis counts milliseconds.
            assert waits == pytest.approx(step, abs=0.002)


class TestRules:
    @pytest.mark.parametrize("steps", SHARED_CASES.values(), ids=SHARED_CASES)
    def test_they_are_those_of_the_limiter_in_memory(
        self, steps: list[Step]
    ) -> None:
        run(play(steps))

    def test_new_keys_wait_for_the_whole_delay(self) -> None:
        update: Step = (1, (9, 9, 0, 4))
        after: list[Step] = [(1, {0: 5.5, 3: 5.5}), (6.5, {0: 0, 3: 0})]
        run(play([(0, (9, 9, 0, 1)), (0, {0: 0}), update, *after]))

    def test_window_delay_is_the_time_between_identifies(self) -> None:
        waits: list[Step] = [(0, {0: 0, 1: 7}), (7, {1: 0})]
        run(play([(0, (9, 9, 0, 1)), *waits], window_delay=seconds(7)))

    def test_the_reserve_is_never_used(self) -> None:
        after_reset: Step = (60.5, {1: 0, 2: 0, 3: 0, 4: DAY + 0.5})
        steps: list[Step] = [(0, (5, 3, 60, 8)), (0, {0: 0, 1: 60.5}), after_reset]
        run(play(steps, reserve=2))

    def test_what_is_left_of_a_total_of_zero_may_be_used(self) -> None:
        async def acquire_twice() -> None:
            gate = make_limiter(0, 1, 60)
            assert not await gate.acquire(0)
            with pytest.raises(Exceeded) as caught:
                await gate.acquire(1)
            assert (caught.value.remaining, caught.value.total) == (0, 0)
            off = caught.value.reset_at - (NOW + seconds(60))
            assert abs(off) < seconds(0.002)

        run(acquire_twice())

    def test_limiters_share_by_name(self) -> None:
        async def share() -> list[float]:
            client: typing.Any = fakeredis.FakeAsyncRedis(decode_responses=True)
            gates = [make_limiter(9, 9, 0, 1, client=client, name=n) for n in "aab"]
            waits = [(await gate.acquire(0)).total_seconds() for gate in gates]
            names: list[str] = await client.keys()
            tags = {
                (n.count("{"), n[n.index("{") : n.index("}") + 1]) for n in names
            }
            assert tags == {(1, "{a}"), (1, "{b}")}
            return waits

        assert run(share()) == pytest.approx([0, 5.5, 0], abs=0.002)

    def test_the_keys_are_those_that_any_of_them_was_told_last(self) -> None:
        async def share() -> list[float]:
            client = fakeredis.FakeAsyncRedis()
            first, second = [make_limiter(9, 9, 0, 3, client=client) for _ in "ab"]
            await second.update(make_limit(9, 9, 0, 2))
            return [(await first.acquire(i)).total_seconds() for i in (0, 2, 1)]

        assert run(share()) == pytest.approx([0, 5.5, 0], abs=0.002)


class TestArguments:
    @pytest.mark.parametrize("method", ["acquire", "wait"])
    def test_a_wrong_one_is_an_error_that_names_it(self, method: str) -> None:
        with pytest.raises(TypeError, match=r"^window_delay must be a timedelta"):
            make_limiter(window_delay=5)
        ask = getattr(make_limiter(), method)
        with pytest.raises(
            ValueError, match=r"^shard_id must be 0 or more, not -1"
        ):
            run(ask(-1))

    @pytest.mark.parametrize(
        ("total", "remaining", "reserve"), [(0, 0, 0), (5, 3, 5), (0, 3, 3)]
    )
    def test_a_limit_that_could_never_start_anything_is_an_error_at_once(
        self, total: int, remaining: int, reserve: int
    ) -> None:
        with pytest.raises(Exceeded):
            make_limiter(total, remaining, 60, reserve=reserve)
        gate = make_limiter(reserve=reserve)
        with pytest.raises(Exceeded) as caught:
            run(gate.update(make_limit(total, remaining, 60)))
        assert (caught.value.required, caught.value.remaining) == (1, 0)
        assert (caught.value.total, caught.value.reserve) == (total, reserve)


def test_wait_is_first_come_first_served_for_each_key() -> None:
    async def identify_all() -> list[float]:
        gate: typing.Any = make_limiter(10, 5, 100, 2)
        shards = {4: 0, 2: 0, 7: 0, 0: 1, 1: 6.5, 3: 7}
        identifies = [test_limiter.identify(gate, *s) for s in shards.items()]
        return await asyncio.gather(*identifies)

    expected = [0, 5.5, 0, 11, 6.5, 100.5]
    assert run(identify_all()) == pytest.approx(expected, abs=0.02)


@contextlib.contextmanager
def running(
    socket: pathlib.Path, port: int = 0, *options: str
) -> collections.abc.Generator[None]:
    """Run an empty Redis server on a Unix socket."""
    command = ["redis-server", "--port", str(port), "--unixsocket", str(socket)]
    command += ["--dir", str(socket.parent), "--save", "", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            give_up_at = time.monotonic() + 10
            while not socket.exists():
                assert time.monotonic() < give_up_at
                assert process.poll() is None
                time.sleep(0.01)
            yield
        finally:
            process.terminate()


@pytest.fixture
def socket() -> collections.abc.Iterator[pathlib.Path]:
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server")
    # The path of a Unix socket has at most about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        yield pathlib.Path(folder) / "socket"


def free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(net.create_server(("127.0.0.1", 0)))
            for _ in range(number)
        ]
        return [each.getsockname()[1] for each in sockets]


def start_all(
    socket: pathlib.Path, workers: list[dict[str, typing.Any]]
) -> tuple[float, list[list[tuple[float, int]]]]:
    """Run processes, and return when each one's shards identify."""
    pipe = subprocess.PIPE
    program = [
        sys.executable,
        str(pathlib.Path(__file__).with_name("redis_worker.py")),
    ]
    with contextlib.ExitStack() as stack:
        processes: list[subprocess.Popen[str]] = []
        for worker in workers:
            command = [*program, json.dumps({"socket": str(socket), **worker})]
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
            processes.append(stack.enter_context(process))
            stack.callback(process.kill)
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        start_at = time.time()
        for process in processes:
            assert process.stdin
            process.stdin.write(f"{start_at}\n")
            process.stdin.flush()
        found: list[list[tuple[float, int]]] = []
        for process, worker in zip(processes, workers, strict=True):
            lines = process.communicate(timeout=30)[0].splitlines()
            assert bool(process.returncode) == ("dies_after" in worker)
            pairs = [line.split() for line in lines]
            found.append([(float(at), int(shard)) for at, shard in pairs])
        return start_at, found


def judge(
    limit: Limit, start_at: float, found: list[list[tuple[float, int]]]
) -> gateway.Gateway:
    """Let Discord's rules judge what all processes of a bot did."""
    server = test_limiter.make_server(*limit)
    for at, shard_id in sorted(each for shards in found for each in shards):
        server.identify(shard_id, NOW + seconds(at - start_at))
    return server


@pytest.mark.system
class TestProcesses:
    def test_they_share_one_budget_and_some_are_killed(
        self, socket: pathlib.Path
    ) -> None:
        limit = (30, 5, 2, 8)
        workers: list[dict[str, typing.Any]] = [
            {"name": "bot", "limit": limit, "shards": [*range(number, 12, 4)]}
            for number in range(4)
        ]
        # One dies before the reset and one after it.
        workers[1]["dies_after"], workers[2]["dies_after"] = 1, 2.8
        with running(socket):
            start_at, found = start_all(socket, workers)
        server = judge(limit, start_at, found)
        assert server.resets == 1
        assert sum(at - start_at < 2 for shards in found for at, _ in shards) == 5
        for number in 0, 3:
            assert {shard for _, shard in found[number]} == {*range(number, 12, 4)}

    def test_a_late_update_a_reserve_and_two_bots(
        self, socket: pathlib.Path
    ) -> None:
        limit = (30, 9, HOUR, 16)
        common = {"name": "a", "limit": limit, "reserve": 2, "patience": 1.5}
        workers: list[dict[str, typing.Any]] = [
            {**common, "shards": [0, 1, 2]},
            # It was told earlier than the first one identified.
            {**common, "shards": [*range(3, 9)], "late": 0.7},
            # Some other machine has taken two more.
            {**common, "shards": [9, 10], "newer": (30, 4, HOUR, 16), "late": 0.4},
            {**common, "shards": [0, 1, 2, 3], "name": "b", "reserve": 0},
        ]
        with running(socket):
            start_at, found = start_all(socket, workers)
        assert [len(shards) for shards in found] == [3, 0, 2, 4]
        assert judge(limit, start_at, found[:3]).left == 4
        assert judge(limit, start_at, found[3:]).left == 5

    def test_a_server_that_stops_and_comes_back_empty(
        self, socket: pathlib.Path
    ) -> None:
        async def use() -> None:
            once = retry.Retry(backoff.NoBackoff(), 1)
            async with aioredis.Redis(
                unix_socket_path=str(socket), retry=once
            ) as client:
                gate = make_limiter(9, 3, HOUR, 8, client=client)
                with running(socket):
                    assert not await gate.acquire(0)
                for method in gate.acquire, gate.wait:
                    with pytest.raises(exceptions.ConnectionError):
                        await method(1)
                with running(socket):
                    # What it was told counts: three, not the two that are left.
                    waits = [await gate.acquire(shard_id) for shard_id in range(4)]
                    assert [not wait for wait in waits] == [True, True, True, False]
                with running(socket):
                    await gate.update(make_limit(9, 1, HOUR, 8))
                    waits = [await gate.acquire(shard_id) for shard_id in (4, 5)]
                    assert not waits[0]
                    assert seconds(HOUR) < waits[1] <= seconds(HOUR + 0.5)

        asyncio.run(use())

    def test_a_cluster(self, socket: pathlib.Path) -> None:
        async def use(port: int) -> list[float]:
            async with aioredis.RedisCluster(host="127.0.0.1", port=port) as client:
                limiter = make_limiter(9, 3, HOUR, 8, client=client)
                await limiter.update(make_limit(9, 2, HOUR, 8))
                return [
                    not await limiter.acquire(shard_id) for shard_id in range(3)
                ]

        port, bus = free_ports(2)
        cluster = ["--cluster-enabled", "yes", "--cluster-port", str(bus)]
        with running(socket, port, "--bind", "127.0.0.1", *cluster):
            add_slots = ["cluster", "addslotsrange", "0", "16383"]
            subprocess.run(["redis-cli", "-s", socket, *add_slots], check=True)
            assert asyncio.run(use(port)) == [True, True, False]
