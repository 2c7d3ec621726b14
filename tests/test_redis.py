"""The limiter that processes share in Redis, with and without a real server."""

from __future__ import annotations

import asyncio
import collections.abc
import itertools
import json
import pathlib
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
from limits import HOUR, NOW, Limit, make_limit, seconds
from redis import asyncio as aioredis
from redis import backoff, exceptions
from redis.asyncio import retry
from redis_server import running

import hikari_sessions
from hikari_sessions.redis import RedisIdentifyLimiter

# They run with the `world` of this module.
TestArguments, TestWait = test_limiter.TestArguments, test_limiter.TestWait


class World(test_limiter.World):
    """Makes limiters in Redis, which has the same time."""

    def make(self, limit: typing.Any, **options: typing.Any) -> typing.Any:
        options = {"client": fakeredis.FakeAsyncRedis(), "name": "bot", **options}
        return RedisIdentifyLimiter(limit=limit, **options)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> collections.abc.Iterator[World]:
    world = World()
    # Redis rounds it down to milliseconds.
    monkeypatch.setattr(time, "time", lambda: world.now.timestamp() + 0.0001)
    with hikari_sessions.use_clock(lambda: world.now):
        yield world


class TestRules(test_limiter.TestRules):
    def play(
        self, world: typing.Any, *case: typing.Any, **options: typing.Any
    ) -> None:
        # Each process updates when it starts.
        limit, *steps = case
        super().play(world, limit, (0, limit), *steps, **options)

    def test_earlier_identifies_may_have_had_any_of_the_new_keys(
        self, world: test_limiter.World
    ) -> None:
        # Redis doesn't know when a key last identified, so all wait anew.
        steps: list[test_limiter.Step] = [
            (0, {0: 0}),
            (1, (9, 9, 0, 4)),
            (1, {0: 5.5, 3: 5.5}),
        ]
        self.play(world, (9, 9, 0, 1), *steps, (6.5, {0: 0, 3: 0}))


class TestSharing:
    def test_limiters_share_by_name_and_each_name_has_one_hash_tag(
        self, world: World
    ) -> None:
        client: typing.Any = fakeredis.FakeAsyncRedis(decode_responses=True)
        limit = make_limit(9, 9, 0, 1)
        gates = [world.make(limit, client=client, name=name) for name in "aab"]
        waits = [world.run(gate.acquire(0)) for gate in gates]
        assert waits == [seconds(0), seconds(5.5), seconds(0)]
        names: list[str] = world.run(client.keys())
        assert {name.split(":")[1] for name in names} == {"{a}", "{b}"}

    def test_the_newest_max_concurrency_counts_for_all(self, world: World) -> None:
        client = fakeredis.FakeAsyncRedis()
        first, second = (
            world.make(make_limit(9, 9, 0, 3), client=client) for _ in range(2)
        )
        world.run(second.update(make_limit(9, 9, 0, 2)))
        waits = [world.run(first.acquire(shard_id)) for shard_id in (0, 2, 1)]
        assert waits == [seconds(0), seconds(5.5), seconds(0)]


@pytest.fixture
def socket() -> collections.abc.Iterator[pathlib.Path]:
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server")
    # The path of a Unix socket has at most about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        yield pathlib.Path(folder) / "socket"


# The moments, in seconds after the start, and the shards that identify.
Identifies: typing.TypeAlias = list[tuple[float, int]]


async def run_workers(
    socket: pathlib.Path, *workers: dict[str, typing.Any]
) -> list[Identifies]:
    """Run processes that start at once, and return what each one's shards did."""
    program = pathlib.Path(__file__).with_name("redis_worker.py")
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            program,
            json.dumps({"socket": str(socket), **worker}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for worker in workers
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    start_at = time.time()
    ends = (process.communicate(f"{start_at}\n".encode()) for process in processes)
    found: list[Identifies] = []
    for output, _ in await asyncio.wait_for(asyncio.gather(*ends), 30):
        pairs = [line.split() for line in output.splitlines()]
        found.append([(float(at) - start_at, int(shard)) for at, shard in pairs])
    for process, worker in zip(processes, workers, strict=True):
        assert bool(process.returncode) == ("dies_after" in worker)
    return found


def judge(limit: Limit, found: list[Identifies]) -> gateway.Gateway:
    """Let Discord's rules judge what all processes of a bot did."""
    with hikari_sessions.use_clock(lambda: NOW):
        server = gateway.Gateway.of(make_limit(*limit), NOW)
    for at, shard_id in sorted(itertools.chain.from_iterable(found)):
        server.identify(shard_id, NOW + seconds(at))
    return server


@pytest.mark.slow
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
            found = asyncio.run(run_workers(socket, *workers))
        assert judge(limit, found).resets == 1
        assert sum(at < 2 for identifies in found for at, _ in identifies) == 5
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
            found = asyncio.run(run_workers(socket, *workers))
        assert [len(identifies) for identifies in found] == [3, 0, 2, 4]
        assert judge(limit, found[:3]).left == 4
        assert judge(limit, found[3:]).left == 5

    def test_a_server_that_stops_and_comes_back_empty(
        self, socket: pathlib.Path
    ) -> None:
        async def use() -> None:
            once = retry.Retry(backoff.NoBackoff(), 1)
            async with aioredis.Redis(
                unix_socket_path=str(socket), retry=once
            ) as client:
                gate = World().make(make_limit(9, 3, HOUR, 8), client=client)
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
        async def use() -> list[bool]:
            async with aioredis.RedisCluster(host="127.0.0.1", port=port) as client:
                gate = World().make(make_limit(9, 3, HOUR, 8), client=client)
                await gate.update(make_limit(9, 2, HOUR, 8))
                return [not await gate.acquire(shard_id) for shard_id in range(3)]

        with (
            net.create_server(("127.0.0.1", 0)) as one,
            net.create_server(("127.0.0.1", 0)) as other,
        ):
            port, bus = one.getsockname()[1], other.getsockname()[1]
        cluster = ["--cluster-enabled", "yes", "--cluster-port", str(bus)]
        with running(socket, port, "--bind", "127.0.0.1", *cluster):
            add_slots = ["cluster", "addslotsrange", "0", "16383"]
            subprocess.run(["redis-cli", "-s", socket, *add_slots], check=True)
            assert asyncio.run(use()) == [True, True, False]
