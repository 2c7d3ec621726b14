"""The command: may the fleet start now?"""

from __future__ import annotations

import datetime
import io
import json
import os
import pathlib
import re
import runpy
import shlex
import subprocess
import sys
import time
import typing
from unittest import mock

import answers
import hypothesis
import hypothesis.strategies as st
import pytest

import hikari_sessions
from hikari_sessions import cli

if typing.TYPE_CHECKING:
    import collections.abc

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "preflight.md"
UTC = datetime.timezone.utc
HOUR = 60 * 60 * 1000
DAY = 24 * HOUR
FULL = "24 hours after the first identify"
WAIT = "Wait until 2026-11-23 22:00:10 UTC, in 4 hours 10 seconds."
MORE = "It takes more than one reset; --wait-for-reset shows a plan."
NOT_ENOUGH = "No reset brings enough."
LOWER = "With a --reserve of 991, the next reset brings enough."
COUNT = "expected an integer from 1 to 1,000,000"
HELP = "(see hikari-sessions --help)"
WANTED = "the response to GET /gateway/bot"
IDS = "ids and ranges of ids below 1,000,000, as in 0-15,32"
DELAY = "argument --identify-delay: expected seconds, 5 or more, got"
NOT_JSON = "standard input is not JSON: it starts with"


def response(shards: object = 9, **limit: object) -> bytes:
    """Write the example of Discord's documentation, with some values changed."""
    limit = {"total": 1000, "remaining": 999, "reset_after": 4 * HOUR, **limit}
    url = limit.pop("url", "wss://gateway.discord.gg/")
    values = {"url": url, "shards": shards, "session_start_limit": limit}
    return json.dumps(values).encode()


class Result(typing.NamedTuple):
    status: int
    out: str
    err: str = ""

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> typing.Any:
        return json.loads(self.out)


Run: typing.TypeAlias = typing.Callable[..., Result]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> collections.abc.Iterator[Run]:
    def run(
        *args: str,
        stdin: object = b"",
        now: str = "2026-11-23T18:00",
        streams: typing.Any = (),
        **env: str,
    ) -> Result:
        for name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        env = {"COLUMNS": "80", "TERM": "xterm", "TZ": "UTC", **env}
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        time.tzset()
        if isinstance(stdin, bytes):
            stdin = io.TextIOWrapper(io.BytesIO(stdin))
        for name, stream in [("stdin", stdin), *streams]:
            monkeypatch.setattr(sys, name, stream)
        # Everything is as of one moment, so the clock is read once.
        once = iter([datetime.datetime.fromisoformat(now).replace(tzinfo=UTC)])
        with hikari_sessions.use_clock(once.__next__):
            try:
                status = cli.main(args)
            except SystemExit as error:
                status = int(error.code or 0)
        out, err = capsys.readouterr()
        return Result(status, out, err)

    yield run
    monkeypatch.undo()
    time.tzset()


def test_it_says_whether_the_fleet_can_start_and_when(run: Run) -> None:
    assert run("--reserve=100", stdin=response(shards=4, remaining=500)) == Result(
        0,
        "Gateway         wss://gateway.discord.gg/\n"
        "Shards          4 of 4, with 1 rate limit key\n"
        "Session starts  500 of 1,000 left, 100 kept in reserve\n"
        "                ━━━━━━━━━━━━━━━━━━━━────────────────────\n"
        "Reset           2026-11-23 22:00:00 UTC, in 4 hours\n"
        "Last shard      2026-11-23 18:00:16 UTC, in 17 seconds\n"
        "  2026-11-23 18:00:00 UTC  0\n"
        "  2026-11-23 18:00:05 UTC  1\n"
        "  2026-11-23 18:00:11 UTC  2\n"
        "  2026-11-23 18:00:16 UTC  3\n"
        "The fleet can start now: it takes 4 session starts, and 400 are free.\n",
    )


def test_json_says_the_same_on_one_line(run: Run) -> None:
    args = ("--json", "--reserve=100", "--identify-delay=7.5")
    assert run(*args, stdin=response(shards=2)) == Result(
        0,
        '{"sample": false, "can_start": true, "url": "wss://gateway.discord.gg/", '
        '"shard_count": 2, "max_concurrency": 1, "total": 1000, "remaining": 999, '
        '"used": 1, "reserve": 100, "required": 2, "reset_after": 14400000, '
        '"reset_at": "2026-11-23T22:00:00+00:00", "duration": 7.5, "batches": ['
        '{"starts_at": "2026-11-23T18:00:00+00:00", "shard_ids": [0]}, '
        '{"starts_at": "2026-11-23T18:00:07.500000+00:00", "shard_ids": [1]}]}\n',
    )


@pytest.mark.parametrize(
    ("args", "limit", "status", "left"),
    [
        ("", {"remaining": 9}, 0, "9 are left."),
        ("--wait-for-reset", {}, 0, "999 are left."),
        ("", {"remaining": 8, "reset_after": 9000}, 0,
         "8 are left, and the limit resets in time for the rest."),
        ("", {"remaining": 8}, 1, f"8 are left. {WAIT}"),
        ("", {"remaining": 0}, 1, f"none are left. {WAIT}"),
        ("--reserve=998", {}, 1,
         f"1 is free. {MORE} To start now, lower --reserve to 990."),
        ("--reserve=600", {"remaining": 601}, 1,
         f"1 is free. {WAIT} To start now, lower --reserve to 592."),
        ("--reserve=600", {"remaining": 5}, 1, f"none are free. {WAIT}"),
        ("--wait-for-reset", {"remaining": 8}, 1,
         "8 are left. The plan above waits for the reset."),
        ("--reserve=1000 --wait-for-reset", {"remaining": 8}, 1,
         f"none are free. {NOT_ENOUGH} {LOWER}"),
        ("", {"total": 8, "remaining": 8}, 1,
         f"8 are left. {MORE}"),
        ("", {"total": 0, "remaining": 0}, 1,
         f"none are left. {NOT_ENOUGH}"),
    ],
)  # fmt: skip
def test_the_verdict_and_the_exit_status(
    run: Run, args: str, limit: typing.Any, status: int, left: str
) -> None:
    stdin, given = response(**limit), args.split()
    found = run(*given, stdin=stdin)
    can = "can't" if status else "can"
    verdict = f" The fleet {can} start now: it takes 9 session starts, and {left}"
    assert " ".join(found.out.split()).endswith(verdict)
    told = run("--json", *given, stdin=stdin)
    assert (found.status, told.status) == (status, status)
    assert told.json["can_start"] == (status == 0)
    has_plan = status == 0 or "plan above" in left
    assert (told.json["batches"] is not None) == has_plan
    assert (told.json["duration"] is not None) == has_plan


@pytest.mark.parametrize(
    ("limit", "reset", "left"),
    [
        ({"reset_after": 0.5}, "2026-11-23 18:00:00 UTC, in 1 second", 1),
        ({"reset_after": 59_001}, "2026-11-23 18:00:59 UTC, in 1 minute", 59_001),
        ({"reset_after": 8.5e7}, "2026-11-24 17:36:40 UTC, in 23 hours 36 minutes",
         8.5e7),
        # No reset is more than 24 hours away.
        ({"reset_after": 823 * DAY}, "2026-11-24 18:00:00 UTC, in 1 day", DAY),
        ({"remaining": 1000}, FULL, DAY),
        # The reset has come.
        ({"remaining": 3, "reset_after": 0}, FULL, DAY),
        ({}, "2026-11-23 22:00:00 UTC, in 4 hours", 4 * HOUR),
    ],
)  # fmt: skip
def test_the_reset_is_the_same_whether_or_not_the_fleet_can_start(
    run: Run, limit: typing.Any, reset: str, left: float
) -> None:
    for args in ([], ["--shard-count=2000"]):
        stdin = response(**limit)
        assert f"\nReset           {reset}\n" in run(*args, stdin=stdin).out
        assert run("--json", *args, stdin=stdin).json["reset_after"] == left


def test_times_are_local_as_of_their_moment(run: Run) -> None:
    # Summer time ends between now and the reset.
    stdin = response(reset_after=DAY)
    out = run(stdin=stdin, now="2026-10-24T18:00", TZ="Europe/Berlin").out
    assert "Reset           2026-10-25 19:00:00 CET, in 1 day\n" in out


def test_the_bar_shows_what_is_left(run: Run) -> None:
    for left, total, filled in ((0, 0, 0), (1, 1000, 1), (1, 1, 40), (12, 10, 40)):
        out = run(stdin=response(remaining=left, total=total)).out
        assert re.findall("[━─]+", out) == ["━" * filled + "─" * (40 - filled)]


def test_a_sample_says_that_it_is_one(run: Run) -> None:
    title = "A sample, not a response for your bot.\n"
    assert run("--sample").out == title + run(stdin=response()).out
    told = run("--json", stdin=response()).json
    assert run("--sample", "--json").json == {**told, "sample": True}


def test_where_the_response_is_read_from(run: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "response.json"
    # This is how PowerShell writes what a command prints.
    path.write_bytes(response().decode().encode("utf-16"))
    # Up to 64 KiB are read.
    piped = run(stdin=response().ljust(2**16))
    assert piped.status == 0
    assert run("-", stdin=response()) == piped
    assert run(str(path)) == run(stdin=path.read_bytes()) == piped


def test_a_long_plan_fits_on_a_screen(run: Run) -> None:
    stdin = response(shards=16, remaining=3, reset_after=6 * HOUR)
    lines = run("--wait-for-reset", stdin=stdin).lines
    # Three shards start right away, the others from ten seconds after the reset.
    assert lines[5].endswith("2026-11-24 00:01:16 UTC, in 6 hours 1 minute")
    assert lines[8:13] == [
        "  2026-11-23 18:00:11 UTC  2",
        "  2026-11-24 00:00:10 UTC  3",
        "  2026-11-24 00:00:15 UTC  4",
        "  ... 6 more batches ...",
        "  2026-11-24 00:00:54 UTC  11",
    ]
    # A line that says so would take the place of one batch.
    eleven = run(stdin=response(shards=11)).lines
    assert eleven[11] == "  2026-11-23 18:00:27 UTC  5"


def test_shard_ids_are_read_the_way_they_are_shown(run: Run) -> None:
    args = ["--shard-count=1000000", "--shard-ids=999999, 3-5,4-4,0-1,1"]
    lines = run(*args, stdin=response(max_concurrency=10**6)).lines
    assert (
        lines[1] == "Shards          6 of 1,000,000, with 1,000,000 rate limit keys"
    )
    assert lines[5] == "Last shard      2026-11-23 18:00:00 UTC, now"
    assert lines[6] == "  2026-11-23 18:00:00 UTC  0-1,3-5,999999"


@pytest.mark.parametrize("columns", [30, 50])
def test_what_does_not_fit_continues_under_itself(run: Run, columns: int) -> None:
    # A URL isn't taken for rich's markup. A list of ids is cut off.
    url = "ws://a/[bold]:smile:[/x]/" + "y" * 40
    ids = ",".join(str(number * 2) for number in range(60))
    stdin = response(url=url, max_concurrency=128)
    args = ["--shard-count=200", f"--shard-ids={ids}"]
    lines = run(*args, stdin=stdin, COLUMNS=str(columns)).lines
    width = columns - 16
    parts = [url[start : start + width] for start in range(0, len(url), width)]
    assert lines[0] == f"Gateway         {parts[0]}"
    assert lines[1 : len(parts)] == [" " * 16 + part for part in parts[1:]]
    assert max(map(len, lines)) == columns
    assert f"  2026-11-23 18:00:00 UTC  {ids}"[: columns - 1] + "…" in lines


def test_a_terminal_that_is_too_narrow_loses_nothing(run: Run) -> None:
    lines = run(stdin=response(), COLUMNS="10").lines
    assert max(map(len, lines)) == 10
    assert "Gatewaywss://gateway.discord.gg/" in "".join("".join(lines).split())


@pytest.mark.parametrize(
    ("is_terminal", "env", "has_colours"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": "1"}, False),
        (False, {}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    is_terminal: object,
    env: dict[str, str],
    has_colours: object,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    out = run("--sample", **env).out
    out += run(stdin=response(remaining=4, total=8), **env).out
    assert ("\x1b" in out) == has_colours
    # ECMA-48 has the numbers: 1 bold, 2 faint, 3 italic, 31 red, 32 green.
    full, empty = "━" * 20, f"\x1b[2m{'─' * 20}\x1b[0m\n"
    shown = [f"\x1b[32m{'━' * 40}\x1b[0m\n", f"\x1b[1;31m{full}\x1b[0m{empty}"]
    shown += ["\x1b[3mA s", "\x1b[1mReset ", "\x1b[32mThe", "\x1b[1;31mThe"]
    assert [part in out for part in shown] == [has_colours] * 6
    assert "\n  2026-11-23 18:00:00 UTC  0\n" in out


def test_output_in_an_encoding_that_lacks_characters(run: Run) -> None:
    raw = io.BytesIO()
    stdin = response(url="wss://g\u0119t.example/", remaining=500)
    run(stdin=stdin, streams=[("stdout", io.TextIOWrapper(raw, encoding="ascii"))])
    assert b"wss://g\\u0119t.example/\n" in raw.getvalue()
    assert b" " + b"#" * 20 + b"-" * 20 + b"\n" in raw.getvalue()


@pytest.mark.parametrize(
    ("args", "stdin", "message"),
    [
        ("", None, f"there is no input: give a file, or pipe in {WANTED}"),
        ("x b\nc", b"", f"unrecognized arguments: b c {HELP}"),
        ("--js", b"", f"unrecognized arguments: --js {HELP}"),
        ("x.json", b"", "can't read 'x.json': No such file or directory"),
        ("\udcff", b"", "can't read '\\udcff': No such file or directory"),
        (".", b"", "can't read '.': Is a directory"),
        ("", b" ", f"standard input is empty: it should hold {WANTED}"),
        ("-", bytes(2**16 + 1),
         f"standard input is not {WANTED}: it is larger than 64 KiB"),
        ("", b"\n<!DOCTYPE html>\n<html>", f"{NOT_JSON} '<!DOCTYPE html>'"),
        ("", b"\x89PNG" + b"x" * 40, f"{NOT_JSON} '\\x89PNG{'x' * 36}'"),
        ("", b"[" * 60_000, f"{NOT_JSON} '{'[' * 40}'"),
        ("", b"[]", "payload: expected an object, got an array"),
        ("--sample --shard-ids=0", b"",
         "--shard-ids needs --shard-count: the recommended number can change"),
        *[(f"--sample --shard-ids={ids}", b"",
           f"argument --shard-ids: expected {IDS}, got '{ids}' {HELP}")
          for ids in ("", "3-1", "-1", "0-", "1000000", "0-99999999999")],
        *[(f"--sample --identify-delay={delay}", b"", f"{DELAY} '{delay}' {HELP}")
          for delay in ("x", "nan", "inf", "4")],
    ],
)  # fmt: skip
def test_bad_usage_and_input_are_reported_in_one_line(
    run: Run, args: str, stdin: bytes | None, message: str
) -> None:
    given = args.split(" ") if args else []
    error = Result(2, "", f"hikari-sessions: {message}\n")
    assert run(*given, stdin=stdin) == error
    as_json = json.dumps({"error": message}) + "\n"
    assert run(*given, "--json", stdin=stdin) == error._replace(out=as_json)


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [({}, None), ({"retry_after": 0}, 0.0), ({"retry_after": 2.5}, 2.5)],
)
def test_an_error_response_has_an_exit_status_of_its_own(
    run: Run, wait: dict[str, float], seconds: float | None
) -> None:
    stdin = json.dumps(
        {"message": "You are rate limited.", "code": 7, **wait}
    ).encode()
    status, out, err = run("--json", stdin=stdin)
    error = "payload: expected the response to GET /gateway/bot, got the error "
    error += "'You are rate limited.', code 7"
    if seconds is not None:
        error += f", retry after {seconds:g} seconds"
    expected = {"error": error, "code": 7, "retry_after": seconds}
    assert (status, json.loads(out)) == (3, expected)
    assert err == f"hikari-sessions: {error}\n"
    assert run(stdin=stdin) == Result(3, "", err)


@pytest.mark.parametrize(
    ("args", "shards", "message"),
    [
        ("--shard-count=0", 9, f"argument --shard-count: {COUNT}, got '0' {HELP}"),
        ("--reserve=-1", 9,
         f"argument --reserve: expected an integer, 0 or more, got '-1' {HELP}"),
        ("--shard-count=9 --shard-ids=0,9", 9,
         "each id in --shard-ids must be from 0 to 8, not 9"),
        ("", 1_000_001, "shards must be from 1 to 1,000,000, not 1,000,001"),
    ],
)  # fmt: skip
def test_an_error_names_the_option_or_the_key(
    run: Run, args: str, shards: int, message: str
) -> None:
    found = run(*args.split(), stdin=response(shards=shards))
    assert found == Result(2, "", f"hikari-sessions: {message}\n")


def test_a_plan_into_the_last_hours_that_a_datetime_can_hold(run: Run) -> None:
    # The last batch is in the year 9999 in UTC, but not in local time.
    stdin = response(shards=2, remaining=1000, reset_after=0)
    delay, now = f"--identify-delay={23 * 60 * 60}", "9999-12-30T12:00"
    assert run(delay, stdin=stdin, now=now).status == 0
    found = run(delay, stdin=stdin, now=now, TZ="Pacific/Kiritimati")
    assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)


def test_a_terminal_is_not_read_unless_you_ask(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(response()))
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    assert run(stdin=stdin).err.startswith("hikari-sessions: there is no input: ")
    assert run("-", stdin=stdin).status == 0


@hypothesis.settings(
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(
    source=st.binary() | answers.nearly_right() | answers.errors,
    args=st.sets(st.sampled_from(["--json", "--wait-for-reset", "--reserve=9"])),
)
def test_any_input_gives_a_status_and_no_traceback(
    run: Run, source: object, args: set[str]
) -> None:
    try:
        stdin = source if isinstance(source, bytes) else json.dumps(source).encode()
    except ValueError:
        # Python doesn't write integers of more than 4300 digits.
        hypothesis.reject()
    # Drawn payloads can have a million shards, and their plans take seconds.
    status, out, err = run("--shard-count=9", *sorted(args), stdin=stdin)
    assert status in {0, 1, 2, 3}
    assert err.count("\n") == (status > 1)
    assert bool(out) == (status < 2 or "--json" in args)


def test_without_rich(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    status, out, err = run("--sample")
    assert (status, out) == (2, "")
    assert err.endswith(": run pip install rich, or use --json\n")
    assert run("--sample", "--json").status == 0


def test_an_interrupt_leaves_no_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO())
    interrupt = mock.Mock(side_effect=KeyboardInterrupt)
    monkeypatch.setattr(stdin, "isatty", interrupt)
    assert run(stdin=stdin) == Result(130, "")


def test_it_does_not_wait_for_a_non_blocking_input(run: Run) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with os.fdopen(reader) as stdin, os.fdopen(writer, "w"):
        status, _, err = run(stdin=stdin)
    assert (status, "standard input is empty" in err) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("stream", "arg", "status"),
    [("stdout", "--sample", 0), ("stdout", "--help", 0), ("stderr", "x.json", 2)],
)
def test_a_closed_pipe_is_not_an_error(
    run: Run, stream: str, arg: str, status: int
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        for closed in (pipe, None):
            assert run(arg, streams=[(stream, closed)]) == Result(status, "")


def test_a_full_disk_is_an_error(run: Run) -> None:
    with pathlib.Path("/dev/full").open("w", encoding="utf-8") as full:
        status, _, err = run("--sample", streams=[("stdout", full)])
    problem = "can't write to standard output: No space left on device"
    assert (status, err) == (2, f"hikari-sessions: {problem}\n")


def test_it_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["hikari-sessions", "--version"])
    with pytest.raises(SystemExit, match="0"):
        runpy.run_module("hikari_sessions", run_name="__main__")
    version = f"hikari-sessions {hikari_sessions.__version__}\n"
    assert capsys.readouterr().out == version
    # Importing the module runs nothing.
    runpy.run_module("hikari_sessions.__main__")


def test_help_ends_with_an_example_and_the_exit_statuses(run: Run) -> None:
    _, _, end = run("--help").out.partition("\nexample:\n  ")
    _, _, end = end.partition(
        "\nexit status:\n  0  the whole fleet can start now\n  "
    )
    assert [line[:5] for line in end.splitlines()] == ["1  it", "  2  ", "  3  "]


AT_RESET = "Deploy again after the reset."
REFUSED = "Discord answered with an error: see above."
GUARD_REFUSED = "guard: Discord answered with an error: see above"


def blocks(language: str) -> list[str]:
    """Return the blocks of the how-to in a language."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(f"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("script", [0, 1])
def test_the_how_to_scripts_need_a_token(
    tmp_path: pathlib.Path, script: int
) -> None:
    done = subprocess.run(
        ["sh", "-c", blocks("shell")[script]],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        text=True,
    )
    assert (done.returncode != 0, "TOKEN" in done.stderr) == (True, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "answer", "args", "status", "said"),
    [
        (0, response(remaining=9), "", 0, ""),
        (0, response(remaining=8), "", 1, AT_RESET),
        (0, response(remaining=8), "--wait-for-reset", 1, AT_RESET),
        (0, b"", "", 2, "standard input is empty"),
        (0, b'{"message": "401: Unauthorized", "code": 0}', "", 3, REFUSED),
        # The crash-loop guard keeps 100.
        (1, response(remaining=109), "", 0, ""),
        (1, response(remaining=108), "", 1, "guard: too few session starts"),
        (1, b"", "", 2, "standard input is empty"),
        (1, b'{"message": "a", "retry_after": 1}', "", 3, GUARD_REFUSED),
    ],
)
def test_the_how_to_scripts_continue_only_if_the_fleet_can_start(
    tmp_path: pathlib.Path,
    script: int,
    answer: bytes,
    args: str,
    status: int,
    said: str,
) -> None:
    """Run a script with stand-ins for what it calls."""
    (tmp_path / "answer").write_bytes(answer)
    python = shlex.quote(sys.executable)
    commands = {
        "curl": 'test "$(cat)" = "Authorization: Bot none"\n'
        'printf "%s\\n" "$@" >arguments\ncat answer',
        "hikari-sessions": f'exec {python} -m hikari_sessions "$@" {args}',
        "restart-the-fleet": "touch started",
    }
    for name, lines in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nset -e\n{lines}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", blocks("shell")[script], "guard", "restart-the-fleet"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "TOKEN": "none"},
        text=True,
    )
    assert done.returncode == status
    assert (tmp_path / "started").exists() == (status == 0)
    assert said in done.stderr
    # The token isn't among them.
    assert (tmp_path / "arguments").read_text().splitlines() == [
        *("-sS", "--max-time", "30", "--header", "@-"),
        *("--header", "Accept: application/json"),
        *("--user-agent", "DiscordBot (https://example.com, 1.0)"),
        "https://discord.com/api/v10/gateway/bot",
    ]


@pytest.mark.slow
def test_the_how_to_starts_containers_through_the_guard() -> None:
    text = "".join(blocks("yaml"))
    commands = re.findall(r"(?:command|entrypoint): (.*)", text)
    assert [json.loads(command) for command in commands] == [
        ["guard", "my-bot"],
        ["guard", "true"],
        ["guard", "my-bot"],
    ]
