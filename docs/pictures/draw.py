"""Draws the pictures of the documentation: `nox -s pictures`."""

from __future__ import annotations

import contextlib
import datetime
import io
import itertools
import os
import pathlib
import time
import typing

import matplotlib as mpl
from matplotlib import pyplot
from rich import console, text

import hikari_sessions
from hikari_sessions import cli

HERE = pathlib.Path(__file__).parent
PERFORMANCE = HERE.parent / "performance"

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)

# They are readable on white and on black.
GREY, BLUE = "#7a828c", "#3f7fbf"

OURS = "hikari-sessions"
# The tables have more of both.
PEERS = ("hikari", "attrs", "msgspec", "pydantic")
PLOTS = {
    "copy": ("copy a limit", "copy a gateway info"),
    "deep-copy": ("deep-copy a limit", "deep-copy a gateway info"),
}

WIDTH = 56  # of the terminal
ANSWERS = {"yes": "--sample", "no": "--sample --shard-count 1000"}
# As rich's own, without the fonts that it fetches.
TERMINAL = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="480" role="img" aria-labelledby="title">
<title id="title">TITLE</title>
<style>
text {{ font: {char_height}px ui-monospace, Menlo, Consolas, monospace }}
{styles}
</style>
<defs>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{matrix}
</g>
</svg>
"""


def subplots(rows: int, height: float) -> tuple[typing.Any, typing.Any]:
    """Make a figure without a background, narrow enough for a phone."""
    mpl.rcParams.update(
        {
            "axes.edgecolor": GREY,
            "axes.labelcolor": GREY,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlecolor": GREY,
            "font.family": "sans-serif",
            "font.size": 11,
            "savefig.transparent": True,
            "svg.fonttype": "none",
            "svg.hashsalt": OURS,
            "text.color": GREY,
            "xtick.color": GREY,
            "ytick.color": GREY,
        }
    )
    made: typing.Any = pyplot.subplots(
        rows, figsize=(5, height), layout="constrained", squeeze=False
    )
    figure, axes = made
    return figure, axes[:, 0]


def save(figure: typing.Any, path: pathlib.Path) -> None:
    """Write the same bytes each time."""
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def plan(
    shard_count: int, remaining: int, hours: float, keys: int
) -> tuple[list[float], list[tuple[int, ...]]]:
    """Return when the batches of a plan start, in hours, and their shards."""
    with hikari_sessions.use_clock(lambda: NOW):
        limit = hikari_sessions.SessionStartLimit(
            total=2000,
            remaining=remaining,
            reset_after=datetime.timedelta(hours=hours),
            max_concurrency=keys,
        )
        info = hikari_sessions.GatewayBotInfo(
            url="wss://a", shard_count=shard_count, session_start_limit=limit
        )
        batches = hikari_sessions.plan_startup(info, wait_for_reset=True).batches
    hour = datetime.timedelta(hours=1)
    return (
        [(batch.starts_at - NOW) / hour for batch in batches],
        [batch.shard_ids for batch in batches],
    )


def draw_time_line() -> None:
    """Show when the shards of two rate limit keys identify, around a reset."""
    hours, batches = plan(8, remaining=900, hours=20 / 3600, keys=2)
    seconds = [hour * 3600 for hour in hours]
    figure, (axes,) = subplots(1, 2.2)
    axes.axvspan(10, 30, color=GREY, alpha=0.25, linewidth=0)
    axes.axvline(20, color=GREY, linestyle=":")
    axes.text(20, -0.75, "reset ", ha="right")
    axes.text(15, 0.5, "no shard\nidentifies", ha="center", va="center")
    for second, shard_ids in zip(seconds, batches, strict=True):
        for shard_id in shard_ids:
            place = second, shard_id % 2
            axes.plot(*place, "o", color=BLUE, markersize=18)
            axes.text(
                *place, shard_id, color="white", ha="center", va="center_baseline"
            )
    axes.set_xlim(-2, seconds[-1] + 2)
    axes.set_xticks(
        [0, 5.5, 10, 20, 30, 35.5], ["0", "5.5", "10", "20", "30", "35.5"]
    )
    axes.set_xlabel("seconds from now")
    axes.set_ylim(1.6, -1)
    axes.set_yticks([0, 1], ["key 0", "key 1"])
    save(figure, HERE / "time-line.svg")


def draw_plan() -> None:
    """Show how a fleet that is larger than its limit comes up, over two resets."""
    hours, batches = plan(4096, remaining=700, hours=6, keys=16)
    started = list(itertools.accumulate(map(len, batches)))
    figure, (axes,) = subplots(1, 3)
    axes.step(
        [0, *hours, hours[-1] + 4],
        [0, *started, started[-1]],
        color=BLUE,
        linewidth=2,
        where="post",
    )
    for reset in (6, 30):
        axes.axvline(reset, color=GREY, linestyle=":", zorder=0)
        axes.text(reset + 0.5, 60, "reset")
    for hour, shards in ((1, 700), (10, 2700), (31, 4096)):
        axes.text(hour, shards + 90, f"{shards:,}", color=BLUE)
    axes.set_ylim(0, 4600)
    axes.set_yticks([])
    axes.set_xticks([0, 6, 12, 18, 24, 30, 36])
    axes.set_xlabel("hours from now")
    axes.set_ylabel("shards started")
    save(figure, HERE / "plan.svg")


def draw_command() -> None:
    """Show the command in colour: once it says yes, and once no."""
    os.environ |= {"COLUMNS": str(WIDTH), "TERM": "xterm", "TZ": "UTC"}
    os.environ |= {"FORCE_COLOR": "1", "NO_COLOR": ""}
    time.tzset()
    for answer, arguments in ANSWERS.items():
        shown = io.StringIO()
        clock = hikari_sessions.use_clock(lambda: NOW)
        with clock, contextlib.redirect_stdout(shown):
            shown.write(f"$ hikari-sessions {arguments}\n")
            cli.main(arguments.split())
        terminal = console.Console(file=io.StringIO(), record=True, width=WIDTH)
        terminal.print(text.Text.from_ansi(shown.getvalue().rstrip()))
        title = f"hikari-sessions answers {answer}, in colour."
        picture = terminal.export_svg(
            code_format=TERMINAL.replace("TITLE", title), title="", unique_id=answer
        )
        (HERE / f"command-{answer}.svg").write_text(picture, encoding="utf-8")


def draw_performance() -> None:
    """Draw a part of the newest table that `nox -s bench` has written."""
    table = max(PERFORMANCE.glob("*.md")).read_text(encoding="utf-8")
    lines = table.split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    (_, *names), _, *operations = rows
    ratios = {
        operation: dict(zip(names, cells, strict=True))
        for operation, *cells in operations
    }
    for plot, shown in PLOTS.items():
        figure, panels = subplots(len(shown), 1.9 * len(shown))
        for axes, operation in zip(panels, shown, strict=True):
            values = [1.0, *(float(ratios[operation][peer]) for peer in PEERS)]
            bars = axes.barh(
                [OURS, *PEERS], values, color=[BLUE, *[GREY] * len(PEERS)]
            )
            axes.bar_label(bars, fmt="%.1f", padding=4)
            axes.set_title(operation, loc="left")
            axes.invert_yaxis()
            axes.set_xticks([])
            axes.spines["bottom"].set_visible(False)
            axes.tick_params(length=0)
            axes.margins(x=0.15)
        save(figure, PERFORMANCE / f"{plot}.svg")


if __name__ == "__main__":
    draw_time_line()
    draw_plan()
    draw_command()
    draw_performance()
