"""The limiter in a file: the common suite, and what only this one does."""

from __future__ import annotations

import asyncio
import collections.abc
import concurrent.futures
import contextlib
import functools
import itertools
import os
import pathlib
import sqlite3
import subprocess
import sys
import time
import typing

import pytest
import time_machine
from given import DAY, HOUR, NOW, make_limit, seconds
from limiter_rules import (
    TestErrors,
    TestRules,
    TestSessionStartLimit,
    TestSimulation,
    TestWait,
    World,
)

from hikari_sessions import sqlite, testing
from hikari_sessions.sqlite import SQLiteIdentifyLimiter

__all__ = (
    "TestErrors",
    "TestRules",
    "TestSessionStartLimit",
    "TestSimulation",
    "TestWait",
)


@pytest.fixture
def world(tmp_path: pathlib.Path) -> collections.abc.Iterator[World]:
    numbers = itertools.count()

    def make(
        limit: typing.Any, name: str | None = None, **options: typing.Any
    ) -> typing.Any:
        path = tmp_path / (name or str(next(numbers)))
        return SQLiteIdentifyLimiter(path, limit, **options)

    with testing.ManualClock(NOW) as clock:
        yield World(clock, make)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "bot"


def make(path: pathlib.Path, remaining: int = 9) -> SQLiteIdentifyLimiter:
    return SQLiteIdentifyLimiter(path, make_limit(9, remaining, HOUR, 8))


@pytest.mark.parametrize(
    ("boot_ids", "uptimes", "is_reboot"),
    [
        ((b"a", b"b"), (60, HOUR), True),
        ((b"a", b"a"), (60, 30), True),
        ((None, None), (60, 30), True),
        # Without a boot id, this may be the same boot.
        ((None, None), (60, 62), False),
        ((b"a", b"a"), (60, 62), False),
        # Some processes aren't allowed to read it.
        ((None, b"a"), (60, 62), False),
    ],
)
def test_after_a_reboot_only_the_new_response_counts_and_each_key_waits_once(
    world: World,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    boot_ids: tuple[bytes | None, bytes | None],
    uptimes: tuple[float, float],
    is_reboot: bool,  # noqa: FBT001
) -> None:
    boot_id = tmp_path / "boot_id"
    monkeypatch.setattr(sqlite, "_BOOT_ID", boot_id)

    def start(number: int) -> typing.Any:
        if found := boot_ids[number]:
            boot_id.write_bytes(found)
        world.set_time(uptimes[number])
        return world.make(make_limit(9, 3, HOUR, 8), "bot")

    assert world.ask(start(0), 0) == 0
    gate = start(1)
    assert world.show(gate)[1] == (3 if is_reboot else 2)
    waits = [world.ask(gate, shard_id) for shard_id in (0, 1)]
    assert waits == ([5.5, 5.5] if is_reboot else [3.5, 0])


def test_a_deleted_file_is_written_again_and_each_key_waits_once(
    world: World, path: pathlib.Path
) -> None:
    gate = world.make(make_limit(9, 3, HOUR, 8), path.name)
    assert world.ask(gate, 0) == 0
    path.unlink()
    assert [world.ask(gate, shard_id) for shard_id in (0, 1)] == [5.5, 5.5]
    world.set_time(5.5)
    other = world.make(make_limit(9, 3, HOUR - 5.5, 8), path.name)
    waits = [world.ask(each, n) for n, each in enumerate((gate, other, gate))]
    assert waits == [0, 0, HOUR - 5.5 + 10]


@pytest.mark.parametrize("step", [11 * HOUR, 50 * HOUR, -HOUR, -50 * HOUR])
def test_a_step_of_the_wall_clock_changes_nothing(
    path: pathlib.Path, step: float
) -> None:
    with time_machine.travel(NOW.timestamp(), tick=False) as wall:
        gates = [make(path, 3)]
        assert not gates[0].acquire(0)
        wall.shift(step)
        gates.append(make(path, 3))
        for gate in gates:
            assert seconds(0) < gate.acquire(0) <= seconds(5.5)
            assert not gate.acquire(len(gates) - gates.index(gate))
        assert [seconds(HOUR) < gate.acquire(3) for gate in gates] == [True, True]


@pytest.mark.parametrize(
    ("name", "error"),
    [("missing/bot", "unable to open"), (".", "unable to open"), ("text", "not a")],
)
def test_a_file_that_cannot_be_used(
    tmp_path: pathlib.Path, name: str, error: str
) -> None:
    (tmp_path / "text").write_text("This is no database." * 99)
    with pytest.raises(sqlite3.DatabaseError, match=error):
        make(tmp_path / name)


def test_a_response_counts_later_if_the_file_is_locked(
    path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = make(path)
    impatient = functools.partial(sqlite3.connect, timeout=0)
    monkeypatch.setattr(sqlite3, "connect", impatient)
    with contextlib.closing(impatient(path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        for call in (
            lambda: gate.update(make_limit(9, 5, HOUR, 8)),
            lambda: gate.acquire(0),
            lambda: asyncio.run(gate.wait(0)),
            gate.session_start_limit,
            lambda: make(path),
        ):
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                call()
    assert not gate.acquire(0)
    assert make(path).session_start_limit().remaining == 4


HOLDER = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("BEGIN IMMEDIATE")
file.execute("DELETE FROM ledger")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.system
def test_the_event_loop_goes_on_while_another_process_holds_the_file(
    path: pathlib.Path,
) -> None:
    gate = make(path, 4)
    assert not gate.acquire(0)

    async def kill_the_holder(holder: subprocess.Popen[bytes]) -> None:
        waits = [asyncio.create_task(gate.wait(shard_id)) for shard_id in (1, 2)]
        await asyncio.sleep(0.3)
        waits[0].cancel()
        await asyncio.sleep(0.1)
        assert not waits[1].done()
        # So it has changed nothing.
        holder.kill()
        await waits[1]

    command = [sys.executable, "-c", HOLDER, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"ready\n"
        asyncio.run(kill_the_holder(holder))
    # The cancelled one may have taken a session start.
    assert gate.session_start_limit().remaining in {1, 2}
    assert seconds(0) < gate.acquire(0) <= seconds(5.5)


@pytest.mark.system
def test_a_response_that_comes_during_a_change_is_not_lost(
    path: pathlib.Path,
) -> None:
    gate: typing.Any = make(path)
    updates: list[concurrent.futures.Future[None]] = []

    class Shard:
        def __index__(self) -> int:
            newer = make_limit(9, 4, DAY, 8)
            updates.append(pool.submit(gate.update, newer))
            while not gate._pending:
                time.sleep(0.001)
            return 0

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert not gate.acquire(Shard())
        updates[0].result()
    assert make(path).session_start_limit().remaining == 4


@pytest.mark.system
def test_threads_and_a_fork_can_use_a_limiter(path: pathlib.Path) -> None:
    gates = make(path, 5), make(path, 5)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waits = [
            pool.submit(gates[n % 2].acquire, shard_id)
            for n, shard_id in enumerate([*range(8)] * 4)
        ]
        assert [not wait.result() for wait in waits].count(True) == 5
    gate = make(path.with_name("other"))
    child = os.fork()
    if not child:
        os._exit(bool(gate.acquire(0)))
    assert os.waitpid(child, 0)[1] == 0
    assert gate.acquire(0)
