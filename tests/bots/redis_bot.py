"""Two processes of a real discord.py bot that share a limiter in Redis."""

from __future__ import annotations

import collections.abc
import importlib.metadata
import pathlib
import shutil

import pytest
import redis_server
import small_discord
from bots import programs

PROGRAM = programs.read("redis.md")

pytestmark = [
    pytest.mark.skipif(
        not shutil.which("redis-server"), reason="there is no redis-server"
    ),
    pytest.mark.skipif(
        importlib.metadata.packages_distributions().get("discord")
        != ["discord.py"],
        reason="one library will do, and it's discord.py",
    ),
]


@pytest.fixture
def redis_url(tmp_path: pathlib.Path) -> collections.abc.Iterator[str]:
    path = tmp_path / "redis.sock"
    with redis_server.running(path):
        yield f"unix://{path}"


@pytest.mark.parametrize("is_shared", [True, False], ids=["shared", "alone"])
def test_two_processes_follow_the_rules_if_they_share_the_limiter(
    tmp_path: pathlib.Path, redis_url: str, *, is_shared: bool
) -> None:
    program = (
        PROGRAM if is_shared else PROGRAM.replace("before_identify_hook", "no_hook")
    )
    both = {"SHARD_COUNT": "4", "REDIS_URL": redis_url}

    async def test() -> None:
        async with (
            small_discord.serve(shards=4) as discord,
            programs.run(program, discord, tmp_path, SHARD_IDS="0,1", **both),
            programs.run(program, discord, tmp_path, SHARD_IDS="2,3", **both),
        ):
            await discord.until(
                lambda: bool(discord.broken) or len(discord.online) == 4
            )
            assert bool(discord.broken) != is_shared

    programs.play(test())
