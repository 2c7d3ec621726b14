"""Draws the pictures of the documentation: `nox -s pictures`."""

from __future__ import annotations

import datetime
import itertools
import pathlib
import typing

import matplotlib as mpl
from matplotlib import pyplot

import hikari_sessions

HERE = pathlib.Path(__file__).parent
PERFORMANCE = HERE.parent / "performance"

# They are readable on white and on black.
GREY, BLUE = "#7a828c", "#3f7fbf"

OURS = "hikari-sessions"
# The tables have more of both.
PEERS = ("hikari", "attrs", "msgspec", "pydantic")
PLOTS = {
    "copy": ("copy a limit", "copy an info"),
    "deep-copy": ("deep-copy a limit", "deep-copy an info"),
}


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


def draw_plan() -> None:
    """Show how a fleet that is larger than its limit comes up, over two resets."""
    now = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)
    with hikari_sessions.use_clock(lambda: now):
        limit = hikari_sessions.SessionStartLimit(
            total=2000,
            remaining=700,
            reset_after=datetime.timedelta(hours=6),
            max_concurrency=16,
        )
        info = hikari_sessions.GatewayBotInfo(
            url="wss://a", shard_count=4096, session_start_limit=limit
        )
        plan = hikari_sessions.plan_startup(info, wait_for_reset=True)

    hours = [
        (batch.starts_at - now) / datetime.timedelta(hours=1)
        for batch in plan.batches
    ]
    started = list(
        itertools.accumulate(len(batch.shard_ids) for batch in plan.batches)
    )
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
    draw_plan()
    draw_performance()
