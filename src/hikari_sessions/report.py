"""What the command shows: whether a fleet can start now, and when its shards would.

The text needs rich; the JSON doesn't.
"""

from __future__ import annotations

__all__ = ("Report", "check", "to_json", "to_text")

import collections.abc
import contextlib
import datetime
import itertools
import json
import os
import typing

from hikari_sessions import limiter, protocols, startup
from hikari_sessions.internal import time

if typing.TYPE_CHECKING:
    from rich import text

# How many windows are shown at either end of a long plan.
_SHOWN: typing.Final = 5

_INDENT: typing.Final = 16
_BAR: typing.Final = 40

_UNITS: typing.Final = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


class Report(typing.NamedTuple):
    """Whether a fleet can start now, and why."""

    is_sample: bool
    info: protocols.GatewayBotInfoLike
    now: datetime.datetime
    can_start: bool
    shard_count: int
    required: int
    remaining: int
    reserve: int
    reset_at: datetime.datetime
    plan: startup.StartupPlan | None


def check(
    info: protocols.GatewayBotInfoLike,
    *,
    is_sample: bool,
    wait_for_reset: bool,
    **options: typing.Any,
) -> Report:
    """Find out whether a fleet can start now; the options are `plan_startup`'s."""
    now = time.local_datetime()
    plan, can_start = None, True
    try:
        plan = startup.plan_startup(info, starts_at=now, **options)
    except limiter.SessionStartLimitExceededError:
        can_start = False
    if wait_for_reset and not can_start:
        options["wait_for_reset"] = True
        with contextlib.suppress(limiter.SessionStartLimitExceededError):
            plan = startup.plan_startup(info, starts_at=now, **options)
    remaining, reset_at = limiter.left_at(info.session_start_limit, now)
    shard_count = options["shard_count"] or info.shard_count
    return Report(
        is_sample=is_sample,
        info=info,
        now=now,
        can_start=can_start,
        shard_count=shard_count,
        required=len(options["shard_ids"] or range(shard_count)),
        remaining=remaining,
        reserve=options["reserve"],
        reset_at=reset_at,
        plan=plan,
    )


def to_json(report: Report) -> str:
    """Write a report for a program."""
    limit, plan = report.info.session_start_limit, report.plan
    until_reset = report.reset_at - report.now
    windows = plan and [
        {"starts_at": window.starts_at, "shard_ids": window.shard_ids}
        for window in plan.windows
    ]
    values = {
        "sample": report.is_sample,
        "can_start": report.can_start,
        "url": report.info.url,
        "shard_count": report.shard_count,
        "max_concurrency": limit.max_concurrency,
        "total": limit.total,
        "remaining": report.remaining,
        "used": limit.total - report.remaining,
        "reserve": report.reserve,
        "required": report.required,
        # Rounded up.
        "reset_after": -(-until_reset // datetime.timedelta(milliseconds=1)),
        "reset_at": report.reset_at,
        "duration": plan and plan.duration.total_seconds(),
        "windows": windows,
    }
    return json.dumps(values, default=datetime.datetime.isoformat) + "\n"


def to_text(report: Report) -> str:
    """Write a report for people, as wide as their terminal."""
    from rich import console, text  # noqa: PLC0415

    out = console.Console(
        # With NO_COLOR, rich would still write bold and faint.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
    )
    width = min(_BAR, out.width - _INDENT)
    total = report.info.session_start_limit.total
    # Rounded up, so that a single session start shows.
    left = -(-width * min(report.remaining, total) // max(1, total))
    full, empty = "#-" if out.options.ascii_only else "━─"
    parts = (full * left, "green"), (empty * (width - left), "dim")
    with out.capture() as shown:
        if report.is_sample:
            out.print("A sample, not a response for your bot.", style="italic")
        for name, value in _rows(report, text.Text.assemble(*parts)):
            out.print(text.Text.assemble((f"{name:<{_INDENT}}", "bold"), value))
        for line in _timeline(report.plan):
            out.print(line, no_wrap=True, overflow="ellipsis")
        style = "green" if report.can_start else "bold red"
        out.print(_verdict(report), style=style)
    return shown.get()


def _rows(
    report: Report, bar: text.Text
) -> collections.abc.Iterator[tuple[str, str | text.Text]]:
    limit, plan = report.info.session_start_limit, report.plan
    keys = _count(limit.max_concurrency, "rate limit key")
    kept = f", {report.reserve:,} kept in reserve" if report.reserve else ""
    reset = _moment(report.reset_at, report.now)
    if report.remaining == limit.total:
        reset = "24 hours after the first identify"
    yield "Gateway", report.info.url
    yield "Shards", f"{report.required:,} of {report.shard_count:,}, with {keys}"
    yield "Session starts", f"{report.remaining:,} of {limit.total:,} left{kept}"
    yield "", bar
    yield "Reset", reset
    if plan:
        yield "Last shard", _moment(plan.windows[-1].starts_at, report.now)


def _timeline(plan: startup.StartupPlan | None) -> list[str]:
    """List the windows, or those at both ends of a long plan."""
    windows = plan.windows if plan else ()
    hidden = len(windows) - 2 * _SHOWN
    if hidden > 1:
        windows = windows[:_SHOWN] + windows[-_SHOWN:]
    lines = [
        f"  {_local(window.starts_at)}  {_ranges(window.shard_ids)}"
        for window in windows
    ]
    if hidden > 1:
        lines.insert(_SHOWN, f"  ... {hidden:,} more windows ...")
    return lines


def _verdict(report: Report) -> str:
    total, reserve = report.info.session_start_limit.total, report.reserve
    left = max(0, report.remaining - reserve)
    starts = _count(report.required, "session start")
    are = "is" if left == 1 else "are"
    needs = f"it takes {starts}, and {left:,} {are} {'free' if reserve else 'left'}"
    if report.can_start:
        if report.required > left:
            needs += ", and the limit resets in time for the rest"
        return f"The fleet can start now: {needs}."
    if report.plan:
        advice = "The plan above waits for the reset"
    elif total > reserve:
        advice = "Wait for the reset; --wait-for-reset shows a plan"
    else:
        advice = "No reset brings enough"
        advice += "; lower --reserve" if reserve else ""
    return f"The fleet can't start now: {needs}.\n{advice}."


def _ranges(shard_ids: tuple[int, ...]) -> str:
    """Write ids as `--shard-ids` takes them."""
    runs: list[str] = []
    places = itertools.count()
    # Within a run, each id minus its place is the same.
    for _, ids in itertools.groupby(shard_ids, lambda id_: id_ - next(places)):
        first, *rest = ids
        runs.append(f"{first}-{rest[-1]}" if rest else f"{first}")
    return ",".join(runs)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _moment(moment: datetime.datetime, now: datetime.datetime) -> str:
    when = f"in {_length(moment - now)}" if moment > now else "now"
    return f"{_local(moment)}, {when}"


def _local(moment: datetime.datetime) -> str:
    """Write a moment in the system's time zone, with its offset at that moment."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S %Z}"


def _length(time_span: datetime.timedelta) -> str:
    """Write how long something takes, rounded up, in its two largest units."""
    rest = -(-time_span // datetime.timedelta(seconds=1))
    parts: list[str] = []
    for name, seconds in _UNITS.items():
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(_count(count, name))
    return " ".join(parts[:2])
