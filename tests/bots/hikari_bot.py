"""A real hikari bot, started as its how-to says."""

from __future__ import annotations

import pathlib

import pytest
import small_discord
from bots import programs

pytest.importorskip("hikari")
PROGRAM = programs.read("hikari-bot.md")


def test_it_waits_for_the_reset_and_follows_the_rules(
    tmp_path: pathlib.Path,
) -> None:
    async def test() -> None:
        limit = {"max_concurrency": 2, "remaining": 3, "reset_after": 20}
        async with (
            small_discord.serve(shards=4, **limit) as discord,
            programs.run(PROGRAM, discord, tmp_path) as bot,
        ):
            assert bot.stdout
            await bot.stdout.readuntil(b"4 session starts needed, 3 left:\n")
            assert not discord.identifies
            await discord.until_online()
            await discord.invalidate(2)
            await discord.reconnect(1)
            await discord.until_online()
            assert sorted(discord.identifies) == [0, 1, 2, 2, 3]
            assert discord.resumes == [1]

    programs.play(test())


def test_two_processes_share_a_file(tmp_path: pathlib.Path) -> None:
    ids = "shard_count=4, shard_ids=map(int, os.environ['SHARD_IDS'].split(','))"
    program = programs.read_changed("hikari-bot.md")
    program = program.replace("plan_startup(info", f"plan_startup(info, {ids}")
    program = program.replace("my-bot.sqlite3", str(tmp_path / "my-bot.sqlite3"))

    async def test() -> None:
        async with (
            small_discord.serve(shards=4) as discord,
            programs.run(program, discord, tmp_path, SHARD_IDS="0,2"),
            programs.run(program, discord, tmp_path, SHARD_IDS="1,3"),
        ):
            await discord.until_online()
            assert sorted(discord.identifies) == [0, 1, 2, 3]

    programs.play(test())


def test_alone_it_identifies_again_too_soon(tmp_path: pathlib.Path) -> None:
    async def test() -> None:
        alone = PROGRAM.replace("dumps=encode", "")
        async with (
            small_discord.serve() as discord,
            programs.run(alone, discord, tmp_path),
        ):
            await discord.until_online()
            await discord.invalidate(0)
            await discord.until(lambda: bool(discord.broken))
            assert discord.identifies == [0, 0]

    programs.play(test())
