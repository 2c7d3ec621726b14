"""Compares the package with its peers, and writes what the documentation shows.

Run it with `nox -s bench`. All times are ratios of medians in one run: how many
times as long as this package a peer takes.
"""

from __future__ import annotations

import copy
import functools
import gc
import importlib
import pathlib
import platform
import random
import re
import subprocess
import sys
import time
import tracemalloc
import typing
from importlib import metadata

import matplotlib as mpl
from benchmarks import peers
from matplotlib import pyplot

# It has no types.
pyperf: typing.Any = importlib.import_module("pyperf")

DOCS = pathlib.Path(__file__).parents[2] / "docs"
OURS = "hikari-sessions"

ROUNDS = 60
SECONDS_PER_TURN = 0.004
IMPORTS = 15
OBJECTS = 10_000

Operations: typing.TypeAlias = dict[str, dict[str, peers.Call]]
Medians: typing.TypeAlias = dict[str, dict[str, float]]


def operations() -> Operations:
    """List what is measured: for each operation, how each peer does it."""
    found: Operations = {
        name: {}
        for name in (
            "construct a limit",
            "copy a limit",
            "copy an info",
            "deep-copy a limit",
            "deep-copy an info",
        )
    }
    for peer, (limit_class, info_class) in peers.MODELS.items():
        limit = limit_class(**peers.LIMIT)
        info = info_class(**peers.INFO, session_start_limit=limit)
        calls: list[peers.Call] = [
            functools.partial(limit_class, **peers.LIMIT),
            functools.partial(copy.copy, limit),
            functools.partial(copy.copy, info),
            functools.partial(copy.deepcopy, limit),
            functools.partial(copy.deepcopy, info),
        ]
        for name, call in zip(found, calls, strict=True):
            found[name][peer] = call
    return {**found, "decode a payload": peers.decoders()}


def check(call: peers.Call) -> None:
    """See that what is measured does what the others do."""
    made: typing.Any = call()
    limit = getattr(made, "session_start_limit", made)
    if {
        name: getattr(limit, name) for name in peers.LIMIT
    } != peers.LIMIT or made is call():
        msg = f"{made!r} is not what was asked for"
        raise AssertionError(msg)


def time_loop(call: peers.Call, loops: int) -> float:
    turns = range(loops)
    start = time.perf_counter()
    for _ in turns:
        call()
    return time.perf_counter() - start


def measure(found: Operations) -> Medians:
    """Let the peers take turns, in another order each round, against noise."""
    calls = [
        (name, peer, call)
        for name, by_peer in found.items()
        for peer, call in by_peer.items()
    ]
    loops: dict[tuple[str, str], int] = {}
    for name, peer, call in calls:
        check(call)
        seconds = min(time_loop(call, 200) / 200 for _ in range(5))
        loops[name, peer] = max(1, int(SECONDS_PER_TURN / seconds))

    values: dict[tuple[str, str], list[float]] = {
        (name, peer): [] for name, peer, _ in calls
    }
    for _ in range(ROUNDS):
        random.shuffle(calls)
        for name, peer, call in calls:
            gc.collect()
            seconds = time_loop(call, loops[name, peer])
            values[name, peer].append(seconds / loops[name, peer])

    medians: Medians = {name: {} for name in found}
    for (name, peer), measured in values.items():
        medians[name][peer] = median(f"{name}, {peer}", measured)
    return medians


def median(name: str, values: list[float]) -> float:
    run = pyperf.Run(values, metadata={"name": name}, collect_metadata=False)
    return float(pyperf.Benchmark([run]).median())


def memory() -> dict[str, float]:
    """Weigh one limit without its values, in bytes."""
    sizes: dict[str, float] = {}
    for peer, (limit_class, _) in peers.MODELS.items():
        limit = limit_class(**peers.LIMIT)
        copies: list[object] = [None] * OBJECTS
        tracemalloc.start()
        for index in range(OBJECTS):
            copies[index] = copy.copy(limit)
        sizes[peer] = tracemalloc.get_traced_memory()[0] / OBJECTS
        tracemalloc.stop()
    return sizes


def import_times() -> dict[str, float]:
    """Import each in new processes, and give the medians in seconds, less attrs."""
    modules = ("hikari_sessions", "hikari.sessions", "pydantic", "msgspec")
    values: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(IMPORTS):
        for module, measured in values.items():
            code = f"""if True:
                import attrs, time
                start = time.perf_counter()
                import {module}
                print(time.perf_counter() - start)
            """
            command = [sys.executable, "-c", code]
            measured.append(float(subprocess.check_output(command)))
    return {module: median(module, measured) for module, measured in values.items()}


def cpu() -> str:
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*:\s*(.+)", text)
    return model[1].strip() if model else platform.machine()


def table(
    medians: Medians, sizes: dict[str, float], imports: dict[str, float]
) -> str:
    columns = [peer for peer in [*peers.MODELS, "cattrs"] if peer != OURS]
    lines = [f"| | {' | '.join(columns)} |", f"| --- |{' ---: |' * len(columns)}"]
    for name, values in {**medians, "memory of a limit": sizes}.items():
        cells = [
            f"{values[peer] / values[OURS]:.2f}" if peer in values else ""
            for peer in columns
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")

    times = [f"`{module}` {imports[module] * 1000:.0f} ms" for module in imports]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    names = ("attrs", "hikari", "msgspec", "pydantic", "cattrs")
    versions = [f"{name} {metadata.version(name)}" for name in names]
    lines += ["", f"Importing, once attrs is imported: {', '.join(times)}."]
    lines += ["", f"{python}, {cpu()}; {', '.join(versions)}.", ""]
    return "\n".join(lines)


def plot(medians: Medians, path: pathlib.Path) -> None:
    mpl.rcParams.update(
        {"svg.hashsalt": OURS, "svg.fonttype": "none", "font.family": "sans-serif"}
    )
    made: typing.Any = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    figure, axes = made
    names = list(reversed(medians))
    for peer in [*peers.MODELS, "cattrs"]:
        rows = [row for row, name in enumerate(names) if peer in medians[name]]
        ratios = [
            medians[names[row]][peer] / medians[names[row]][OURS] for row in rows
        ]
        axes.plot(
            ratios, rows, "D" if peer == OURS else "o", label=peer, alpha=0.85
        )
    axes.axvline(1, color="0.6", linewidth=1, zorder=0)
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 5, 10, 20], ["½", "1", "2", "5", "10", "20"])
    axes.minorticks_off()
    axes.set_yticks(range(len(names)), names)
    axes.grid(axis="y", color="0.9")
    axes.set_xlabel(f"times as long as {OURS} takes: further right is slower")
    figure.legend(loc="outside right center")
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def main() -> None:
    medians, sizes, imports = measure(operations()), memory(), import_times()
    text = table(medians, sizes, imports)
    print(text)
    python = "{}.{}".format(*sys.version_info)
    (DOCS / "performance").mkdir(exist_ok=True)
    (DOCS / "performance" / f"python-{python}.md").write_text(
        text, encoding="utf-8"
    )
    plot(medians, DOCS / "performance" / f"python-{python}.svg")


if __name__ == "__main__":
    main()
