"""What the command shows: whether a fleet can start now, and when its shards would.

The text needs rich; the JSON doesn't.
"""

from __future__ import annotations

__all__ = ("Report", "check", "to_json", "to_text")

import collections.abc
import datetime
import itertools
import json
import math
import os
import typing

from hikari_sessions import protocols, rules, startup
from hikari_sessions.internal import time

if typing.TYPE_CHECKING:
    from rich import console, text

# How many batches are shown at either end of a long plan.
_SHOWN: typing.Final = 5

_INDENT: typing.Final = 16
_BAR: typing.Final = 40

_MILLISECOND: typing.Final = datetime.timedelta(milliseconds=1)
_SECOND: typing.Final = datetime.timedelta(seconds=1)
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
    shard_count: int,
    shard_ids: collections.abc.Collection[int] | None,
    identify_delay: datetime.timedelta,
    reserve: int,
    wait_for_reset: bool,
) -> Report:
    """Find out whether a fleet can start now."""
    now = time.local_datetime()
    plan: startup.StartupPlan | None
    try:
        plan, shortage = startup.judge_startup(
            info, shard_count, shard_ids, now, identify_delay, reserve
        )
    except rules.SessionStartLimitExceededError as error:
        plan, shortage = None, error
    ledger, reset_at = startup.ledger_at(info.session_start_limit, now)
    return Report(
        is_sample=is_sample,
        info=info,
        now=now,
        can_start=shortage is None,
        shard_count=shard_count,
        required=len(shard_ids or range(shard_count)),
        remaining=ledger.remaining,
        reserve=reserve,
        reset_at=reset_at,
        plan=None if shortage and not wait_for_reset else plan,
    )


def to_json(report: Report) -> str:
    """Write a report for a program."""
    limit, plan = report.info.session_start_limit, report.plan
    until_reset = report.reset_at - report.now
    batches = plan and [
        {"starts_at": batch.starts_at, "shard_ids": batch.shard_ids}
        for batch in plan.batches
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
        "reset_after": time.round_up(until_reset, _MILLISECOND),
        "reset_at": report.reset_at,
        "duration": plan and plan.duration.total_seconds(),
        "batches": batches,
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
    style = "green" if report.can_start else "bold red"
    with out.capture() as shown:
        if report.is_sample:
            out.print("A sample, not a response for your bot.", style="italic")
        for name, value in _rows(report, _bar(report, out, style)):
            label = f"{name:<{_INDENT}}"
            # The rest of a long value stands under its beginning.
            for part in value.wrap(out, max(_INDENT // 2, out.width - _INDENT)):
                part.rstrip()
                out.print(text.Text.assemble((label, "bold"), part))
                label = " " * _INDENT
        for line in _timeline(report.plan):
            out.print(line, no_wrap=True, overflow="ellipsis")
        for part in text.Text(_verdict(report), style).wrap(out, out.width):
            part.rstrip()
            out.print(part)
    return shown.get()


def _bar(report: Report, out: console.Console, style: str) -> text.Text:
    """Draw how many session starts are left."""
    from rich import text  # noqa: PLC0415

    width = max(1, min(_BAR, out.width - _INDENT))
    total = report.info.session_start_limit.total
    # Rounded up, so that a single session start shows.
    left = math.ceil(width * (min(report.remaining, total) / max(1, total)))
    full, empty = "#-" if out.options.ascii_only else "━─"
    return text.Text.assemble((full * left, style), (empty * (width - left), "dim"))


def _rows(
    report: Report, bar: text.Text
) -> collections.abc.Iterator[tuple[str, text.Text]]:
    from rich import text  # noqa: PLC0415

    limit, plan = report.info.session_start_limit, report.plan
    keys = _count(limit.max_concurrency, "rate limit key")
    shards = f"{report.required:,} of {report.shard_count:,}, with {keys}"
    kept = f", {report.reserve:,} kept in reserve" if report.reserve else ""
    left = f"{report.remaining:,} of {limit.total:,} left{kept}"
    reset = _moment(report.reset_at, report.now)
    if report.remaining >= limit.total:
        reset = "24 hours after the first identify"
    yield "Gateway", text.Text(report.info.url, overflow="fold")
    yield "Shards", text.Text(shards)
    yield "Session starts", text.Text(left)
    yield "", bar
    yield "Reset", text.Text(reset)
    if plan:
        last = plan.batches[-1].starts_at
        yield "Last shard", text.Text(_moment(last, report.now))


def _timeline(plan: startup.StartupPlan | None) -> list[str]:
    """List the batches, or only the first and last of a long plan."""
    batches = plan.batches if plan else ()
    hidden = len(batches) - 2 * _SHOWN
    if hidden > 1:
        batches = batches[:_SHOWN] + batches[-_SHOWN:]
    lines = [
        f"  {_local(batch.starts_at)}  {_ranges(batch.shard_ids)}"
        for batch in batches
    ]
    if hidden > 1:
        lines.insert(_SHOWN, f"  ... {hidden:,} more batches ...")
    return lines


def _verdict(report: Report) -> str:
    left = max(0, report.remaining - report.reserve)
    starts = _count(report.required, "session start")
    are = "is" if left == 1 else "are"
    free = "free" if report.reserve else "left"
    needs = f"it takes {starts}, and {f'{left:,}' if left else 'none'} {are} {free}"
    if not report.can_start:
        return f"The fleet can't start now: {needs}.\n{_advice(report)}"
    if report.required > left:
        needs += ", and the limit resets in time for the rest"
    return f"The fleet can start now: {needs}."


def _advice(report: Report) -> str:
    """Say what would let the fleet start."""
    total, reserve = report.info.session_start_limit.total, report.reserve
    if report.plan:
        advice = "The plan above waits for the reset."
    elif report.required <= total - reserve:
        after_reset = report.reset_at + rules.RESET_MARGIN
        advice = f"Wait until {_moment(after_reset, report.now)}."
    elif reserve < total:
        advice = "It takes more than one reset; --wait-for-reset shows a plan."
    else:
        advice = "No reset brings enough."
    if reserve and report.required <= report.remaining:
        enough = report.remaining - report.required
        advice += f" To start now, lower --reserve to {enough:,}."
    elif total - reserve < report.required <= total:
        enough = total - report.required
        advice += f" With a --reserve of {enough:,}, the next reset brings enough."
    return advice


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
    rest = time.round_up(time_span, _SECOND)
    parts: list[str] = []
    for name, seconds in _UNITS.items():
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(_count(count, name))
    return " ".join(parts[:2])
