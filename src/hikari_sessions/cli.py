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
_MAX_BYTES: typing.Final = 1024 * 1024

_NARROW: typing.Final = 60
_BAR: typing.Final = 40


class _InputError(Exception):
    """What the user gave can't be used; the message says why, in one line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> typing.NoReturn:
        _complain(f"{message} (see {self.prog} --help)")
        self.exit(2)


class _Report(typing.NamedTuple):
    """The answer, and what it rests on: everything that is shown."""

    is_sample: bool
    payload: hikari_sessions.GatewayBotInfoPayload
    reset_at: datetime.datetime

    @property
    def can_start(self) -> bool:
        return self.payload["session_start_limit"]["remaining"] >= self.payload["shards"]


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
        left, 2 bad input.

    Raises
    ------
    SystemExit
        With 2, if the usage is wrong, and with 0 after `--help` or `--version`.
    """
    options = _parser().parse_args(argv)
    try:
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
    name = "standard input" if source == "-" else source
    try:
        if source == "-":
            if sys.stdin is None:
                msg = "standard input is closed"
                raise _InputError(msg)
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with open(source, "rb") as file:  # noqa: PTH123
                data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        msg = f"can't read {name}: {getattr(error, 'strerror', None) or error}"
        raise _InputError(msg) from error

    if len(data) > _MAX_BYTES:
        msg = f"{name} is no answer of GET /gateway/bot: it is larger than 1 MiB"
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
    info = hikari_sessions.deserialize_gateway_bot_info(payload)
    return _Report(
        is_sample=is_sample,
        payload=hikari_sessions.serialize_gateway_bot_info(info),
        reset_at=info.session_start_limit.reset_at,
    )


def _as_json(report: _Report) -> str:
    limit = report.payload["session_start_limit"]
    values = {
        "sample": report.is_sample,
        "can_start": report.can_start,
        "url": report.payload["url"],
        "shard_count": report.payload["shards"],
        "max_concurrency": limit["max_concurrency"],
        "total": limit["total"],
        "remaining": limit["remaining"],
        "used": limit["total"] - limit["remaining"],
        "reset_after": limit["reset_after"],
        "reset_at": report.reset_at.isoformat(),
    }
    return json.dumps(values, indent=2) + "\n"


def _as_text(report: _Report) -> str:
    try:
        from rich import console, padding, table, text  # noqa: PLC0415
    except ImportError as error:
        msg = "this needs rich: pip install 'hikari-sessions[cli]' (--json works without it)"
        raise _InputError(msg) from error

    limit = report.payload["session_start_limit"]
    total, remaining, to_go = limit["total"], limit["remaining"], limit["reset_after"]
    moment = f"{_local(report.reset_at)}, {_relative(to_go)}"
    needs = f"it takes {report.payload['shards']:,} session starts, and {remaining:,} are left"
    verdict = f"The fleet can start: {needs}."
    if not report.can_start:
        verdict = f"The fleet can't start: {needs}. They come back at {moment}."
    # Both are forced, since rich would colour a pipe if FORCE_COLOR said so.
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    colours: typing.Literal["auto"] | None = "auto" if is_terminal and not os.environ.get("NO_COLOR") else None
    shown = io.StringIO()
    out = console.Console(
        file=shown,
        width=shutil.get_terminal_size().columns,
        force_terminal=is_terminal,
        color_system=colours,
        highlight=False,
        emoji=False,
    )
    full, empty = "━─" if _for_output("━─") == "━─" else "#-"
    filled = -(-_BAR * min(remaining, total) // max(total, 1))
    bar = text.Text.assemble((full * filled, "green"), (empty * (_BAR - filled), "dim"), overflow="crop")

    rows: list[tuple[str, console.RenderableType]] = [
        ("Gateway", text.Text(report.payload["url"], overflow="fold")),
        ("Shards", f"{report.payload['shards']:,}, of which {limit['max_concurrency']:,} may identify in 5 seconds"),
        ("Session starts", f"{remaining:,} of {total:,} left"),
        ("", bar),
        ("Reset", moment if to_go else "24 hours after the next identify"),
    ]

    grid = table.Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows:
        if out.width < _NARROW:
            grid.add_row(text.Text(name, style="bold") if name else value)
            grid.add_row(*[padding.Padding(value, (0, 0, 0, 2))] * bool(name))
        else:
            grid.add_row(text.Text(name, style="bold"), value)
    if report.is_sample:
        out.print("A sample, not an answer for your bot.", style="italic")
    out.print(grid)
    out.print(verdict, style="green" if report.can_start else "bold red")
    # rich pads cells to their column's width.
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())


def _local(moment: datetime.datetime) -> str:
    """Write a moment in the system's time zone, as of that moment."""
    with contextlib.suppress(OverflowError, ValueError):  # at the end of time
        moment = moment.astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"


def _relative(milliseconds: int) -> str:
    """Write how long something is to go, in its two largest units."""
    rest = -(-milliseconds // 1000)
    parts = []
    for name, seconds in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count:,} {name}{'s' * (count != 1)}")
    return f"in {' '.join(parts[:2])}" if parts else "now"


def _for_output(text: str) -> str:
    """Write what the encoding of standard output lacks as escapes."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _write(text: str) -> None:
    try:
        print(_for_output(text), end="", flush=True)  # noqa: T201
    except OSError as error:
        # Python flushes once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Whoever reads a pipe and closes it has read enough.
        if not isinstance(error, BrokenPipeError):
            msg = f"can't write to standard output: {error.strerror}"
            raise _InputError(msg) from error


def _complain(message: str) -> None:
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in message)
    print(f"hikari-sessions: {shown}", file=sys.stderr)  # noqa: T201
