"""The README and the docs are true: their examples are run here."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
import typing

import conftest
import pytest
import sybil
import sybil.document
import sybil.parsers.markdown

import hikari_sessions
from hikari_sessions import cli

if typing.TYPE_CHECKING:
    import collections.abc

ROOT = pathlib.Path(__file__).parent.parent
# The response of GET /gateway/bot in Discord's documentation.
RESPONSE = """\
{"url": "wss://gateway.discord.gg/", "shards": 9, "session_start_limit":
{"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1}}"""

DOCUMENTS = {
    path.name: path for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
}


def run_command(example: sybil.Example) -> str | None:
    """Run our command as a console block shows it, and compare what it prints."""
    first, _, expected = example.parsed.partition("\n")
    assert first.startswith("$ ")
    first = first.removesuffix(" | python -m json.tool")
    command = re.split(r" && |\$ ", first)[-1]
    if command == "nox":
        # It's the very run that this test is a part of.
        return None
    name, *args = shlex.split(command)
    assert name == "hikari-sessions"
    cli.main(args)
    shown = example.namespace["capsys"].readouterr().out
    if "--json" in args:
        shown = json.dumps(json.loads(shown), indent=4) + "\n"
    return None if shown == expected else f"expected:\n{expected}\ngot:\n{shown}"


def compare_output(example: sybil.Example) -> str | None:
    """Compare what a program before this block has printed."""
    shown = example.namespace["capsys"].readouterr().out
    return (
        None
        if shown == example.parsed
        else f"expected:\n{example.parsed}\ngot:\n{shown}"
    )


def run_script(example: sybil.Example) -> str | None:
    """Run a shell script with stand-ins for what it calls, and see that it ends."""
    folder = pathlib.Path.cwd() / "bin"
    folder.mkdir()
    commands = {
        "curl": f"cat <<'END'\n{RESPONSE}\nEND",
        "hikari-sessions": f'{shlex.quote(sys.executable)} -m hikari_sessions "$@"',
    }
    for name, script in {
        **commands,
        "../restart-the-fleet": "touch restarted",
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "TOKEN": "none",
    }
    command = ["sh", "-c", example.parsed]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    assert pathlib.Path("restarted").exists()
    return None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> collections.abc.Iterator[None]:
    """Begin at 2026-11-23 18:00 UTC, and let only sleeping take time."""
    now = conftest.NOW
    yield_to_others = asyncio.sleep

    def sleep(seconds: float) -> None:
        nonlocal now
        now += datetime.timedelta(seconds=seconds)

    async def sleep_in_asyncio(seconds: float) -> None:
        sleep(seconds)
        await yield_to_others(0)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(asyncio, "sleep", sleep_in_asyncio)
    with hikari_sessions.use_clock(lambda: now):
        yield


PARSERS: list[typing.Any] = [
    sybil.parsers.markdown.PythonCodeBlockParser(),
    sybil.parsers.markdown.CodeBlockParser("console", run_command),
    sybil.parsers.markdown.CodeBlockParser("sh", run_script),
    sybil.parsers.markdown.CodeBlockParser("text", compare_output),
]


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - {"hikari-bot.md"}))
@pytest.mark.usefixtures("clock")
def test_every_example_is_true(
    name: str,
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("COLUMNS", "80")
    time.tzset()
    document = sybil.document.Document.parse(
        str(DOCUMENTS[name]), *PARSERS, encoding="utf-8"
    )
    document.namespace["capsys"] = capsys
    for example in document.examples():
        example.evaluate()


def test_the_readme_has_examples_of_each_kind() -> None:
    document = sybil.document.Document.parse(
        str(ROOT / "README.md"), *PARSERS, encoding="utf-8"
    )
    assert len(list(document.examples())) >= 5


def test_the_bot_of_the_how_to_waits_for_the_reset(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hikari = pytest.importorskip(
        "hikari",
        reason="hikari 2.7.0 needs Python 3.11 or later, and a newer attrs",
    )
    from hikari.impl import rest  # noqa: PLC0415

    limit = hikari.SessionStartLimit(
        total=1000,
        remaining=3,
        reset_after=datetime.timedelta(hours=4),
        max_concurrency=16,
    )
    info = hikari.GatewayBotInfo(
        url="wss://a", shard_count=20, session_start_limit=limit
    )
    calls: list[object] = []

    async def fetch(_client: object) -> object:
        return info

    async def note(*args: object, **kwargs: object) -> None:
        calls.append(kwargs or args[-1])

    sleep = asyncio.sleep

    async def skip_hours(delay: float) -> None:
        if delay > 3600:
            calls.append(delay)
        else:
            await sleep(delay)

    monkeypatch.setattr(rest.RESTClientImpl, "fetch_gateway_bot_info", fetch)
    monkeypatch.setattr(hikari.GatewayBot, "start", note)
    monkeypatch.setenv(
        "BOT_TOKEN", base64.b64encode(b"123456789012345678").decode() + ".not.real"
    )
    monkeypatch.setattr(hikari.GatewayBot, "join", note)
    monkeypatch.setattr(hikari.GatewayBot, "close", note)
    monkeypatch.setattr(asyncio, "sleep", skip_hours)
    document = sybil.document.Document.parse(
        str(DOCUMENTS["hikari-bot.md"]), *PARSERS, encoding="utf-8"
    )
    for example in document.examples():
        example.evaluate()

    waited, started, *_ = calls
    assert isinstance(waited, float)
    assert 14300 < waited <= 14401
    assert started == {"shard_count": 20, "shard_ids": tuple(range(20))}
    shown = capsys.readouterr().out
    assert shown.startswith("3 of 20 session starts are left:\nwaiting until ")
