"""The command line, which tells whether a fleet may start now.

It exits with 0 if the fleet can start, with 1 if there are not enough session
starts left, and with 2 if the input or the usage is wrong.
"""

from __future__ import annotations

__all__ = ("main",)

import argparse
import contextlib
import datetime
import io
import json
import os
import re
import shutil
import sys
import typing

import hikari_sessions
from hikari_sessions.internal import time

if typing.TYPE_CHECKING:
    import collections.abc

    from rich import console

# The example of Discord's gateway documentation, "Get Gateway Bot".
_SAMPLE: typing.Final[hikari_sessions.GatewayBotInfoPayload] = {
    "url": "wss://gateway.discord.gg/",
    "shards": 9,
    "session_start_limit": {
        "total": 1000,
        "remaining": 999,
        "reset_after": 14400000,
        "max_concurrency": 1,
    },
}

# No answer of Discord's comes near it, and something endless is no answer.
_MAX_BYTES: typing.Final = 64 * 1024

# More shards than any bot has.
_MAX_SHARDS: typing.Final = 1_000_000

# How much of a wrong argument, and how many windows of a plan are shown.
_SHOWN: typing.Final = 40
_LISTED: typing.Final = 10

# When a limit resets that is full.
_FROM_NOW: typing.Final = "24 hours after the next identify"

_NARROW: typing.Final = 60
_INDENT: typing.Final = 2
_BAR: typing.Final = 40


class _InputError(Exception):
    """What the user gave can't be used; the message says why, in one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> typing.NoReturn:
        msg = f"{message} (see {self.prog} --help)"
        raise _InputError(msg)

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002
        _write(message)


class _Report(typing.NamedTuple):
    """The answer, and what it rests on: everything that is shown."""

    is_sample: bool
    url: str
    shard_count: int
    max_concurrency: int
    total: int
    remaining: int
    required: int
    now: datetime.datetime
    reset_at: datetime.datetime
    plan: hikari_sessions.StartupPlan | None

    @property
    def is_full(self) -> bool:
        return self.remaining == self.total > 0


def main(argv: collections.abc.Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        The arguments; those of the process by default.

    Returns
    -------
    int
        The exit status: 0 the fleet can start, 1 not enough session starts
        left, 2 bad input or usage, 130 interrupted.

    Raises
    ------
    SystemExit
        With 0, after `--help` and `--version`.
    """
    try:
        options = _parser().parse_args(argv)
        report = _report(
            _SAMPLE if options.sample else _load(options.source), options
        )
        _write(_as_json(report) if options.json else _as_text(report))
    except (_InputError, hikari_sessions.PayloadError) as error:
        _complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0 if report.plan else 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="hikari-sessions",
        description="Tell whether a Discord bot has enough session starts left.",
        epilog="exit status: 0 the fleet can start, "
        "1 not enough session starts left, 2 bad input or usage",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "source",
        nargs="?",
        metavar="FILE",
        help="the JSON of GET /gateway/bot, just fetched; - reads standard input",
    )
    source.add_argument(
        "--sample", action="store_true", help="use a sample payload instead"
    )
    parser.add_argument(
        "--shard-count",
        type=_shard_count,
        metavar="N",
        help="shards of the bot, on all machines",
    )
    parser.add_argument(
        "--shard-ids",
        type=_shard_ids,
        metavar="IDS",
        help="shards to start, as in 0-15,32",
    )
    parser.add_argument(
        "--window-delay",
        type=_seconds,
        default="5.5",
        metavar="S",
        help="seconds between windows, 5 or more",
    )
    parser.add_argument(
        "--wait-for-reset",
        action="store_true",
        help="plan over resets of the limit",
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON, for a program"
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"%(prog)s {hikari_sessions.__version__}",
    )
    return parser


def _shard_count(text: str) -> int:
    # Nobody has more, and nothing that is typed may eat the memory.
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= _MAX_SHARDS:
        expected = f"expected a whole number from 1 to {_MAX_SHARDS:,}"
        msg = f"{expected}, got {text[:_SHOWN]!r}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _shard_ids(text: str) -> list[int]:
    runs: list[tuple[int, int]] = []
    for part in text.split(","):
        match = re.fullmatch("([0-9]{1,9})(?:-([0-9]{1,9}))?", part.strip())
        first, last = (
            (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        )
        if not first <= last < _MAX_SHARDS:
            expected = f"expected ids and ranges of ids below {_MAX_SHARDS:,}"
            msg = f"{expected}, as in 0-15,32, got {part[:_SHOWN]!r}"
            raise argparse.ArgumentTypeError(msg)
        runs.append((first, last))

    ids: list[int] = []
    after = 0
    for first, last in sorted(runs):
        ids.extend(range(max(first, after), last + 1))
        after = max(after, last + 1)
    return ids


def _seconds(text: str) -> datetime.timedelta:
    with contextlib.suppress(ValueError, OverflowError):
        delay = datetime.timedelta(seconds=float(text))
        if delay >= hikari_sessions.IDENTIFY_WINDOW:
            return delay
    msg = f"expected a number of seconds, 5 or more, got {text[:_SHOWN]!r}"
    raise argparse.ArgumentTypeError(msg)


def _load(source: str) -> typing.Any:
    name = "standard input" if source == "-" else repr(source)
    try:
        if source == "-":
            if sys.stdin is None:
                msg = "standard input is closed"
                raise _InputError(msg)
            data = getattr(sys.stdin, "buffer", sys.stdin).read(_MAX_BYTES + 1)
        else:
            with open(source, "rb") as file:  # noqa: PTH123
                data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        msg = f"can't read {name}: {getattr(error, 'strerror', None) or error}"
        raise _InputError(msg) from error

    if len(data) > _MAX_BYTES:
        msg = f"{name} is no answer of GET /gateway/bot: it is larger than 64 KiB"
        raise _InputError(msg)
    if not data.strip():
        msg = f"{name} is empty: give the JSON of GET /gateway/bot"
        raise _InputError(msg)
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"{name} is no JSON: {error}"
        raise _InputError(msg) from error


def _report(payload: typing.Any, options: argparse.Namespace) -> _Report:
    now = time.local_datetime()
    # One moment for everything, or the answer would depend on how fast it is given.
    with hikari_sessions.use_clock(lambda: now):
        info = hikari_sessions.deserialize_gateway_bot_info(payload)
    limit = info.session_start_limit
    shard_count = options.shard_count or info.shard_count
    if options.shard_ids is not None and options.shard_count is None:
        msg = "--shard-ids needs a --shard-count; the recommended one can change"
        raise _InputError(msg)

    # A limit that is full has no reset to come: the next identify begins its 24
    # hours.
    reset_at, plan = now if limit.remaining == limit.total else limit.reset_at, None
    try:
        plan = hikari_sessions.plan_startup(
            info,
            shard_count=options.shard_count,
            shard_ids=options.shard_ids,
            starts_at=now,
            window_delay=options.window_delay,
            wait_for_reset=options.wait_for_reset,
        )
    except hikari_sessions.SessionStartLimitExceededError as error:
        reset_at = error.reset_at if error.total > 0 else limit.reset_at
    except ValueError as error:
        raise _InputError(str(error)) from error
    return _Report(
        is_sample=options.sample,
        url=info.url,
        shard_count=shard_count,
        max_concurrency=limit.max_concurrency,
        total=limit.total,
        remaining=limit.remaining if limit.reset_at > now else limit.total,
        required=shard_count
        if options.shard_ids is None
        else len(options.shard_ids),
        now=now,
        reset_at=reset_at,
        plan=plan,
    )


def _as_json(report: _Report) -> str:
    plan = report.plan
    windows = plan and [
        {"starts_at": window.starts_at.isoformat(), "shard_ids": window.shard_ids}
        for window in plan.windows
    ]
    values = {
        "sample": report.is_sample,
        "can_start": plan is not None,
        "url": report.url,
        "shard_count": report.shard_count,
        "max_concurrency": report.max_concurrency,
        "total": report.total,
        "remaining": report.remaining,
        "used": report.total - report.remaining,
        "required": report.required,
        "reset_after": -(
            -(report.reset_at - report.now) // datetime.timedelta(milliseconds=1)
        ),
        "reset_at": report.reset_at.isoformat(),
        "duration": plan and plan.duration.total_seconds(),
        "windows": windows,
    }
    return json.dumps(values) + "\n"


def _as_text(report: _Report) -> str:
    try:
        from rich import padding, table, text  # noqa: PLC0415
    except ImportError as error:
        needs = "this needs rich: pip install 'hikari-sessions[cli]'"
        msg = f"{needs} (--json works without it)"
        raise _InputError(msg) from error

    shown = io.StringIO()
    out = _console(shown)
    grid = table.Table.grid(padding=(0, 2))
    for name, value in _rows(report, min(_BAR, out.width - _INDENT)):
        if out.width >= _NARROW:
            grid.add_row(text.Text(name, style="bold"), value)
        else:
            grid.add_row(text.Text(name, style="bold"))
            grid.add_row(padding.Padding(value, (0, 0, 0, _INDENT)))

    if report.is_sample:
        out.print("A sample, not an answer for your bot.", style="italic")
    out.print(grid)
    for line in _timeline(report.plan) if report.plan else ():
        out.print(text.Text(line), no_wrap=True, overflow="ellipsis")
    out.print(_verdict(report), style="green" if report.plan else "bold red")
    # rich pads cells to their column's width.
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())


def _console(file: io.StringIO) -> console.Console:
    from rich import console  # noqa: PLC0415

    return console.Console(
        file=file,
        width=shutil.get_terminal_size().columns,
        # Forced, since rich would colour a pipe if FORCE_COLOR said so.
        force_terminal=sys.stdout is not None and sys.stdout.isatty(),
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
    )


def _rows(report: _Report, width: int) -> list[tuple[str, console.RenderableType]]:
    from rich import console, text  # noqa: PLC0415

    keys = _count(report.max_concurrency, "rate limit key")
    full, empty = "━─" if _for_output("━─") == "━─" else "#-"
    filled = -(-width * min(report.remaining, report.total) // max(report.total, 1))
    bar = text.Text.assemble(
        (full * filled, "green"), (empty * (width - filled), "dim")
    )
    return [
        ("Gateway", text.Text(report.url, overflow="fold")),
        (
            "Shards",
            f"{report.required:,} of {report.shard_count:,}, with {keys}",
        ),
        (
            "Session starts",
            console.Group(f"{report.remaining:,} of {report.total:,} left", bar),
        ),
        ("Reset", _FROM_NOW if report.is_full else _reset(report)),
        *(_summary(report.plan, report.now) if report.plan else []),
    ]


def _summary(
    plan: hikari_sessions.StartupPlan, now: datetime.datetime
) -> list[tuple[str, str]]:
    windows = _count(len(plan.windows), "window")
    return [
        (
            "Start-up",
            f"{windows}, {_length(plan.duration)} from the first to the last"
            if plan.duration
            else windows,
        ),
        ("Last shard", _moment(plan.windows[-1].starts_at, now)),
    ]


def _timeline(plan: hikari_sessions.StartupPlan) -> collections.abc.Iterator[str]:
    """List the windows, or the first and the last if they don't fit on a screen."""
    day = ""
    hidden = (
        range(0)
        if len(plan.windows) <= _LISTED + 1
        else range(_LISTED // 2, len(plan.windows) - _LISTED // 2)
    )
    for number, window in enumerate(plan.windows):
        if number in hidden:
            if number == hidden[0]:
                yield f"  … {_count(len(hidden), 'more window')} …"
            continue
        date, hour = _local(window.starts_at).split(maxsplit=1)
        if date != day:
            yield date
            day = date
        yield f"  {hour}  {_ranges(window.shard_ids)}"


def _ranges(shard_ids: tuple[int, ...]) -> str:
    """Write ids as `--shard-ids` takes them."""
    runs: list[list[int]] = []
    for shard_id in shard_ids:
        if runs and runs[-1][1] == shard_id - 1:
            runs[-1][1] = shard_id
        else:
            runs.append([shard_id, shard_id])
    return ",".join(
        f"{first}-{last}" if first < last else f"{first}" for first, last in runs
    )


def _verdict(report: _Report) -> str:
    takes = f"it takes {_count(report.required, 'session start')}"
    are = "is" if report.remaining == 1 else "are"
    needs = f"{takes}, and {report.remaining:,} {are} left"
    if report.plan:
        waits = (
            "; the rest waits for the reset"
            if report.required > report.remaining
            else ""
        )
        return f"The fleet can start: {needs}{waits}."
    if report.total < 1:
        return f"The fleet can't start: {needs}. No reset brings more."
    reset = f"The limit resets to {report.total:,} at {_reset(report)}"
    if report.is_full:
        reset = f"The limit is full, and resets {_FROM_NOW}"
    advice = "--wait-for-reset plans with that"
    return f"The fleet can't start: {needs}. {reset}; {advice}."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _reset(report: _Report) -> str:
    return _moment(report.reset_at, report.now)


def _moment(moment: datetime.datetime, now: datetime.datetime) -> str:
    when = f"in {_length(moment - now)}" if moment > now else "now"
    return f"{_local(moment)}, {when}"


def _local(moment: datetime.datetime) -> str:
    """Write a moment in the system's time zone, as of that moment."""
    with contextlib.suppress(OverflowError, ValueError):  # at the end of time
        moment = moment.astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def _length(time_span: datetime.timedelta) -> str:
    """Write how long something takes, in its two largest units."""
    rest = -(-time_span // datetime.timedelta(seconds=1))
    parts: list[str] = []
    for name, seconds in (
        ("day", 86400),
        ("hour", 3600),
        ("minute", 60),
        ("second", 1),
    ):
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(_count(count, name))
    return " ".join(parts[:2])


def _for_output(text: str) -> str:
    """Write what the encoding of standard output lacks as escapes."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _write(text: str) -> None:
    try:
        print(_for_output(text), end="", flush=True)  # noqa: T201
    except OSError as error:
        _discard(sys.stdout)
        # Whoever reads a pipe and closes it has read enough.
        if not isinstance(error, BrokenPipeError):
            msg = f"can't write to standard output: {error.strerror}"
            raise _InputError(msg) from error


def _complain(message: str) -> None:
    shown = "".join(
        char if char.isprintable() else ascii(char)[1:-1] for char in message
    )
    # Without standard error, print would take standard output.
    if sys.stderr is not None:
        try:
            print(f"hikari-sessions: {shown}", file=sys.stderr, flush=True)  # noqa: T201
        except OSError:
            _discard(sys.stderr)


def _discard(stream: typing.TextIO) -> None:
    """Let a broken stream end nowhere: Python flushes it again when it exits."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
