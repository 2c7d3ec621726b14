"""The README and the docs are true: their examples are run here."""

from __future__ import annotations

import io
import pathlib
import re
import shlex
import sys
import time
import typing

import pytest
import sybil
import sybil.document
import sybil.parsers.markdown

from hikari_sessions import cli

ROOT = pathlib.Path(__file__).parent.parent
# What Discord's documentation shows as the answer of GET /gateway/bot, for the commands that fetch it.
ANSWER = """{"url": "wss://gateway.discord.gg/", "shards": 9, "session_start_limit":
    {"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1}}"""

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def run_command(example: sybil.Example) -> str | None:
    """Run what a console block shows of our own command, and compare what it prints."""
    first, _, expected = example.parsed.partition("\n")
    assert first.startswith("$ ")
    command = re.split(r" && | \| |\$ ", first)[-1]
    if command == "nox":
        # It is the very run that this test is a part of.
        return None
    name, *args = shlex.split(command)
    assert name == "hikari-sessions"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(ANSWER))
        cli.main(args)
    shown = example.namespace["capsys"].readouterr().out
    return None if shown == expected else f"expected:\n{expected}\ngot:\n{shown}"


PARSERS: list[typing.Any] = [
    sybil.parsers.markdown.PythonCodeBlockParser(),
    sybil.parsers.markdown.CodeBlockParser("console", run_command),
]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
@pytest.mark.usefixtures("now")
def test_every_example_is_true(
    path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("COLUMNS", "80")
    time.tzset()
    document = sybil.document.Document.parse(str(path), *PARSERS, encoding="utf-8")
    document.namespace["capsys"] = capsys
    for example in document.examples():
        example.evaluate()


def test_the_readme_has_examples_of_each_kind() -> None:
    document = sybil.document.Document.parse(str(ROOT / "README.md"), *PARSERS, encoding="utf-8")
    assert len(list(document.examples())) >= 5
