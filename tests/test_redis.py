"""The limiter in Redis: the common suite, and what only this one does."""

from __future__ import annotations

import asyncio
import collections.abc
import itertools
import pathlib
import runpy
import shutil
import socket as net
import subprocess
import sys
import tempfile
import time
import typing

import fakeredis
import pytest
from given import DAY, HOUR, NOW, Limit, make_limit
from limiter_rules import (
    TestErrors,
    TestRules,
    TestSessionStartLimit,
    TestSimulation,
    TestWait,
    World,
    reply,
)
from redis import asyncio as aioredis
from redis import exceptions
from redis_server import running

import hikari_sessions.redis
from hikari_sessions import testing
from hikari_sessions.redis import RedisIdentifyLimiter

__all__ = (
    "TestErrors",
    "TestRules",
    "TestSessionStartLimit",
    "TestSimulation",
    "TestWait",
)


def make(limit: typing.Any, **options: typing.Any) -> typing.Any:
    options = {"client": fakeredis.FakeAsyncRedis(), "name": "bot", **options}
    return RedisIdentifyLimiter(limit=limit, **options)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> collections.abc.Iterator[World]:
    with testing.ManualClock(NOW) as clock:
        # The server's clock.
        monkeypatch.setattr(time, "time", lambda: clock().timestamp())
        yield World(clock, make)


class Client(fakeredis.FakeAsyncRedis):
    """Counts its commands, and can run an action before one of them."""

    def __init__(self, **options: typing.Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType]
        self.count = 0
        self.before: dict[int, typing.Any] = {}

    async def execute_command(
        self, *args: typing.Any, **options: typing.Any
    ) -> typing.Any:
        self.count += 1
        if action := self.before.pop(self.count, None):
            await reply(action())
        parent: typing.Any = super()
        return await parent.execute_command(*args, **options)

    def interrupt(self, action: typing.Any, *, trip: int = 2) -> None:
        """Run an action before the next change reads, or swaps."""
        self.before[self.count + trip] = action


Start: typing.TypeAlias = collections.abc.Callable[
    [int, int, float, int], tuple[typing.Any, typing.Any]
]


@pytest.fixture
def start(world: World) -> Start:
    """Start processes of a bot, which use one server."""
    server = fakeredis.FakeServer()

    def start(*limit: typing.Any) -> tuple[typing.Any, typing.Any]:
        client: typing.Any = Client(server=server)
        script = hikari_sessions.redis._SWAP  # pyright: ignore[reportPrivateUsage]
        world.run(client.script_load(script))
        return make(make_limit(*limit), client=client), client

    return start


def test_a_start_takes_two_round_trips_and_a_refusal_one(
    world: World, start: Start
) -> None:
    gate, client = start(9, 9, 0, 1)
    trips: list[tuple[float, int]] = []
    for _ in range(2):
        client.count = 0
        trips.append((world.ask(gate, 0), client.count))
    assert trips == [(0, 2), (5.5, 1)]


def test_a_change_is_made_anew_if_another_process_was_faster(
    world: World, start: Start
) -> None:
    (first, client), (second, _) = (start(9, 4, HOUR, 8) for _ in range(2))
    client.interrupt(lambda: second.acquire(0))
    assert world.ask(first, 0) == 5.5
    client.interrupt(lambda: second.acquire(1))
    assert world.ask(first, 2) == 0
    assert world.show(second)[1] == 1


@pytest.mark.parametrize(
    ("stop", "limit", "wait"),
    [
        (0.2, (9, 9, 0, 1), 5.5),
        (HOUR, (9, 9, 0, 1), 5.5),
        # The 24 hours begin with it.
        (HOUR, (1, 1, 0, 1), DAY + 10),
    ],
)
def test_an_identify_counts_from_when_it_is_stored(
    world: World, start: Start, stop: float, limit: Limit, wait: float
) -> None:
    (first, client), (second, _) = (start(*limit) for _ in range(2))
    client.interrupt(lambda: world.set_time(stop))
    assert [world.ask(first, 0), world.ask(second, 0)] == [0, wait]


def test_a_process_is_stopped_until_after_a_reset(
    world: World, start: Start
) -> None:
    (first, client), (second, _) = (start(2, 1, HOUR, 8) for _ in range(2))
    client.interrupt(lambda: world.set_time(HOUR + 10))
    waits = [world.ask(first, 0), world.ask(second, 1), world.ask(second, 2)]
    assert waits == [0, 0, DAY + 10]


def test_a_response_that_comes_during_a_change_is_not_lost(
    world: World, start: Start
) -> None:
    gate, client = start(9, 9, 0, 8)

    async def change() -> None:
        updates: list[asyncio.Task[None]] = []

        async def update() -> None:
            newer = make_limit(9, 4, DAY, 8)
            updates.append(asyncio.create_task(gate.update(newer)))
            await asyncio.sleep(0)

        client.interrupt(update)
        assert not await gate.acquire(0)
        await updates[0]

    world.run(change())
    assert world.show(gate)[1] == 4


@pytest.mark.parametrize("trip", [1, 2])
def test_nothing_is_taken_while_redis_is_away_and_a_response_counts_later(
    world: World, start: Start, trip: int
) -> None:
    (gate, client), (other, _) = (start(9, 9, 0, 8) for _ in range(2))

    def fail() -> None:
        raise exceptions.ConnectionError

    for call in (
        lambda: gate.acquire(0),
        lambda: gate.wait(0),
        lambda: gate.update(make_limit(9, 5, HOUR, 8)),
        gate.session_start_limit,
    ):
        client.interrupt(fail, trip=trip)
        with pytest.raises(exceptions.ConnectionError):
            world.run(call())
    assert world.ask(gate, 0) == 0
    assert world.show(other)[1] == 4


@pytest.mark.parametrize("trip", [1, 2])
def test_a_lost_ledger_is_restored_in_mid_start(
    world: World, start: Start, trip: int
) -> None:
    gate, client = start(9, 3, HOUR, 8)
    assert world.ask(gate, 0) == 0
    client.interrupt(client.flushall, trip=trip)
    assert world.ask(gate, 1) == 5.5
    world.set_time(5.5)
    waits = [world.ask(gate, shard_id) for shard_id in (0, 1, 2)]
    assert waits == [0, 0, HOUR - 5.5 + 10]


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("order", [1, -1])
def test_processes_put_together_what_each_saw_of_a_ledger(
    world: World,
    start: Start,
    is_lost: bool,  # noqa: FBT001
    order: int,
) -> None:
    (first, client), (second, _) = (start(9, 5, HOUR, 8) for _ in range(2))
    key = "hikari-sessions:bot"
    assert world.ask(first, 0) == 0
    older = world.run(client.get(key))
    assert [world.ask(first, 1), world.ask(second, 2)] == [0, 0]
    world.run(client.delete(key) if is_lost else client.set(key, older))
    assert [world.ask(gate, 3) for gate in (first, second)[::order]] == [5.5, 5.5]
    world.set_time(5.5)
    waits = [world.ask(first, 2), world.ask(second, 0), world.ask(first, 1)]
    assert waits == [0, 0, HOUR - 5.5 + 10]


def test_the_extra_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError, match=r": run pip install redis$"):
        runpy.run_path(hikari_sessions.redis.__file__)


@pytest.fixture
def socket() -> collections.abc.Iterator[pathlib.Path]:
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server")
    # The path of a Unix socket has at most about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        yield pathlib.Path(folder) / "socket"


@pytest.mark.slow
@pytest.mark.system
class TestServer:
    def test_any_client_and_any_name(self, socket: pathlib.Path) -> None:
        async def use(**options: typing.Any) -> list[bool]:
            names = "", "}", "{", "{}", "a*", "\N{SNOWMAN} \n"
            async with aioredis.Redis(
                unix_socket_path=str(socket), **options
            ) as client:
                gates = [make(limit, client=client, name=name) for name in names]
                return [not await gate.acquire(0) for gate in gates]

        limit = make_limit(9, 9, 0, 1)
        with running(socket):
            assert asyncio.run(use()) == [True] * 6
            for protocol, decodes in itertools.product((2, 3), (True, False)):
                options = {"protocol": protocol, "decode_responses": decodes}
                assert asyncio.run(use(**options)) == [False] * 6

    def test_more_keys_than_the_pool_has_connections(
        self, socket: pathlib.Path
    ) -> None:
        async def use() -> None:
            async with aioredis.Redis(
                unix_socket_path=str(socket), max_connections=4
            ) as client:
                gate = make(make_limit(99, 99, 0, 64), client=client)
                await asyncio.wait_for(
                    asyncio.gather(*map(gate.wait, range(64))), 60
                )

        with running(socket):
            asyncio.run(use())

    def test_a_cache_that_is_full(self, socket: pathlib.Path) -> None:
        async def use() -> None:
            client: typing.Any = aioredis.Redis(unix_socket_path=str(socket))
            async with client:
                gate = make(make_limit(9, 9, 0, 8), client=client)
                assert not await gate.acquire(0)

                for number in range(9000):
                    await client.set(str(number), "-" * 999, ex=HOUR)
                assert (await client.info("stats"))["evicted_keys"]
                assert await gate.acquire(0)
                # Nothing else is left to evict.
                await client.config_set("maxmemory", 1)
                with pytest.raises(exceptions.OutOfMemoryError):
                    await gate.acquire(1)

        options = "--maxmemory", "4mb", "--maxmemory-policy", "volatile-lru"
        with running(socket, 0, *options):
            asyncio.run(use())

    def test_a_cluster(self, socket: pathlib.Path) -> None:
        async def use() -> list[bool]:
            async with aioredis.RedisCluster(host="127.0.0.1", port=port) as client:
                gate = make(make_limit(9, 3, HOUR, 8), client=client)
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
