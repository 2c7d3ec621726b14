"""A real bot with discord.py or one of its forks, started as the how-to says."""

from __future__ import annotations

import importlib.util
import pathlib

import pytest
import small_discord
from bots import programs

# py-cord is imported as discord, and nextcord brings both names.
NAMES = "disnake", "nextcord", "discord"
LIBRARY = next(filter(importlib.util.find_spec, NAMES), "discord")
pytest.importorskip(LIBRARY)
PROGRAM = programs.read("discord-bot.md").replace(
    "import discord\n", f"import {LIBRARY} as discord\n"
)


def test_it_follows_the_rules(tmp_path: pathlib.Path) -> None:
    async def test() -> None:
        async with (
            small_discord.serve(shards=6, max_concurrency=2) as discord,
            programs.run(PROGRAM, discord, tmp_path),
        ):
            await discord.until_online()
            await discord.invalidate(4)
            await discord.reconnect(1)
            await discord.until_online()
            assert sorted(discord.identifies) == [0, 1, 2, 3, 4, 4, 5]
            assert discord.resumes == [1]

    programs.play(test())


def test_alone_it_runs_past_its_session_starts(tmp_path: pathlib.Path) -> None:
    async def test() -> None:
        alone = PROGRAM.replace("before_identify_hook", "no_hook")
        async with (
            small_discord.serve(shards=2, remaining=1) as discord,
            programs.run(alone, discord, tmp_path) as bot,
        ):
            await discord.until(lambda: bool(discord.broken or bot.returncode))
            # disnake alone refuses to start.
            started = [] if LIBRARY == "disnake" else [0, 1]
            assert discord.identifies == started

    programs.play(test())
