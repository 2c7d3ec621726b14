"""Two processes of a real discord.py bot that share a file, or Redis."""

from __future__ import annotations

import collections.abc
import importlib.metadata
import pathlib
import shutil

import pytest
import redis_server
import small_discord
from bots import programs

pytestmark = pytest.mark.skipif(
    importlib.metadata.packages_distributions().get("discord") != ["discord.py"],
    reason="one library will do, and it's discord.py",
)


@pytest.fixture
def redis_url(tmp_path: pathlib.Path) -> collections.abc.Iterator[str]:
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server")
    path = tmp_path / "redis.sock"
    with redis_server.running(path):
        yield f"unix://{path}"


def run_processes(program: str, folder: pathlib.Path, **env: str) -> bool:
    """Start two processes, and say whether their shards broke a rule."""
    broken: list[str] = []

    async def test() -> None:
        async with (
            small_discord.serve(shards=4) as discord,
            programs.run(program, discord, folder, SHARD_IDS="0,1", **env),
            programs.run(program, discord, folder, SHARD_IDS="2,3", **env),
        ):
            await discord.until(
                lambda: bool(discord.broken) or len(discord.online) == 4
            )
            broken.extend(discord.broken)

    programs.play(test())
    return bool(broken)


def test_they_follow_the_rules_with_a_file(tmp_path: pathlib.Path) -> None:
    program = programs.read("sharing.md", "sqlite_bot.py")
    assert not run_processes(program, tmp_path, SHARD_COUNT="4")


def test_they_follow_the_rules_with_redis(
    tmp_path: pathlib.Path, redis_url: str
) -> None:
    program = programs.read("sharing.md", "redis_bot.py")
    env = {"SHARD_COUNT": "4", "REDIS_URL": redis_url}
    assert not run_processes(program, tmp_path, **env)


def test_alone_they_break_the_rules(tmp_path: pathlib.Path) -> None:
    program = programs.read("sharing.md", "sqlite_bot.py")
    alone = program.replace("before_identify_hook", "no_hook")
    assert run_processes(alone, tmp_path, SHARD_COUNT="4")
