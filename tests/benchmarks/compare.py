"""Compares the package with its peers, and writes the tables of the documentation.

Run it with `nox -s bench`, and `nox -s pictures` draws them. All times are ratios
of medians in one run: how many times as long as this package a peer takes.
"""

from __future__ import annotations

import collections
import copy
import functools
import pathlib
import platform
import random
import re
import statistics
import subprocess
import sys
import timeit
import tracemalloc
import typing
from importlib import metadata

import attrs
from benchmarks.peers import INFO, LIMIT, MODELS, OURS, Call, decoders
from hikari.internal import attrs_extensions

import hikari_sessions

FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "performance"
VERSION = "{}.{}".format(*sys.version_info)
ROUNDS = 60
SECONDS_PER_TURN = 0.004
IMPORTS = 15
OBJECTS = 10_000

DECORATORS: dict[str, typing.Callable[[type], type]] = {
    OURS: hikari_sessions.with_copy,
    "hikari": attrs_extensions.with_copy,
    "attrs": lambda cls: cls,
}

# What was measured, of each peer, for each operation.
Medians: typing.TypeAlias = dict[str, dict[str, float]]


def operations() -> dict[str, dict[str, Call]]:
    """List what is measured: for each operation, how each peer does it."""
    partial = functools.partial
    found: dict[str, dict[str, Call]] = collections.defaultdict(dict)
    for peer, (limit_class, info_class) in MODELS.items():
        limit = limit_class(**LIMIT)
        info = info_class(**INFO, session_start_limit=limit)
        found["construct a limit"][peer] = partial(limit_class, **LIMIT)
        found["copy a limit"][peer] = partial(copy.copy, limit)
        found["copy a gateway info"][peer] = partial(copy.copy, info)
        found["deep-copy a limit"][peer] = partial(copy.deepcopy, limit)
        found["deep-copy a gateway info"][peer] = partial(copy.deepcopy, info)
    for peer, decorate in DECORATORS.items():
        cls = decorate(attrs.make_class("Model", [*LIMIT, "ids"], kw_only=True))
        model = cls(**LIMIT, ids=[0, 1, 2])
        found["deep-copy with a list"][peer] = partial(copy.deepcopy, model)
    return {**found, "decode a payload": decoders()}


def check(call: Call) -> None:
    """Check that a call makes a new object with the given values."""
    made: typing.Any = call()
    limit = getattr(made, "session_start_limit", made)
    assert made is not call()
    assert {name: getattr(limit, name) for name in LIMIT} == LIMIT


def measure(found: dict[str, dict[str, Call]]) -> Medians:
    """Have the peers take turns, in a new order each round, to even out noise."""
    timers: dict[tuple[str, str], tuple[timeit.Timer, int]] = {}
    for name, calls in found.items():
        for peer, call in calls.items():
            check(call)
            timer = timeit.Timer(call)
            seconds = min(timer.repeat(5, 200)) / 200
            timers[name, peer] = timer, int(SECONDS_PER_TURN / seconds) + 1

    values: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
    for _ in range(ROUNDS):
        for key in random.sample(list(timers), len(timers)):
            timer, loops = timers[key]
            values[key].append(timer.timeit(loops) / loops)
    return {
        name: {peer: statistics.median(values[name, peer]) for peer in calls}
        for name, calls in found.items()
    }


def memory() -> dict[str, float]:
    """Weigh one limit without its values, in bytes."""
    sizes: dict[str, float] = {}
    for peer, (limit_class, _) in MODELS.items():
        limit = limit_class(**LIMIT)
        copies: list[object] = [None] * OBJECTS
        tracemalloc.start()
        for index in range(OBJECTS):
            copies[index] = copy.copy(limit)
        sizes[peer] = tracemalloc.get_traced_memory()[0] / OBJECTS
        tracemalloc.stop()
    return sizes


def import_time(module: str) -> str:
    """Import a module in new processes, and give the median, less attrs."""
    code = f"""if True:
        import attrs, time
        start = time.perf_counter()
        import {module}
        print(time.perf_counter() - start)
    """
    command = [sys.executable, "-c", code]
    times = [float(subprocess.check_output(command)) for _ in range(IMPORTS)]
    return f"`{module}` {statistics.median(times) * 1000:.0f} ms"


def table(medians: Medians) -> str:
    columns = [*MODELS, "cattrs"][1:]
    lines = [f"| Python {VERSION} | {' | '.join(columns)} |"]
    lines += [f"| --- |{' ---: |' * len(columns)}"]
    for name, values in {**medians, "memory of a limit": memory()}.items():
        cells = [
            f"{values[peer] / values[OURS]:.2f}" if peer in values else ""
            for peer in columns
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")

    modules = ("hikari_sessions", "hikari.sessions", "pydantic", "msgspec")
    times = ", ".join(map(import_time, modules))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    cpu = re.search(r"model name\s*:\s*(.+)", info)
    names = ("attrs", "hikari", "msgspec", "pydantic", "cattrs")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    lines += ["", f"Importing, once attrs is imported: {times}.", ""]
    lines += [f"{python}, {cpu[1] if cpu else platform.machine()}; {versions}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    measured = measure(operations())
    page = FOLDER / f"python-{VERSION}.md"
    page.write_text(table(measured), encoding="utf-8")
    print(page.read_text(encoding="utf-8"))
