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
from hikari_sessions import report, rules, startup

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

_WANTED: typing.Final = "the response to GET /gateway/bot"
_EPILOG: typing.Final = """\
example:
  hikari-sessions --shard-count 9 --reserve 100 response.json

exit status:
  0  the whole fleet can start now
  1  it can't: there aren't enough session starts
  2  the input or the arguments are wrong
  3  the input is an error response
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
    status, details = 2, dict[str, float | None]()
    try:
        options = _parser().parse_args(argv)
        found = _check(options)
        show = report.to_json if options.json else report.to_text
        _print(show(found), sys.stdout)
    except KeyboardInterrupt:
        return 130
    except hikari_sessions.ErrorResponseError as error:
        status, problem = 3, str(error)
        wait = error.retry_after
        seconds = None if wait is None else wait.total_seconds()
        details = {"code": error.code, "retry_after": seconds}
    except ImportError as error:
        problem = f"{error}: run pip install rich, or use --json"
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
            _print(json.dumps({"error": problem, **details}) + "\n", sys.stdout)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="hikari-sessions",
        description="Check whether a Discord bot has enough session starts left.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    source = parser.add_mutually_exclusive_group()
    read = f"{_WANTED}, just fetched; by default, or with -, standard input"
    source.add_argument("source", nargs="?", metavar="FILE", help=read)
    use = "use a sample response instead"
    source.add_argument("--sample", action="store_true", help=use)

    add = parser.add_argument
    most = f"{startup.MAX_SHARDS:,}"
    parse = _argument(f"an integer from 1 to {most}", _shard_count)
    count = "total shards, across all machines (default: the recommended number)"
    add("--shard-count", type=parse, metavar="N", help=count)
    parse = _argument(
        f"ids and ranges of ids below {most}, as in 0-15,32", _shard_ids
    )
    ids = "shards to start, as in 0-15,32 (default: all)"
    add("--shard-ids", type=parse, metavar="IDS", help=ids)
    parse = _argument("seconds, 5 or more", _delay)
    delay = "seconds between identifies with the same key (default: %(default)s)"
    add("--identify-delay", type=parse, default="5.5", metavar="S", help=delay)
    parse = _argument("an integer, 0 or more", _reserve)
    reserve = "session starts to keep in reserve (default: %(default)s)"
    add("--reserve", type=parse, default=0, metavar="N", help=reserve)
    wait = "show a plan even if it waits for a reset (the exit status stays 1)"
    add("--wait-for-reset", action="store_true", help=wait)
    add("--json", action="store_true", help="print JSON instead of text")
    version = f"%(prog)s {hikari_sessions.__version__}"
    add("--version", action="version", version=version)
    return parser


def _argument(
    expected: str, read: collections.abc.Callable[[str], object]
) -> collections.abc.Callable[[str], object]:
    """Have argparse say what was expected instead of a text that can't be read."""

    def read_or_report(text: str) -> object:
        try:
            return read(text)
        except (OverflowError, ValueError) as error:
            msg = f"expected {expected}, got {text!r}"
            raise argparse.ArgumentTypeError(msg) from error

    return read_or_report


def _shard_count(text: str) -> int:
    return rules.as_integer("N", int(text), 1, startup.MAX_SHARDS)


def _reserve(text: str) -> int:
    return rules.as_integer("N", int(text))


def _delay(text: str) -> datetime.timedelta:
    delay = datetime.timedelta(seconds=float(text))
    return rules.Rules(delay, reserve=0).identify_delay


def _shard_ids(text: str) -> set[int]:
    ids: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        run = range(int(first), int(last if dash else first) + 1)
        # A mistyped range mustn't eat up the memory.
        if not run or run[-1] >= startup.MAX_SHARDS:
            raise ValueError
        ids.update(run)
    return ids


def _check(options: argparse.Namespace) -> report.Report:
    payload = _SAMPLE if options.sample else _load(options.source)
    if options.shard_ids and options.shard_count is None:
        msg = "--shard-ids needs --shard-count: the recommended number can change"
        raise ValueError(msg)
    now = hikari_sessions.local_datetime()
    # Pin the clock, or the result would depend on how long this takes.
    with hikari_sessions.use_clock(lambda: now):
        info = hikari_sessions.deserialize_gateway_bot_info(payload)
        count = options.shard_count or rules.as_integer(
            "shards", info.shard_count, 1, startup.MAX_SHARDS
        )
        if options.shard_ids:
            most = max(options.shard_ids)
            rules.as_integer("each id in --shard-ids", most, 0, count - 1)
        return report.check(
            info,
            is_sample=options.sample,
            shard_count=count,
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
