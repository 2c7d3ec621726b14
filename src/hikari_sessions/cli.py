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
    "session_start_limit": {"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1},
}

# No answer of Discord's comes near it, and something endless is no answer.
_MAX_BYTES: typing.Final = 64 * 1024

_NARROW: typing.Final = 60
_INDENT: typing.Final = 2
_BAR: typing.Final = 40


class _InputError(Exception):
    """What the user gave can't be used; the message says why, in one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> typing.NoReturn:
        msg = f"{message} (see {self.prog} --help)"
        raise _InputError(msg)

    def _print_message(self, message: str, _file: object = None) -> None:
        _write(message)


class _Report(typing.NamedTuple):
    """The answer, and what it rests on: everything that is shown."""

    is_sample: bool
    url: str
    shard_count: int
    max_concurrency: int
    total: int
    remaining: int
    reset_at: datetime.datetime
    to_go: datetime.timedelta

    @property
    def can_start(self) -> bool:
        return self.remaining >= self.shard_count


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
        payload = _SAMPLE if options.sample else _load(options.source)
        report = _report(payload, is_sample=options.sample)
        _write(_as_json(report) if options.json else _as_text(report))
    except (_InputError, hikari_sessions.PayloadError) as error:
        _complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0 if report.can_start else 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="hikari-sessions",
        description="Tell whether a Discord bot has the session starts left for its fleet of shards.",
        epilog="exit status: 0 the fleet can start, 1 not enough session starts left, 2 bad input or usage",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "source", nargs="?", metavar="FILE", help="the JSON of GET /gateway/bot; - reads standard input"
    )
    source.add_argument("--sample", action="store_true", help="use a sample payload instead")
    parser.add_argument("--json", action="store_true", help="print JSON, for a program")
    parser.add_argument("--version", action="version", version=f"%(prog)s {hikari_sessions.__version__}")
    return parser


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


def _report(payload: typing.Any, *, is_sample: bool) -> _Report:
    now = time.local_datetime()
    # One moment for everything, or the answer would depend on how fast it is given.
    with hikari_sessions.use_clock(lambda: now):
        info = hikari_sessions.deserialize_gateway_bot_info(payload)
    limit = info.session_start_limit
    return _Report(
        is_sample=is_sample,
        url=info.url,
        shard_count=info.shard_count,
        max_concurrency=limit.max_concurrency,
        total=limit.total,
        remaining=limit.remaining if limit.reset_at > now else limit.total,
        reset_at=limit.reset_at,
        to_go=limit.reset_after,
    )


def _as_json(report: _Report) -> str:
    values = {
        "sample": report.is_sample,
        "can_start": report.can_start,
        "url": report.url,
        "shard_count": report.shard_count,
        "max_concurrency": report.max_concurrency,
        "total": report.total,
        "remaining": report.remaining,
        "used": report.total - report.remaining,
        "reset_after": -(-report.to_go // datetime.timedelta(milliseconds=1)),
        "reset_at": report.reset_at.isoformat(),
    }
    return json.dumps(values, indent=2) + "\n"


def _as_text(report: _Report) -> str:
    try:
        from rich import padding, table, text  # noqa: PLC0415
    except ImportError as error:
        msg = "this needs rich: pip install 'hikari-sessions[cli]' (--json works without it)"
        raise _InputError(msg) from error

    shown = io.StringIO()
    out = _console(shown)
    grid = table.Table.grid(padding=(0, 2, 0, 0))
    for name, value in _rows(report, min(_BAR, out.width - _INDENT)):
        if out.width >= _NARROW:
            grid.add_row(text.Text(name, style="bold"), value)
        else:
            grid.add_row(text.Text(name, style="bold"))
            grid.add_row(padding.Padding(value, (0, 0, 0, _INDENT)))

    if report.is_sample:
        out.print("A sample, not an answer for your bot.", style="italic")
    out.print(grid)
    out.print(_verdict(report), style="green" if report.can_start else "bold red")
    # rich pads cells to their column's width.
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())


def _console(file: io.StringIO) -> console.Console:
    from rich import console  # noqa: PLC0415

    # Both are forced, since rich would colour a pipe if FORCE_COLOR said so.
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    colours: typing.Literal["auto"] | None = "auto" if is_terminal and not os.environ.get("NO_COLOR") else None
    return console.Console(
        file=file,
        width=shutil.get_terminal_size().columns,
        force_terminal=is_terminal,
        color_system=colours,
        highlight=False,
        emoji=False,
    )


def _rows(report: _Report, width: int) -> list[tuple[str, console.RenderableType]]:
    from rich import console, text  # noqa: PLC0415

    at_once = min(report.shard_count, report.max_concurrency)
    full, empty = "━─" if _for_output("━─") == "━─" else "#-"
    filled = -(-width * min(report.remaining, report.total) // max(report.total, 1))
    bar = text.Text.assemble((full * filled, "green"), (empty * (width - filled), "dim"))
    return [
        ("Gateway", text.Text(report.url, overflow="fold")),
        ("Shards", f"{report.shard_count:,}, of which {at_once:,} may identify in 5 seconds"),
        ("Session starts", console.Group(f"{report.remaining:,} of {report.total:,} left", bar)),
        ("Reset", _reset(report) if report.to_go else "24 hours after the next identify"),
    ]


def _verdict(report: _Report) -> str:
    starts = f"{report.shard_count:,} session start{'s' * (report.shard_count != 1)}"
    left = f"{report.remaining:,} {'is' if report.remaining == 1 else 'are'} left"
    if report.can_start:
        return f"The fleet can start: it takes {starts}, and {left}."
    # Where there is nothing to wait for, even a full limit is too small.
    when = f"They come back at {_reset(report)}." if report.to_go else "No reset brings more."
    return f"The fleet can't start: it takes {starts}, and {left}. {when}"


def _reset(report: _Report) -> str:
    return f"{_local(report.reset_at)}, {_relative(report.to_go)}"


def _local(moment: datetime.datetime) -> str:
    """Write a moment in the system's time zone, as of that moment."""
    with contextlib.suppress(OverflowError, ValueError):  # at the end of time
        moment = moment.astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def _relative(to_go: datetime.timedelta) -> str:
    """Write how long something is to go, in its two largest units."""
    rest = -(-to_go // datetime.timedelta(seconds=1))
    parts = []
    for name, seconds in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count:,} {name}{'s' * (count != 1)}")
    return f"in {' '.join(parts[:2])}"


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
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in message)
    # Without standard error, print would take standard output.
    if sys.stderr is not None:
        try:
            print(f"hikari-sessions: {shown}", file=sys.stderr, flush=True)  # noqa: T201
        except OSError:
            _discard(sys.stderr)


def _discard(stream: typing.TextIO) -> None:
    """Let a stream that failed end nowhere: Python flushes it once more when it exits."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
