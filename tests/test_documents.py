"""The README and the docs are true: their examples are run here."""

from __future__ import annotations

import asyncio
import asyncio.events
import datetime
import importlib
import importlib.util
import json
import pathlib
import re
import runpy
import selectors
import shlex
import subprocess
import sys
import time
import typing

import pytest
import sybil
import sybil.document
import sybil.evaluators.python
import sybil.parsers.markdown
from given import NOW

import hikari_sessions
from hikari_sessions import cli

if typing.TYPE_CHECKING:
    import collections.abc

ROOT = pathlib.Path(__file__).parent.parent

DOCUMENTS = {
    path.name: path for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
}

# `nox -s bots` runs the real bots, including the ones in `sharing.md`.
BOTS = {"discord-bot.md", "hikari-bot.md"}
# They start processes, or need what only one interpreter has.
SLOW = {"limiter.md", "startup.md", "testing.md", "tutorial.md"}
PAGES = [
    pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
    for name in sorted(DOCUMENTS.keys() - BOTS)
]


def run_python(example: sybil.Example) -> None:
    """Run a block of Python, or write it to the file that its first line names."""
    if name := re.match(r"# (\w+\.py)\n", example.parsed):
        pathlib.Path(name[1]).write_text(example.parsed, encoding="utf-8")
    else:
        sybil.evaluators.python.PythonEvaluator()(example)


def run_command(example: sybil.Example) -> str | None:
    """Run a command as a console block shows it, and compare what it prints."""
    first, _, expected = example.parsed.partition("\n")
    assert first.startswith("$ ")
    first = first.removesuffix(" | python -m json.tool")
    command = re.split(r" && |\$ ", first)[-1]
    if command == "nox":
        # It's the very run that this test is a part of.
        return None
    name, *args = shlex.split(command)
    capsys = example.namespace["capsys"]
    if name == "hikari-sessions":
        with hikari_sessions.use_clock(lambda: NOW):
            cli.main(args)
        shown = capsys.readouterr().out
        if "--json" in args:
            shown = json.dumps(json.loads(shown), indent=4) + "\n"
    elif args[:2] == ["-m", "pytest"]:
        pytest_run = subprocess.run(
            [sys.executable, *args], capture_output=True, check=True, text=True
        )
        shown = re.sub(r" in \d+\.\d+s", " in 0.03s", pytest_run.stdout)
        expected = re.sub(r" in \d+\.\d+s", " in 0.03s", expected)
    else:
        assert name == "python"
        importlib.invalidate_caches()
        for path in pathlib.Path.cwd().glob("*.py"):
            sys.modules.pop(path.stem, None)
        runpy.run_path(args[0], run_name="__main__")
        shown = capsys.readouterr().out
    return None if shown == expected else f"expected:\n{expected}\ngot:\n{shown}"


def compare_output(example: sybil.Example) -> str | None:
    """Compare what a program before this block has printed."""
    shown = example.namespace["capsys"].readouterr().out
    return (
        None
        if shown == example.parsed
        else f"expected:\n{example.parsed}\ngot:\n{shown}"
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> collections.abc.Iterator[None]:
    """Begin at 2026-11-23 18:00 UTC; only sleeping takes time."""
    now = NOW

    def sleep(seconds: float) -> None:
        nonlocal now
        now += datetime.timedelta(seconds=seconds)

    async def sleep_in_trio(seconds: float) -> None:
        sleep(seconds)

    class Selector(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> list[typing.Any]:
            """When all tasks sleep, skip to the next timer."""
            if timeout:
                sleep(timeout)
            return super().select(0 if timeout else timeout)

    class EventLoop(asyncio.SelectorEventLoop):
        def time(self) -> float:
            return (now - NOW).total_seconds()

    monkeypatch.setattr(
        asyncio.events, "new_event_loop", lambda: EventLoop(Selector())
    )
    monkeypatch.setattr(time, "sleep", sleep)
    if importlib.util.find_spec("trio"):
        monkeypatch.setattr("trio.sleep", sleep_in_trio)
    with hikari_sessions.use_clock(lambda: now, sleep=asyncio.sleep):
        yield


PARSERS: list[typing.Any] = [
    sybil.parsers.markdown.CodeBlockParser("python", run_python),
    sybil.parsers.markdown.CodeBlockParser("console", run_command),
    sybil.parsers.markdown.CodeBlockParser("text", compare_output),
]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("clock")
def test_every_example_is_true(
    name: str,
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name == "startup.md":
        pytest.importorskip("cattrs", reason="needs a newer attrs")
    monkeypatch.chdir(tmp_path)
    # The programs of a page import each other.
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("COLUMNS", "80")
    time.tzset()
    document = sybil.document.Document.parse(
        str(DOCUMENTS[name]), *PARSERS, encoding="utf-8"
    )
    document.namespace["capsys"] = capsys
    for example in document.examples():
        example.evaluate()
