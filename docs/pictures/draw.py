"""Draws the pictures of the documentation from real runs: `nox -s pictures`."""

from __future__ import annotations

import datetime
import io
import itertools
import os
import pathlib
import pty
import subprocess
import sys
import typing

import matplotlib as mpl
from matplotlib import pyplot
from rich import console, text

import hikari_sessions

HERE = pathlib.Path(__file__).parent
COLUMNS = 80


def run_in_terminal(*args: str) -> str:
    """Run the command in a terminal and return its output, colours included."""
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color",
        "TZ": "UTC",
    }
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "hikari_sessions", *args],
        stdin=theirs,
        stdout=theirs,
        env=environment,
    ):
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:
            pass  # Linux says so at the end of a terminal.
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def draw_command() -> None:
    """Show what the command says of the sample."""
    args = ["--sample", "--shard-count", "6"]
    recorder = console.Console(record=True, width=COLUMNS, file=io.StringIO())
    recorder.print(text.Text("$ hikari-sessions " + " ".join(args), style="bold"))
    recorder.print(text.Text.from_ansi(run_in_terminal(*args)))
    recorder.save_svg(
        str(HERE / "command.svg"), title="hikari-sessions", unique_id="command"
    )


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
        (window.starts_at - now) / datetime.timedelta(hours=1)
        for window in plan.windows
    ]
    started = list(
        itertools.accumulate(len(window.shard_ids) for window in plan.windows)
    )
    mpl.rcParams.update(
        {
            "svg.hashsalt": "plan",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
        }
    )
    made: typing.Any = pyplot.subplots(figsize=(8, 4), layout="constrained")
    figure, axes = made
    axes.step([0, *hours, hours[-1] + 2], [0, *started, started[-1]], where="post")
    for reset in (6, 30):
        axes.axvline(reset, color="0.6", linestyle=":", zorder=0)
        axes.annotate(
            "reset",
            (reset, 50),
            xytext=(4, 0),
            textcoords="offset points",
            color="0.4",
        )
    axes.set_ylim(0, 4400)
    axes.set_yticks([700, 2700, 4096])
    axes.grid(axis="y", color="0.9")
    axes.set_xlabel("hours from now")
    axes.set_ylabel("shards started")
    figure.savefig(HERE / "plan.svg", metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    draw_command()
    draw_plan()
