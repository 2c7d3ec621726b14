"""Runs the program of a page of the docs on a small Discord."""

from __future__ import annotations

import asyncio
import base64
import collections.abc
import contextlib
import os
import pathlib
import re
import sys

import small_discord

HERE = pathlib.Path(__file__).parent
DIFF = re.compile(r"^```diff\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text_of(page: str) -> str:
    return (HERE.parent.parent / "docs" / page).read_text(encoding="utf-8")


def read(page: str, name: str = "") -> str:
    """Return the program of a page, or the one whose first line has a name."""
    blocks: list[str] = BLOCK.findall(text_of(page))
    (program,) = (block for block in blocks if name in block.split("\n")[0])
    return program


def read_changed(page: str) -> str:
    """Return the program of a page with the changes that the page shows."""
    program = read(page)
    for hunk in DIFF.findall(text_of(page))[0].split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        old, new = (
            "".join(line[1:] for line in lines if line[0] in kept)
            for kept in (" -", " +")
        )
        assert program.count(old) == 1
        program = program.replace(old, new)
    return program


def play(test: collections.abc.Coroutine[object, object, None]) -> None:
    """Run a test, which takes half a minute at the most on a quiet machine."""
    asyncio.run(asyncio.wait_for(test, 120))


@contextlib.asynccontextmanager
async def run(
    program: str,
    discord: small_discord.SmallDiscord,
    folder: pathlib.Path,
    **environment: str,
) -> collections.abc.AsyncGenerator[asyncio.subprocess.Process, None]:
    """Run a program on the small Discord until the end of the block."""
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    # A token begins with an id, which hikari checks.
    token = base64.b64encode(b"1").decode() + ".not.real"
    environment |= {"BOT_TOKEN": token, "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "redirect.py"), str(discord.port), str(path)),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
