"""The command line: its arguments, its input and its exit status."""

from __future__ import annotations

__all__ = ("main",)

import argparse
import collections.abc
import contextlib
import datetime
import json
import os
import sys
import typing

import hikari_sessions
from hikari_sessions import report, startup

# The example in Discord's gateway documentation, "Get Gateway Bot".
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

_WANTED: typing.Final = "the response of GET /gateway/bot"
_EXIT_STATUSES: typing.Final = """\
exit status:
  0  the whole fleet can start now
  1  there aren't enough session starts left
  2  the input or the arguments are wrong
"""

# No response from Discord comes near this, but endless input has to be cut off.
_MAX_BYTES: typing.Final = 64 * 1024


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> typing.NoReturn:
        msg = f"{message} (see {self.prog} --help)"
        raise ValueError(msg)

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002
        _print(message, sys.stdout)


def main(argv: collections.abc.Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status that `--help` describes."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        options = _parser().parse_args(argv)
        found = _check(options)
        show = report.to_json if options.json else report.to_text
        _print(show(found), sys.stdout)
    except KeyboardInterrupt:
        return 130
    except ImportError as error:
        problem = f"{error}: run pip install 'hikari-sessions[cli]', or use --json"
    except OSError as error:
        problem = f"can't write to standard output: {error.strerror}"
    except (OverflowError, ValueError) as error:
        problem = " ".join(str(error).splitlines())
    else:
        return 0 if found.can_start else 1

    with contextlib.suppress(OSError):
        _print(f"hikari-sessions: {problem}\n", sys.stderr)
    if "--json" in argv:
        with contextlib.suppress(OSError):
            _print(json.dumps({"error": problem}) + "\n", sys.stdout)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="hikari-sessions",
        description="Check whether a Discord bot has enough session starts left.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    source = parser.add_mutually_exclusive_group()
    read = f"{_WANTED}, just fetched; by default, or with -, standard input"
    source.add_argument("source", nargs="?", metavar="FILE", help=read)
    use = "use a sample response instead"
    source.add_argument("--sample", action="store_true", help=use)

    add = parser.add_argument
    count = "shards of the bot, on all machines (default: the recommended number)"
    add("--shard-count", type=int, metavar="N", help=count)
    ids = "shards to start, as in 0-15,32 (default: all)"
    add("--shard-ids", type=_shard_ids, metavar="IDS", help=ids)
    delay = "seconds between identifies with the same key, 5 or more (default: 5.5)"
    default = hikari_sessions.IDENTIFY_DELAY
    add("--identify-delay", type=_seconds, default=default, metavar="S", help=delay)
    reserve = "session starts to keep in reserve (default: %(default)s)"
    add("--reserve", type=int, default=0, metavar="N", help=reserve)
    wait = "show a plan even if it waits for a reset (the exit status stays 1)"
    add("--wait-for-reset", action="store_true", help=wait)
    add("--json", action="store_true", help="print JSON instead of text")
    version = f"%(prog)s {hikari_sessions.__version__}"
    add("--version", action="version", version=version)
    return parser


def _shard_ids(text: str) -> set[int]:
    ids: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        try:
            run = range(int(first), int(last if dash else first) + 1)
        except ValueError:
            run = range(0)
        # A mistyped range mustn't eat up the memory.
        if not run or run[-1] >= startup.MAX_SHARDS:
            most = f"{startup.MAX_SHARDS:,}"
            expected = f"ids and ranges of ids below {most}, as in 0-15,32"
            msg = f"expected {expected}, got {part!r}"
            raise argparse.ArgumentTypeError(msg)
        ids.update(run)
    return ids


def _seconds(text: str) -> datetime.timedelta:
    try:
        return datetime.timedelta(seconds=float(text))
    except (OverflowError, ValueError) as error:
        msg = f"expected seconds, 5 or more, got {text!r}"
        raise argparse.ArgumentTypeError(msg) from error


def _check(options: argparse.Namespace) -> report.Report:
    payload = _SAMPLE if options.sample else _load(options.source)
    if options.shard_ids and options.shard_count is None:
        msg = "--shard-ids needs --shard-count: the recommended number can change"
        raise ValueError(msg)
    now = hikari_sessions.local_datetime()
    # Pin the clock, or the result would depend on how long this takes.
    with hikari_sessions.use_clock(lambda: now):
        return report.check(
            hikari_sessions.deserialize_gateway_bot_info(payload),
            is_sample=options.sample,
            shard_count=options.shard_count,
            shard_ids=options.shard_ids,
            identify_delay=options.identify_delay,
            reserve=options.reserve,
            wait_for_reset=options.wait_for_reset,
        )


def _load(source: str | None) -> typing.Any:
    name = repr(source)
    try:
        if source is None or source == "-":
            name = "standard input"
            if sys.stdin is None or (source is None and sys.stdin.isatty()):
                msg = f"there is no input: give a file, or pipe in {_WANTED}"
                raise ValueError(msg)
            # A non-blocking pipe returns None while it has nothing.
            data = sys.stdin.buffer.read(_MAX_BYTES + 1) or b""
        else:
            with open(source, "rb") as file:  # noqa: PTH123
                data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        msg = f"can't read {name}: {error.strerror}"
        raise ValueError(msg) from error

    if len(data) > _MAX_BYTES:
        msg = f"{name} is not {_WANTED}: it is larger than 64 KiB"
        raise ValueError(msg)
    if not data.strip():
        msg = f"{name} is empty: it should hold {_WANTED}"
        raise ValueError(msg)
    try:
        return json.loads(data)
    except (RecursionError, ValueError) as error:
        start = repr(data.strip().splitlines()[0][:40]).removeprefix("b")
        msg = f"{name} is not JSON: it starts with {start}"
        raise ValueError(msg) from error


def _print(text: str, stream: typing.TextIO | None) -> None:
    """Print to a stream that may be closed, or lack some characters."""
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError as error:
        # Python would flush the stream again at exit, and fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        # Whoever closes a pipe has read enough.
        if not isinstance(error, BrokenPipeError):
            raise
