"""The command line: may the fleet start?"""

from __future__ import annotations

import datetime
import errno
import io
import json
import os
import pathlib
import re
import runpy
import sys
import time
import typing

import answers
import hypothesis
import hypothesis.strategies as st
import pytest

import hikari_sessions
from hikari_sessions import cli

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
HOUR = 60 * 60 * 1000
URL = "wss://gateway.discord.gg/"
FROM_NOW = "24 hours after the next identify"
IN_4_HOURS = "2026-11-23 22:00:00 UTC, in 4 hours"
IDS = "ids and ranges of ids below 1,000,000, as in 0-15,32"


def response(shards: object = 9, url: object = URL, **limit: object) -> str:
    """Write the example of Discord's documentation, with some values changed."""
    limit = {"total": 1000, "remaining": 999, "reset_after": 4 * HOUR, **limit}
    return json.dumps({"url": url, "shards": shards, "session_start_limit": limit})


class Result(typing.NamedTuple):
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> typing.Any:
        return json.loads(self.out)


Run: typing.TypeAlias = typing.Callable[..., Result]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    now: datetime.datetime,
) -> typing.Iterator[Run]:
    """Run the command at 18:00 UTC, with streams and environment variables."""

    def run(
        *args: str,
        stdin: typing.Any = b"",
        streams: typing.Mapping[str, object] | None = None,
        terminal: bool = False,
        **variables: str,
    ) -> Result:
        for name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        variables = {"COLUMNS": "80", "TERM": "xterm", "TZ": "UTC", **variables}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        time.tzset()
        if isinstance(stdin, (bytes, str)):
            data = stdin.encode() if isinstance(stdin, str) else stdin
            stdin = io.TextIOWrapper(io.BytesIO(data))
        for name, stream in {"stdin": stdin, **(streams or {})}.items():
            monkeypatch.setattr(sys, name, stream)
        if terminal:
            monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        try:
            status = cli.main(args)
        except SystemExit as error:
            status = int(error.code or 0)
        out, err = capsys.readouterr()
        return Result(status, out, err)

    yield run
    monkeypatch.undo()
    time.tzset()


def test_it_shows_whether_the_fleet_can_start_and_when(run: Run) -> None:
    assert run("-", stdin=response(shards=4)) == Result(
        0,
        "Gateway         wss://gateway.discord.gg/\n"
        "Shards          4 of 4, with 1 rate limit key\n"
        "Session starts  999 of 1,000 left\n"
        "                ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
        "Reset           2026-11-23 22:00:00 UTC, in 4 hours\n"
        "Start-up        4 windows, 17 seconds from the first to the last\n"
        "Last shard      2026-11-23 18:00:16 UTC, in 17 seconds\n"
        "2026-11-23\n"
        "  18:00:00 UTC  0\n"
        "  18:00:05 UTC  1\n"
        "  18:00:11 UTC  2\n"
        "  18:00:16 UTC  3\n"
        "The fleet can start: it takes 4 session starts, and 999 are left.\n",
        "",
    )


def test_json_says_the_same_on_one_line(run: Run) -> None:
    assert run("--json", "-", stdin=response(shards=2)) == Result(
        0,
        '{"sample": false, "can_start": true, "url": "wss://gateway.discord.gg/", '
        '"shard_count": 2, "max_concurrency": 1, "total": 1000, "remaining": 999, '
        '"used": 1, "required": 2, "reset_after": 14400000, '
        '"reset_at": "2026-11-23T22:00:00+00:00", "duration": 5.5, "windows": ['
        '{"starts_at": "2026-11-23T18:00:00+00:00", "shard_ids": [0]}, '
        '{"starts_at": "2026-11-23T18:00:05.500000+00:00", "shard_ids": [1]}]}\n',
        "",
    )


def test_json_has_no_plan_for_a_fleet_that_cannot_start(run: Run) -> None:
    result = run("--json", "-", stdin=response(remaining=3))
    keys = ("can_start", "remaining", "used", "required", "duration", "windows")
    told = [result.json[key] for key in keys]
    assert (result.status, told) == (1, [False, 3, 997, 9, None, None])


def test_a_fleet_can_take_the_last_session_start(run: Run) -> None:
    result = run("-", stdin=response(remaining=9))
    assert result.status == 0
    assert result.lines[-1].endswith(" it takes 9 session starts, and 9 are left.")


@pytest.mark.parametrize(
    ("total", "remaining", "reason"),
    [
        (1000, 8, "8 are left. The limit resets to 1,000 at {reset}; {advice}"),
        (1, 2, "2 are left. The limit resets to 1 at {reset}; {advice}"),
        (1, 1, "1 is left. The limit is full, and resets {from_now}; {advice}"),
        (0, 0, "0 are left. No reset brings more."),
    ],
)
def test_a_refusal(run: Run, total: int, remaining: int, reason: str) -> None:
    result = run("-", stdin=response(total=total, remaining=remaining))
    advice = "--wait-for-reset plans with that."
    reason = reason.format(reset=IN_4_HOURS, from_now=FROM_NOW, advice=advice)
    verdict = f"The fleet can't start: it takes 9 session starts, and {reason}"
    assert " ".join(result.out.split()).endswith(verdict)
    assert result.status == 1


@pytest.mark.parametrize(
    ("limit", "reset", "left"),
    [
        ({"reset_after": 0.5}, "2026-11-23 18:00:00 UTC, in 1 second", 1),
        ({"reset_after": 59_001}, "2026-11-23 18:00:59 UTC, in 1 minute", 59_001),
        ({"reset_after": 9.1e7}, "2026-11-24 19:16:40 UTC, in 1 day 1 hour", 9.1e7),
        # A full limit has no reset ahead.
        ({"remaining": 1000}, FROM_NOW, 0),
        # Its 24 hours would begin with the shards that can start.
        ({"total": 1, "remaining": 1}, FROM_NOW, 24 * HOUR),
        ({"total": 1, "remaining": 2}, IN_4_HOURS, 4 * HOUR),
        ({"total": 0, "remaining": 0}, IN_4_HOURS, 4 * HOUR),
    ],
)
def test_the_reset(run: Run, limit: typing.Any, reset: str, left: float) -> None:
    stdin = response(**limit)
    assert run("-", stdin=stdin).lines[4] == f"Reset           {reset}"
    assert run("-", "--json", stdin=stdin).json["reset_after"] == left


def test_a_limit_whose_reset_has_come_is_full(run: Run) -> None:
    lines = run("-", stdin=response(remaining=3, reset_after=0)).lines
    assert lines[2] == "Session starts  1,000 of 1,000 left"
    assert lines[4] == f"Reset           {FROM_NOW}"


@pytest.mark.parametrize(
    ("zone", "now", "reset"),
    [
        # Summer time ends between now and the reset.
        ("Europe/Berlin", "2026-10-24T18:00", "2026-10-25 19:00:00 CET"),
        # In Tokyo, it would be the year 10000.
        ("Asia/Tokyo", "9999-12-30T18:00", "9999-12-31 18:00:00 UTC"),
    ],
)
def test_local_time(run: Run, zone: str, now: str, reset: str) -> None:
    moment = datetime.datetime.fromisoformat(now).replace(tzinfo=UTC)
    with hikari_sessions.use_clock(lambda: moment):
        lines = run("-", stdin=response(reset_after=24 * HOUR), TZ=zone).lines
    assert lines[4] == f"Reset           {reset}, in 1 day"


@pytest.mark.parametrize(
    ("remaining", "total", "bar"),
    [
        (0, 0, "─" * 40),
        (1, 1000, "━" + "─" * 39),
        (500, 1000, "━" * 20 + "─" * 20),
        (1, 1, "━" * 40),
        (1200, 1000, "━" * 40),
    ],
)
def test_the_bar(run: Run, remaining: int, total: int, bar: str) -> None:
    out = run("-", stdin=response(remaining=remaining, total=total)).out
    assert re.findall("[━─]+", out) == [bar]


def test_one_of_something_is_singular(run: Run) -> None:
    stdin = response(max_concurrency=16, remaining=1)
    lines = run("-", "--shard-count", "1", stdin=stdin).lines
    assert lines[1] == "Shards          1 of 1, with 16 rate limit keys"
    assert lines[5] == "Start-up        1 window"
    assert lines[6] == "Last shard      2026-11-23 18:00:00 UTC, now"
    assert lines[-1].endswith("it takes 1 session start, and 1 is left.")


def test_a_sample_says_that_it_is_one(run: Run) -> None:
    title = "A sample, not an answer for your bot.\n"
    assert run("--sample").out == title + run("-", stdin=response()).out
    told = run("-", "--json", stdin=response()).json
    assert run("--sample", "--json").json == {**told, "sample": True}


def test_what_a_response_is_read_from(run: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "response.json"
    # As PowerShell writes what a command prints.
    path.write_bytes(response().encode("utf-16"))
    assert run(str(path)) == run("-", stdin=response())
    assert run(str(path)) == run("-", stdin=path.read_bytes())
    assert run(str(path)) == run("-", stdin=io.StringIO(response()))


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_everything_is_as_of_one_moment(run: Run, form: list[str]) -> None:
    only_once = iter([NOW])
    with hikari_sessions.use_clock(only_once.__next__):
        assert run("-", *form, stdin=response()).status == 0


def test_a_long_plan_fits_on_a_screen(run: Run) -> None:
    limit = {"total": 200_000, "remaining": 3, "reset_after": 6 * HOUR}
    stdin = response(shards=20_000, max_concurrency=16, **limit)
    result = run("-", "--wait-for-reset", stdin=stdin)
    # Three shards start at once. Half a second after the reset, 1,249 windows of 16
    # shards begin, 6869.5 seconds long, and a window with the last 13.
    assert result.lines[5].startswith("Start-up        1,251 windows, 7 hours 54 ")
    assert result.lines[6:-2] == [
        "Last shard      2026-11-24 01:54:30 UTC, in 7 hours 54 minutes",
        "2026-11-23",
        "  18:00:00 UTC  0-2",
        "2026-11-24",
        "  00:00:00 UTC  3-18",
        "  00:00:06 UTC  19-34",
        "  00:00:11 UTC  35-50",
        "  00:00:17 UTC  51-66",
        "  … 1,241 more windows …",
        "  01:54:08 UTC  19923-19938",
        "  01:54:13 UTC  19939-19954",
        "  01:54:19 UTC  19955-19970",
        "  01:54:24 UTC  19971-19986",
        "  01:54:30 UTC  19987-19999",
    ]
    assert " 3 are left; the rest\nwaits for the reset.\n" in result.out
    assert result.status == 0


def test_up_to_eleven_windows_are_all_listed(run: Run) -> None:
    eleven = run("-", stdin=response(shards=11)).lines[8:-1]
    assert eleven[5:-5] == ["  18:00:27 UTC  5"]
    twelve = run("-", stdin=response(shards=12)).lines[8:-1]
    assert twelve[5:-5] == ["  … 2 more windows …"]


def test_shard_ids_are_read_as_they_are_shown(run: Run) -> None:
    args = ["--shard-count=1000000", "--shard-ids=999999, 3-5,4-4,0-1,1"]
    lines = run("-", *args, stdin=response(max_concurrency=10**6)).lines
    assert lines[1].startswith("Shards          6 of 1,000,000, with ")
    assert lines[8] == "  18:00:00 UTC  0-1,3-5,999999"


def test_window_delay_is_in_seconds(run: Run) -> None:
    for delay, duration in (("5", 40), ("7.5", 60)):
        told = run("--sample", "--json", "--window-delay", delay).json
        assert told["duration"] == duration


def test_no_line_is_wider_than_the_terminal(run: Run) -> None:
    # A URL is folded, and isn't taken for rich's markup. A list of ids is cut off.
    url = "ws://a/[bold]:smile:[/x]/" + "y" * 40
    ids = ",".join(str(number * 2) for number in range(60))
    args = ["--shard-count=200", f"--shard-ids={ids}"]
    stdin = response(url=url, max_concurrency=128)
    for columns in (10, 60):
        lines = run("-", *args, stdin=stdin, COLUMNS=str(columns)).lines
        assert max(map(len, lines)) == columns
        assert "".join("".join(lines).split()).startswith(f"Gateway{url}Shards")
        line = f"  18:00:00 UTC  {ids}"
        assert f"{line[: columns - 1]}…" in lines
        assert ("  ━━━━━━━━" in lines) == (columns == 10)


def test_narrow_terminals_have_the_values_below_their_names(run: Run) -> None:
    narrow = run("-", stdin=response(), COLUMNS="59").lines
    assert narrow[:2] == ["Gateway", "  wss://gateway.discord.gg/"]
    wide = run("-", stdin=response(), COLUMNS="60").lines
    assert wide[0] == "Gateway         wss://gateway.discord.gg/"


def test_what_the_colours_of_a_terminal_mean(run: Run) -> None:
    # ECMA-48 has the numbers: 1 bold, 2 faint, 3 italic, 31 red, 32 green.
    out = run("--sample", terminal=True).out
    assert out.startswith("\x1b[3mA sample, not an answer for your bot.\x1b[0m\n")
    assert "\n\x1b[32mThe fleet can start: " in out
    stdin = response(remaining=4, total=8)
    for columns in ("42", "80"):
        out = run("-", stdin=stdin, terminal=True, COLUMNS=columns).out
        assert out.startswith("\x1b[1mGateway")
        assert "\n\x1b[1;31mThe fleet can't start: " in out
        assert f"\x1b[32m{'━' * 20}\x1b[0m\x1b[2m{'─' * 20}\x1b[0m" in out


def test_pipes_and_no_color_have_no_colours(run: Run) -> None:
    assert "\x1b" not in run("--sample", FORCE_COLOR="1").out
    assert "\x1b[32m" not in run("--sample", terminal=True, NO_COLOR="1").out


def test_an_output_that_knows_few_characters(run: Run) -> None:
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding="ascii")
    stdin = response(url="wss://g\u0119t.example/", remaining=500)
    run("-", stdin=stdin, streams={"stdout": stdout})
    assert b"wss://g\\u0119t.example/\n" in raw.getvalue()
    assert b" " + b"#" * 20 + b"-" * 20 + b"\n" in raw.getvalue()


@pytest.mark.parametrize(
    ("args", "stdin", "message"),
    [
        (
            "x b\nc",
            "",
            "unrecognized arguments: b\\nc (see hikari-sessions --help)",
        ),
        ("x.json", "", "can't read 'x.json': No such file or directory\n"),
        ("x\0y", "", "can't read 'x\\x00y': embedded null byte\n"),
        ("-", None, "standard input is closed\n"),
        ("-", " ", "standard input is empty: give the JSON of GET /gateway/bot\n"),
        ("-", "<", "standard input is no JSON: Expecting value: line 1 column 1 "),
        pytest.param("-", "[" * 60_000, "standard input is no JSON: ", id="nested"),
        ("-", "[]", "payload: expected an object, got an array\n"),
        ("--sample --shard-ids=0", "", "--shard-ids needs a --shard-count; the "),
        ("--sample --window-delay=1e12", "", "the plan would end after the year "),
    ],
)
def test_bad_usage_and_input_are_told_in_one_line(
    run: Run, args: str, stdin: str | None, message: str
) -> None:
    status, out, err = run(*args.split(" "), stdin=stdin)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"hikari-sessions: {message}")


@pytest.mark.parametrize(
    ("option", "values", "expected"),
    [
        ("--shard-count", ["0", "1000001"], "a whole number from 1 to 1,000,000"),
        ("--shard-ids", ["", "3-1", "0-1000000"], IDS),
        ("--window-delay", ["4.999", "nan"], "a number of seconds, 5 or more"),
    ],
)
def test_a_wrong_value_is_shown_up_to_forty_characters(
    run: Run, option: str, values: list[str], expected: str
) -> None:
    for value in [*values, "9" * 5000]:
        problem = f"argument {option}: expected {expected}, got '{value[:40]}'"
        message = f"hikari-sessions: {problem} (see hikari-sessions --help)\n"
        assert run("--sample", f"{option}={value}") == Result(2, "", message)


def test_a_response_has_64_kib_at_most(run: Run, tmp_path: pathlib.Path) -> None:
    longest = response().ljust(64 * 1024)
    assert run("-", stdin=longest).status == 0
    path = tmp_path / "long.json"
    path.write_text(f"{longest} ")
    problem = " is no answer of GET /gateway/bot: it is larger than 64 KiB\n"
    for source in ("-", str(path)):
        result = run(source, stdin=f"{longest} ")
        assert (result.status, result.err.endswith(problem)) == (2, True)


def test_an_endless_input_is_not_read_to_its_end(run: Run) -> None:
    zeros = io.BytesIO(bytes(2**20))
    assert run("-", stdin=io.TextIOWrapper(zeros)).status == 2
    assert zeros.tell() < 2**17


@hypothesis.settings(
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(
    source=st.binary() | answers.right | answers.nearly_right(),
    args=st.sets(st.sampled_from(["--json", "--wait-for-reset"])),
)
def test_any_input_gives_a_status_and_no_traceback(
    run: Run, source: object, args: set[str]
) -> None:
    try:
        stdin = source if isinstance(source, bytes) else json.dumps(source)
    except ValueError:
        # Python doesn't write integers of more than 4300 digits.
        hypothesis.reject()
    # Drawn payloads can have a million shards, and their plans take seconds.
    status, out, err = run("-", "--shard-count=9", *sorted(args), stdin=stdin)
    assert status in {0, 1, 2}
    assert (not out, err.count("\n")) == (status == 2, status == 2)


def test_without_rich(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    needs = "this needs rich: pip install 'hikari-sessions[cli]'"
    message = f"hikari-sessions: {needs} (--json works without it)\n"
    assert run("--sample") == Result(2, "", message)
    assert run("--sample", "--json").status == 0


def test_an_interrupt_leaves_no_traceback(run: Run) -> None:
    class Interrupted(io.StringIO):
        def read(self, size: int | None = None) -> typing.NoReturn:
            raise KeyboardInterrupt

    assert run("-", stdin=Interrupted()) == Result(130, "", "")


@pytest.mark.parametrize(
    ("stream", "arg", "status"),
    [("stdout", "--sample", 0), ("stdout", "--help", 0), ("stderr", "x.json", 2)],
)
def test_a_closed_stream(run: Run, stream: str, arg: str, status: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        assert run(arg, streams={stream: pipe}) == Result(status, "", "")
    assert run(arg, streams={stream: None}) == Result(status, "", "")


def test_a_full_disk_is_an_error(run: Run) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> typing.NoReturn:
            raise OSError(errno.ENOSPC, "No space left on device")

    problem = "can't write to standard output: No space left on device"
    result = run("--sample", streams={"stdout": Full()})
    assert result == Result(2, "", f"hikari-sessions: {problem}\n")


def test_it_runs_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["hikari-sessions", "x.json"])
    with pytest.raises(SystemExit, match="2"):
        runpy.run_module("hikari_sessions", run_name="__main__")
    # Importing the module runs nothing.
    runpy.run_module("hikari_sessions.__main__")


def test_it_tells_its_version(run: Run) -> None:
    version = f"hikari-sessions {hikari_sessions.__version__}\n"
    assert run("--version") == Result(0, version, "")


def test_help_explains_the_exit_status(run: Run) -> None:
    out = run("--help").out
    assert "0 the fleet can start, 1 not enough session starts left" in out
