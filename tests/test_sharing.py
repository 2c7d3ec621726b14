"""What limiters do that share a file or Redis, in one process and in several."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import typing

import fakeredis
import gateway
import pytest
from given import HOUR, NOW, Limit, make_limit, seconds
from limiter_rules import NEVER, Exceeded, World
from redis_server import running

import hikari_sessions
from hikari_sessions import testing
from hikari_sessions.redis import RedisIdentifyLimiter
from hikari_sessions.sqlite import SQLiteIdentifyLimiter

STORES = "sqlite", "redis"


@pytest.fixture(params=STORES)
def world(
    request: pytest.FixtureRequest,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> collections.abc.Iterator[World]:
    client: typing.Any = fakeredis.FakeAsyncRedis()

    def make(limit: Limit, bot: str = "bot") -> typing.Any:
        told = make_limit(*limit)
        if request.param == "redis":
            return RedisIdentifyLimiter(client, told, name=bot)
        return SQLiteIdentifyLimiter(tmp_path / bot, told)

    with testing.ManualClock(NOW) as clock:
        # The server's clock.
        monkeypatch.setattr(time, "time", lambda: clock().timestamp())
        yield World(clock, make)


def test_each_bot_has_its_own(world: World) -> None:
    gates = [world.make((9, 9, 0, 1), bot) for bot in ("a", "a", "b")]
    assert [world.ask(gate, 0) for gate in gates] == [0, 5.5, 0]


def test_a_restarted_process_knows_when_the_last_one_identified(
    world: World,
) -> None:
    assert world.ask(world.make((9, 9, 0, 1)), 0) == 0
    world.set_time(2)
    # It's told nothing of that identify.
    restarted = world.make((9, 9, 0, 1))
    assert world.ask(restarted, 0) == 3.5
    assert world.show(restarted)[1] == 8


@pytest.mark.parametrize("later_by", [2, 0, -2])
def test_processes_are_told_resets_that_differ_by_seconds(
    world: World, later_by: float
) -> None:
    first = world.make((9, 3, 60, 8))
    assert world.ask(first, 0) == 0
    world.set_time(1)
    # That identify may be missing in it, so three aren't left. Its reset counts.
    second = world.make((9, 3, 59 + later_by, 8))
    wait = 59 + later_by + 10
    waits = [[world.ask(gate, n) for gate in (first, second)] for n in (1, 2, 3)]
    assert waits == [[0, 5.5], [0, wait], [wait, wait]]


def test_the_newest_max_concurrency_counts_for_all(world: World) -> None:
    first, second = (world.make((9, 9, 0, 3)) for _ in range(2))
    world.set_time(1)
    world.run(second.update(make_limit(9, 9, 0, 2)))
    assert [world.ask(first, shard_id) for shard_id in (0, 2, 1)] == [0, 5.5, 0]


def test_an_error_is_for_all(world: World) -> None:
    first, second = (world.make((9, 9, 0, 8)) for _ in range(2))
    assert world.ask(first, 0) == 0
    with pytest.raises(Exceeded):
        world.run(second.update(make_limit(0, 0, 0, 8)))
    assert world.ask(first, 1) == NEVER
    world.run(first.update(make_limit(9, 9, 0, 8)))
    assert world.ask(second, 1) == 0


class Fleet(typing.NamedTuple):
    """Processes that start together, and what their shards are to do."""

    limit: Limit
    # The options of each process: see `worker`.
    workers: list[dict[str, typing.Any]]
    # How many shards of each process identify; None where it's killed.
    counts: list[int | None]
    # How many identify before the reset.
    used: int
    # Whether the Redis server restarts, and is empty.
    restarts: bool = False


# For those whose last shards find no session start left.
IMPATIENT = {"patience": 15}
FLEETS = {
    "a reset comes, and two are killed": Fleet(
        (40, 10, 12, 16),
        [
            *[{"shards": [*range(n, 24, 6)]} for n in range(4)],
            {"shards": [*range(4, 24, 6)], "dies_after": 1},
            {"shards": [*range(5, 24, 6)], "dies_after": 23},
        ],
        counts=[4, 4, 4, 4, None, None],
        used=10,
    ),
    "a reserve, and responses of different age": Fleet(
        (30, 9, HOUR, 16),
        [
            {"shards": [0, 1, 2], "reserve": 2},
            # Its response lacks the identifies of the first one.
            {**IMPATIENT, "shards": [*range(3, 9)], "reserve": 2, "comes_after": 2},
            # Another machine has used two more.
            {
                "shards": [9, 10],
                "reserve": 2,
                "limit": (30, 4, HOUR, 16),
                "fetches_after": 1,
            },
        ],
        counts=[3, 0, 2],
        used=5,
    ),
    "wall clocks are set forward and back": Fleet(
        (9, 6, HOUR, 8),
        [
            {**IMPATIENT, "shards": [0, 8, 16], "wall_steps": [(1, 25 * HOUR)]},
            {**IMPATIENT, "shards": [1, 9, 17], "wall_steps": [(1, -25 * HOUR)]},
            {"shards": [2, 3], "wall_steps": [(0, 25 * HOUR)], "comes_after": 2},
        ],
        counts=[2, 2, 2],
        used=6,
    ),
    "everything is lost": Fleet(
        (99, 60, HOUR, 16),
        [
            {"shards": [*range(0, 48, 4)], "loses_all_after": 2},
            *[{"shards": [*range(n, 48, 4)]} for n in range(1, 4)],
        ],
        counts=[12] * 4,
        used=48,
    ),
    "the server restarts": Fleet(
        (99, 60, HOUR, 16),
        [{"shards": [*range(n, 48, 4)]} for n in range(4)],
        counts=[12] * 4,
        used=48,
        restarts=True,
    ),
}
RUNS = [
    (store, name)
    for store, name in itertools.product(STORES, FLEETS)
    if store == "redis" or not FLEETS[name].restarts
]
# The moments, in seconds after the start, and the shards that identify.
Identifies: typing.TypeAlias = list[tuple[float, int]]
HAS_REDIS = shutil.which("redis-server") is not None


class Run:
    """A fleet with a file or a Redis server of its own."""

    def __init__(self, store: str, fleet: Fleet, path: pathlib.Path) -> None:
        self.store, self.fleet, self.path = store, fleet, path
        self.processes: list[asyncio.subprocess.Process] = []
        self.server = contextlib.ExitStack()
        self.restart()

    def restart(self) -> None:
        self.server.close()
        if self.store == "redis":
            self.server.enter_context(running(self.path))

    async def get_ready(self) -> None:
        program = pathlib.Path(__file__).with_name("worker.py")
        for worker in self.fleet.workers:
            options = {"store": self.store, "path": str(self.path), **worker}
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                program,
                json.dumps({"limit": self.fleet.limit, **options}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self.processes.append(process)
        for process in self.processes:
            assert process.stdout
            assert await process.stdout.readline() == b"ready\n"

    async def play(self) -> list[Identifies]:
        """Set the processes going, and return what each one's shards did."""
        start_at = time.monotonic()
        if self.fleet.restarts:
            asyncio.get_running_loop().call_later(2, self.restart)
        ends = [process.communicate(b"go\n") for process in self.processes]
        found: list[Identifies] = []
        for output, _ in await asyncio.wait_for(asyncio.gather(*ends), 60):
            pairs = [line.split() for line in output.splitlines()]
            found.append([(float(at) - start_at, int(n)) for at, n in pairs])
        return found

    def close(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.kill()
        self.server.close()


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], list[Identifies]]:
    """Run all fleets together, since they mostly wait."""

    async def play(folder: pathlib.Path) -> list[list[Identifies]]:
        with contextlib.ExitStack() as stack:
            runs = [
                stack.enter_context(
                    contextlib.closing(
                        Run(store, FLEETS[name], folder / str(number))
                    )
                )
                for number, (store, name) in enumerate(keys)
            ]
            await asyncio.gather(*(run.get_ready() for run in runs))
            return await asyncio.gather(*(run.play() for run in runs))

    keys = [key for key in RUNS if HAS_REDIS or key[0] != "redis"]
    # The path of a Unix socket has at most about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="hikari-") as folder:
        played = asyncio.run(play(pathlib.Path(folder)))
    return dict(zip(keys, played, strict=True))


@pytest.mark.slow
@pytest.mark.system
@pytest.mark.parametrize(("store", "name"), RUNS)
def test_processes_keep_the_rules_together(
    found: dict[tuple[str, str], list[Identifies]], store: str, name: str
) -> None:
    if store == "redis" and not HAS_REDIS:
        pytest.skip("there is no redis-server")
    fleet, identifies = FLEETS[name], found[store, name]
    with hikari_sessions.use_clock(lambda: NOW):
        server = gateway.Gateway.of(make_limit(*fleet.limit), NOW)
    for at, shard_id in sorted(itertools.chain.from_iterable(identifies)):
        server.identify(shard_id, NOW + seconds(at))
    counts = [
        None if "dies_after" in worker else len(each)
        for worker, each in zip(fleet.workers, identifies, strict=True)
    ]
    assert counts == fleet.counts
    at_reset = NOW + seconds(fleet.limit[2])
    assert sum(at < at_reset for at, _ in server.identified) == fleet.used
