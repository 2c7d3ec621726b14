"""The command line: may the fleet start?"""

from __future__ import annotations

import datetime
import errno
import importlib
import io
import itertools
import json
import os
import pathlib
import runpy
import subprocess
import sys
import time
import typing

import answers
import hypothesis
import hypothesis.strategies as st
import pytest

import hikari_sessions
from hikari_sessions import cli

ANSWER: dict[str, typing.Any] = {
    "url": "wss://gateway.discord.gg/",
    "shards": 9,
    "session_start_limit": {"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1},
}

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)


def answer(**limit: object) -> str:
    return json.dumps({**ANSWER, "session_start_limit": {**ANSWER["session_start_limit"], **limit}})


class Result(typing.NamedTuple):
    status: int | str | None
    out: str
    err: str


Run = typing.Callable[..., Result]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], now: datetime.datetime
) -> typing.Iterator[Run]:
    """Run the command at 18:00 UTC, in UTC, 80 columns wide, with what is to be read from standard input."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    def run(*args: str, stdin: str | bytes = b"") -> Result:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        status: int | str | None
        try:
            status = cli.main(args)
        except SystemExit as error:
            status = error.code
        out, err = capsys.readouterr()
        return Result(status, out, err)

    yield run
    monkeypatch.undo()
    time.tzset()


def run_process(*args: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "hikari_sessions", *args],
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


class TestReport:
    def test_a_fleet_that_can_start(self, run: Run) -> None:
        assert run("-", stdin=answer()) == Result(
            0,
            "Gateway         wss://gateway.discord.gg/\n"
            "Shards          9 of 9, with 1 rate limit key\n"
            "Session starts  999 of 1,000 left\n"
            "                ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
            "Reset           2026-11-23 22:00:00 UTC, in 4 hours\n"
            "Start-up        9 windows, 40 seconds from the first to the last\n"
            "Last shard      2026-11-23 18:00:40 UTC, in 40 seconds\n"
            "2026-11-23\n"
            "  18:00:00 UTC  0\n"
            "  18:00:05 UTC  1\n"
            "  18:00:10 UTC  2\n"
            "  18:00:15 UTC  3\n"
            "  18:00:20 UTC  4\n"
            "  18:00:25 UTC  5\n"
            "  18:00:30 UTC  6\n"
            "  18:00:35 UTC  7\n"
            "  18:00:40 UTC  8\n"
            "The fleet can start: it takes 9 session starts, and 999 are left.\n",
            "",
        )

    def test_a_fleet_that_cannot_start_is_told_when_it_can(self, run: Run) -> None:
        result = run("-", stdin=answer(remaining=8, reset_after=5_400_000))
        assert result.status == 1
        assert " ".join(result.out.splitlines()[5:]) == (
            "The fleet can't start: it takes 9 session starts, and 8 are left. The limit resets to 1,000 at"
            " 2026-11-23 19:30:00 UTC, in 1 hour 30 minutes; --wait-for-reset plans with that."
        )
        assert "8 of 1,000 left" in result.out

    def test_a_fleet_that_takes_the_last_session_start_can_start(self, run: Run) -> None:
        result = run("-", stdin=answer(remaining=9))
        assert result.status == 0
        assert result.out.endswith("it takes 9 session starts, and 9 are left.\n")

    @pytest.mark.parametrize(
        ("remaining", "total", "filled"),
        [(0, 1000, 0), (1, 1000, 1), (500, 1000, 20), (1200, 1000, 40), (0, 0, 0), (1, 1, 40)],
    )
    def test_the_bar_shows_what_is_left(self, run: Run, remaining: int, total: int, filled: int) -> None:
        bar = run("-", stdin=answer(remaining=remaining, total=total)).out.splitlines()[3].strip()
        assert bar == "━" * filled + "─" * (40 - filled)

    @pytest.mark.parametrize("columns", [10, 20, 30])
    def test_the_bar_fits_a_narrow_terminal(self, run: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        out = run("-", stdin=answer(remaining=500)).out
        width = columns - 2
        assert f"\n  {'━' * (width // 2)}{'─' * (width // 2)}\n" in out
        assert "\n\n" not in out

    @pytest.mark.parametrize("remaining", [0, 3, 1000])
    def test_a_limit_whose_reset_has_come_is_full(self, run: Run, remaining: int) -> None:
        result = run("-", stdin=answer(remaining=remaining, reset_after=0))
        assert result.status == 0
        assert "1,000 of 1,000 left" in result.out

    def test_a_limit_that_is_too_small_even_if_full(self, run: Run) -> None:
        result = run("-", stdin=answer(total=5, remaining=5, reset_after=0))
        assert result.status == 1
        assert " ".join(result.out.splitlines()[5:]) == (
            "The fleet can't start: it takes 9 session starts, and 5 are left. The limit is full, and resets"
            " 24 hours after the next identify; --wait-for-reset plans with that."
        )

    @pytest.mark.parametrize(("total", "remaining", "hours"), [(1, 1, 24), (1, 2, 4)])
    def test_a_limit_of_one_resets_too(self, run: Run, total: int, remaining: int, hours: int) -> None:
        result = run("-", stdin=answer(total=total, remaining=remaining))
        assert "; --wait-for-reset plans with that." in " ".join(result.out.splitlines())
        # If the fleet starts now, as far as it can.
        told = json.loads(run("-", "--json", stdin=answer(total=total, remaining=remaining)).out)
        assert told["reset_after"] == hours * 3_600_000

    def test_a_limit_of_none_resets_when_discord_says(self, run: Run) -> None:
        result = run("-", "--json", stdin=answer(total=0, remaining=0))
        assert json.loads(result.out)["reset_at"] == "2026-11-23T22:00:00+00:00"
        assert (
            "Reset           2026-11-23 22:00:00 UTC, in 4 hours\n" in run("-", stdin=answer(total=0, remaining=0)).out
        )

    def test_a_limit_that_never_has_any(self, run: Run) -> None:
        result = run("-", "--wait-for-reset", stdin=answer(total=0, remaining=0))
        assert result.status == 1
        assert result.out.endswith("and 0 are left. No reset\nbrings more.\n")

    def test_one_of_something_is_not_many(self, run: Run) -> None:
        payload = json.dumps(
            {
                **ANSWER,
                "shards": 1,
                "session_start_limit": {"total": 1, "remaining": 1, "reset_after": 0, "max_concurrency": 16},
            }
        )
        out = run("-", stdin=payload).out
        assert "1 of 1, with 16 rate limit keys" in out
        assert "Reset           24 hours after the next identify\n" in out
        assert "Start-up        1 window\nLast shard      2026-11-23 18:00:00 UTC, now\n" in out
        assert out.endswith("it takes 1 session start, and 1 is left.\n")

    @pytest.mark.parametrize("reset_after", [0, 14_400_000])
    def test_a_window_that_no_session_start_has_opened(self, run: Run, reset_after: int) -> None:
        out = run("-", stdin=answer(remaining=1000, reset_after=reset_after)).out
        assert "Reset           24 hours after the next identify\n" in out
        told = json.loads(run("-", "--json", stdin=answer(remaining=1000, reset_after=reset_after)).out)
        assert (told["reset_after"], told["reset_at"]) == (0, "2026-11-23T18:00:00+00:00")

    @pytest.mark.parametrize(
        ("milliseconds", "words"),
        [
            (1, "in 1 second"),
            (59_001, "in 1 minute"),
            (61_000, "in 1 minute 1 second"),
            (86_399_000, "in 23 hours 59 minutes"),
            (86_400_000, "in 1 day"),
            (90_061_000, "in 1 day 1 hour"),
        ],
    )
    def test_the_reset_is_told_in_two_units(self, run: Run, milliseconds: int, words: str) -> None:
        assert run("-", stdin=answer(reset_after=milliseconds)).out.splitlines()[4].endswith(f", {words}")

    def test_the_reset_is_told_in_local_time_as_of_then(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        before = datetime.datetime(2026, 10, 24, 22, 0, tzinfo=datetime.timezone.utc)
        with hikari_sessions.use_clock(lambda: before):
            assert "2026-10-25 04:00:00 CET" in run("-", stdin=answer(reset_after=5 * 3_600_000)).out

    def test_a_reset_at_the_end_of_time(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        days = (datetime.date(9999, 12, 31) - datetime.date(2026, 11, 23)).days
        assert "9999-12-31 18:00:00 UTC" in run("-", stdin=answer(reset_after=days * 86_400_000)).out

    def test_numbers_of_any_size(self, run: Run) -> None:
        huge = 10**639
        result = run("-", stdin=answer(total=huge, remaining=huge - 1, max_concurrency=huge))
        assert result.status == 0
        assert run("-", "--json", stdin=answer(total=huge)).status == 0

    def test_a_sample_says_that_it_is_one(self, run: Run) -> None:
        result = run("--sample")
        assert result.status == 0
        assert result.out.startswith("A sample, not an answer for your bot.\n")
        assert json.loads(run("--sample", "--json").out)["sample"] is True

    def test_the_sample_is_the_example_of_discords_documentation(self, run: Run) -> None:
        sample, theirs = (json.loads(run(source, "--json", stdin=answer()).out) for source in ("--sample", "-"))
        assert sample == {**theirs, "sample": True}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    def test_a_file_and_standard_input_in_every_encoding_of_json(
        self, run: Run, tmp_path: pathlib.Path, encoding: str
    ) -> None:
        path = tmp_path / "answer.json"
        path.write_bytes(answer().encode(encoding))
        result = run(str(path))
        assert result == run("-", stdin=answer().encode(encoding))
        assert result.status == 0

    def test_everything_is_as_of_one_moment(self, run: Run) -> None:
        seconds = itertools.count()
        with hikari_sessions.use_clock(lambda: NOW + datetime.timedelta(seconds=next(seconds))):
            result = json.loads(run("-", "--json", stdin=answer()).out)
        assert result["windows"][0]["starts_at"] == "2026-11-23T18:00:00+00:00"
        assert result["reset_at"] == "2026-11-23T22:00:00+00:00"
        assert result["reset_after"] == 14_400_000

    def test_what_looks_like_markup_is_shown_as_it_is(self, run: Run) -> None:
        payload = json.dumps({**ANSWER, "url": "ws://a/[bold]:smile:[/x]"})
        assert "ws://a/[bold]:smile:[/x]" in run("-", stdin=payload).out


def test_json_is_the_same_for_a_program(run: Run) -> None:
    result = run("--json", "-", stdin=answer(remaining=3, max_concurrency=16))
    assert result.status == 1
    assert json.loads(result.out) == {
        "sample": False,
        "can_start": False,
        "url": "wss://gateway.discord.gg/",
        "shard_count": 9,
        "max_concurrency": 16,
        "total": 1000,
        "remaining": 3,
        "used": 997,
        "required": 9,
        "reset_after": 14400000,
        "reset_at": "2026-11-23T22:00:00+00:00",
        "duration": None,
        "windows": None,
    }


def test_json_has_the_plan_on_one_line(run: Run) -> None:
    result = run("--json", "-", stdin=json.dumps({**ANSWER, "shards": 2}))
    assert result.out.endswith("}\n")
    assert result.out.count("\n") == 1
    assert json.loads(result.out) == {
        "sample": False,
        "can_start": True,
        "url": "wss://gateway.discord.gg/",
        "shard_count": 2,
        "max_concurrency": 1,
        "total": 1000,
        "remaining": 999,
        "used": 1,
        "required": 2,
        "reset_after": 14400000,
        "reset_at": "2026-11-23T22:00:00+00:00",
        "duration": 5,
        "windows": [
            {"starts_at": "2026-11-23T18:00:00+00:00", "shard_ids": [0]},
            {"starts_at": "2026-11-23T18:00:05+00:00", "shard_ids": [1]},
        ],
    }


def test_reset_after_in_json_is_rounded_up_to_milliseconds(run: Run) -> None:
    assert json.loads(run("--json", "-", stdin=answer(reset_after=1.5)).out)["reset_after"] == 2


class TestPlan:
    PAYLOAD = json.dumps(
        {
            "url": "wss://a",
            "shards": 100_000,
            "session_start_limit": {"total": 200_000, "remaining": 3, "reset_after": 60_000, "max_concurrency": 16},
        }
    )

    def test_a_hundred_thousand_shards_stay_on_one_screen(self, run: Run) -> None:
        result = run("-", "--wait-for-reset", stdin=self.PAYLOAD)
        assert result.status == 0
        lines = result.out.splitlines()
        assert len(lines) <= 24
        # 3 shards at once, then 99,997 in windows of 16.
        assert lines[5:7] == [
            "Start-up        6,251 windows, 8 hours 41 minutes from the first to the last",
            "Last shard      2026-11-24 02:41:45 UTC, in 8 hours 41 minutes",
        ]
        assert lines[7:15] == [
            "2026-11-23",
            "  18:00:00 UTC  0-2",
            "  18:01:00 UTC  3-18",
            "  18:01:05 UTC  19-34",
            "  18:01:10 UTC  35-50",
            "  18:01:15 UTC  51-66",
            "  … 6,241 more windows …",
            "2026-11-24",
        ]
        assert lines[-3] == "  02:41:45 UTC  99987-99999"
        assert " ".join(lines[-2:]).endswith("and 3 are left; the rest waits for the reset.")

    @pytest.mark.parametrize(
        ("shards", "middle"),
        [
            (11, ["  18:00:25 UTC  5"]),
            (12, ["  … 2 more windows …"]),
            (13, ["  … 3 more windows …"]),
        ],
    )
    def test_up_to_eleven_windows_are_listed_and_of_more_the_first_and_last_five(
        self, run: Run, shards: int, middle: list[str]
    ) -> None:
        lines = run("-", stdin=json.dumps({**ANSWER, "shards": shards})).out.splitlines()[7:-1]
        first = [f"  18:00:{5 * number:02} UTC  {number}" for number in range(5)]
        last = [
            f"  18:{5 * number // 60:02}:{5 * number % 60:02} UTC  {number}" for number in range(shards - 5, shards)
        ]
        assert lines == ["2026-11-23", *first, *middle, *last]

    def test_the_largest_fleet_has_a_million_shards(self, run: Run) -> None:
        assert run("-", stdin=json.dumps({**ANSWER, "shards": 1_000_000})).status == 1
        assert run("-", stdin=json.dumps({**ANSWER, "shards": 1_000_001})).status == 2
        assert run("--sample", "--shard-count", "1000000").status == 1
        assert run("--sample", "--shard-count", "1000000", "--shard-ids", "999999").status == 0
        assert run("--sample", "--shard-count", "1000000", "--shard-ids", "1000000").err.startswith(
            "hikari-sessions: argument --shard-ids: expected ids and ranges of ids below 1,000,000"
        )

    def test_the_smallest_fleet_has_one_shard(self, run: Run) -> None:
        assert "Shards          1 of 1, " in run("--sample", "--shard-count", "1").out

    def test_without_waiting_it_says_when_the_limit_resets(self, run: Run) -> None:
        result = run("-", stdin=self.PAYLOAD)
        assert result.status == 1
        assert "The limit resets to 200,000 at 2026-11-23 18:01:00 UTC" in " ".join(result.out.splitlines())

    def test_shard_ids_are_read_as_they_are_shown(self, run: Run) -> None:
        result = run("--sample", "--shard-count", "64", "--shard-ids", "3, 0-1,1,0-0")
        assert "3 of 64, with 1 rate limit key" in result.out
        assert [line.split()[-1] for line in result.out.splitlines() if "UTC  " in line] == ["0", "1", "3"]

    def test_many_ids_in_a_window_are_cut_off_at_the_edge(self, run: Run) -> None:
        ids = ",".join(str(number * 2) for number in range(60))
        out = run("-", "--shard-count", "200", "--shard-ids", ids, stdin=answer(max_concurrency=128)).out
        line = out.splitlines()[8]
        assert line.startswith("  18:00:00 UTC  0,2,4,6,")
        assert (len(line), line[-1]) == (80, "…")

    def test_window_delay_is_in_seconds(self, run: Run) -> None:
        out = json.loads(run("--sample", "--json", "--shard-count", "3", "--window-delay", "7.5").out)
        assert out["duration"] == 15
        assert out["required"] == 3
        assert out["windows"] == [
            {"starts_at": "2026-11-23T18:00:00+00:00", "shard_ids": [0]},
            {"starts_at": "2026-11-23T18:00:07.500000+00:00", "shard_ids": [1]},
            {"starts_at": "2026-11-23T18:00:15+00:00", "shard_ids": [2]},
        ]

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["--shard-ids", "0-99999999999"], "argument --shard-ids: expected ids and ranges of ids below 1,000,000"),
            (["--shard-ids", "0-999999999"], "argument --shard-ids: expected ids and ranges of ids below 1,000,000"),
            (["--shard-ids", "3-1"], "argument --shard-ids: expected ids"),
            (["--shard-ids", ""], "argument --shard-ids: expected ids"),
            (["--shard-ids", "0,"], "argument --shard-ids: expected ids"),
            (["--shard-ids", "x" * 1000], "argument --shard-ids: expected ids"),
            (["--shard-ids", "0"], "--shard-ids needs a --shard-count"),
            (["--shard-count", "2", "--shard-ids", "1-2"], "a shard id has to be from 0 to 1"),
            (["--shard-count", "0"], "argument --shard-count: expected a whole number from 1 to 1,000,000, got '0'"),
            (["--shard-count", "1000001"], "argument --shard-count: expected a whole number from 1 to 1,000,000"),
            (["--shard-count", "9" * 5000], "argument --shard-count: expected a whole number from 1 to 1,000,000"),
            (["--window-delay", "nan"], "argument --window-delay: expected a number of seconds, 5 or more, got 'nan'"),
            (
                ["--window-delay", "1e300"],
                "argument --window-delay: expected a number of seconds, 5 or more",
            ),
            (["--window-delay", "0"], "argument --window-delay: expected a number of seconds, 5 or more, got '0'"),
            (["--window-delay=-5"], "argument --window-delay: expected a number of seconds, 5 or more, got '-5'"),
            (["--window-delay", "1e13"], "the plan would have too many shards, or not be within the years 1 to 9999"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_cannot_be_planned_is_told_in_one_line(self, run: Run, args: list[str], message: str) -> None:
        result = run("--sample", *args)
        assert (result.status, result.out) == (2, "")
        assert result.err.startswith(f"hikari-sessions: {message}")
        assert (result.err.count("\n"), len(result.err) < 250) == (1, True)

    @pytest.mark.parametrize(
        ("option", "text", "expected"),
        [
            ("--shard-count", "9" * 41, "a whole number from 1 to 1,000,000"),
            ("--shard-ids", "9" * 41, "ids and ranges of ids below 1,000,000, as in 0-15,32"),
            ("--window-delay", "-" * 41, "a number of seconds, 5 or more"),
        ],
    )
    def test_a_wrong_argument_is_shown_up_to_forty_characters(
        self, run: Run, option: str, text: str, expected: str
    ) -> None:
        assert run("--sample", f"{option}={text}").err == (
            f"hikari-sessions: argument {option}: expected {expected}, got '{text[:40]}' (see hikari-sessions --help)\n"
        )

    def test_shard_ids_without_a_shard_count_are_told_why_that_is_wrong(self, run: Run) -> None:
        assert run("--sample", "--shard-ids", "0").err == (
            "hikari-sessions: --shard-ids needs a --shard-count: the recommended one may be another tomorrow\n"
        )

    def test_the_shortest_window_delay_is_five_seconds(self, run: Run) -> None:
        assert json.loads(run("--sample", "--json", "--window-delay", "5").out)["duration"] == 40
        assert run("--sample", "--window-delay", "4.999").status == 2

    def test_a_payload_with_more_shards_than_anyone_has(self, run: Run) -> None:
        result = run("-", stdin=json.dumps({**ANSWER, "shards": 10**600}))
        assert result == Result(
            2, "", "hikari-sessions: more than 1,000,000 shards can't be planned: give a --shard-count\n"
        )


class TestTerminals:
    @pytest.mark.parametrize("columns", [10, 20, 40, 59, 60, 200])
    def test_no_line_is_wider_than_the_terminal(self, run: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = run("-", stdin=answer()).out.splitlines()
        assert max(map(len, lines)) <= columns
        assert "".join(lines).replace(" ", "").count("wss://gateway.discord.gg/") == 1

    def test_narrow_terminals_have_the_values_below_their_names(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "40")
        assert run("-", stdin=answer()).out.splitlines()[:2] == ["Gateway", "  wss://gateway.discord.gg/"]

    def test_from_sixty_columns_on_the_values_are_beside_their_names(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "60")
        assert run("-", stdin=answer()).out.splitlines()[0] == "Gateway         wss://gateway.discord.gg/"
        monkeypatch.setenv("COLUMNS", "59")
        assert run("-", stdin=answer()).out.splitlines()[:2] == ["Gateway", "  wss://gateway.discord.gg/"]

    def test_without_columns_the_width_is_that_of_standard_output(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with open(os.devnull, "w") as stdout:  # noqa: PTH123

            def size(stream: int) -> os.terminal_size:
                return os.terminal_size((40 if stream == stdout.fileno() else 90, 24))

            monkeypatch.setattr(os, "get_terminal_size", size)
            monkeypatch.setattr(sys, "__stdout__", stdout)
            monkeypatch.setenv("COLUMNS", "0")
            assert run("--sample").out.splitlines()[1:3] == ["Gateway", "  wss://gateway.discord.gg/"]

    def test_a_pipe_has_no_colour_even_if_forced(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b" not in run("--sample").out

    def test_a_terminal_has_colour(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "xterm-256color")
        assert "\x1b[32m" in run("--sample").out

    def test_what_the_colours_of_a_terminal_mean(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        # The numbers are those of ECMA-48: 1 bold, 2 faint, 3 italic, 31 red, 32 green.
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "xterm-256color")
        sample = run("--sample").out
        assert "\x1b[3mA sample, not an answer for your bot.\x1b[0m\n" in sample
        assert "\n\x1b[32mThe fleet can start: it takes 9 session starts, and 999 are left.\x1b[0m\n" in sample
        out = run("-", stdin=answer(remaining=0, total=0)).out
        assert "\n\x1b[1;31mThe fleet can't start: " in out
        assert f"\x1b[2m{'─' * 40}\x1b[0m" in out
        out = run("-", stdin=answer(remaining=500)).out
        assert f"\x1b[32m{'━' * 20}\x1b[0m\x1b[2m{'─' * 20}\x1b[0m" in out
        for columns in ("80", "40"):
            monkeypatch.setenv("COLUMNS", columns)
            assert run("-", stdin=answer()).out.startswith("\x1b[1mGateway")

    def test_a_terminal_with_no_color_has_none(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b" not in run("--sample").out

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
    def test_an_output_that_knows_few_characters(self, encoding: str) -> None:
        payload = json.dumps({**ANSWER, "url": "wss://g\u0119t.example/"})
        result = run_process("-", stdin=payload.encode(), PYTHONIOENCODING=encoding, COLUMNS="80")
        assert (result.returncode, result.stderr) == (0, b"")
        assert b"wss://g\\u0119t.example/" in result.stdout
        assert b"#" * 40 in result.stdout


class TestErrors:
    @pytest.mark.parametrize(
        ("args", "stdin", "message"),
        [
            ([], "", "one of the arguments FILE --sample is required (see hikari-sessions --help)"),
            (["-", "--sample"], "", "argument --sample: not allowed with argument FILE (see hikari-sessions --help)"),
            (["-", "--unknown"], "", "unrecognized arguments: --unknown (see hikari-sessions --help)"),
            (["a", "b\nc"], "", "unrecognized arguments: b\\nc (see hikari-sessions --help)"),
            (["missing.json"], "", "can't read 'missing.json': No such file or directory"),
            (["a\nb"], "", "can't read 'a\\nb': No such file or directory"),
            (["a\0b"], "", "can't read 'a\\x00b': embedded null byte"),
            (["."], "", "can't read '.': Is a directory"),
            (["-"], "", "standard input is empty: give the JSON of GET /gateway/bot"),
            (["-"], " \n", "standard input is empty: give the JSON of GET /gateway/bot"),
            (["-"], "<html>", "standard input is no JSON: Expecting value: line 1 column 1 (char 0)"),
            (["-"], b"\xff\xfe\xfd", "standard input is no JSON: "),
            (["-"], "[" * 60_000, "standard input is no JSON: "),
            (["-"], "9" * 5_000, "standard input is no JSON: Exceeds the limit (4300"),
            (["-"], " " * (64 * 1024 + 1), "standard input is no answer of GET /gateway/bot: it is larger"),
            (["-"], "[]", "payload: expected an object, got an array"),
            (["-"], '{"message": "401: Unauthorized", "code": 0}', "payload: expected an answer of GET /gateway/bot"),
            (["-"], answer(remaining=-1), "session_start_limit.remaining: expected an integer of 0 or more, got -1"),
            (["-"], answer(reset_after=float("nan")), "session_start_limit.reset_after: expected a finite number"),
        ],
        ids=lambda value: str(value)[:40],
    )  # fmt: skip
    def test_bad_input_and_usage_is_told_in_one_line(
        self, run: Run, args: list[str], stdin: str | bytes, message: str
    ) -> None:
        result = run(*args, stdin=stdin)
        assert (result.status, result.out) == (2, "")
        assert result.err.startswith(f"hikari-sessions: {message}")
        assert result.err.count("\n") == 1
        assert result.err.endswith("\n")

    def test_standard_input_is_not_read_to_an_end_that_may_never_come(self, monkeypatch: pytest.MonkeyPatch) -> None:
        zeros = io.BytesIO(bytes(2**20))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(zeros))
        assert cli.main(["-"]) == 2
        assert zeros.tell() < 2**17

    def test_an_answer_may_have_64_kib_and_no_more(self, run: Run) -> None:
        longest = answer().ljust(65536)
        assert run("-", stdin=longest).status == 0
        assert run("-", stdin=f"{longest} ") == Result(
            2,
            "",
            "hikari-sessions: standard input is no answer of GET /gateway/bot: it is larger than 64 KiB\n",
        )

    @pytest.mark.skipif(not pathlib.Path("/dev/zero").exists(), reason="there is no endless file here")
    def test_an_endless_file_is_refused(self, run: Run) -> None:
        assert run("/dev/zero").err == (
            "hikari-sessions: '/dev/zero' is no answer of GET /gateway/bot: it is larger than 64 KiB\n"
        )

    @hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
    @hypothesis.given(stdin=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
    def test_whatever_is_read_gives_a_status_and_no_traceback(self, run: Run, stdin: bytes) -> None:
        result = run("-", stdin=stdin)
        assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)

    @hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
    @hypothesis.given(
        answer=answers.right | answers.nearly_right() | answers.anything,
        options=st.sets(
            st.sampled_from(
                ["--json", "--wait-for-reset", "--shard-count=9", "--shard-ids=0-3,5", "--window-delay=7.5"]
            )
        ),
    )
    def test_whatever_json_is_read_gives_a_status_and_no_traceback(
        self, run: Run, answer: object, options: set[str]
    ) -> None:
        try:
            stdin = json.dumps(answer)
        except ValueError:
            # Python does not write integers of more than 4300 digits.
            hypothesis.reject()
        result = run("-", *sorted(options), stdin=stdin)
        assert result.status in {0, 1, 2}
        assert (result.out == "", result.err.count("\n")) == (result.status == 2, result.status == 2)

    def test_a_closed_standard_input(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        assert cli.main(["-"]) == 2
        assert capsys.readouterr() == ("", "hikari-sessions: standard input is closed\n")

    def test_without_rich_it_says_how_to_get_it(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "rich", None)
        result = run("--sample")
        assert (result.status, result.out) == (2, "")
        assert result.err == (
            "hikari-sessions: this needs rich: pip install 'hikari-sessions[cli]' (--json works without it)\n"
        )
        assert run("--sample", "--json").status == 0

    def test_an_interrupt_while_reading_leaves_no_traceback(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(source: str) -> typing.NoReturn:
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "_load", interrupt)
        assert run("-") == Result(130, "", "")


class TestOutputsThatEnd:
    def test_a_closed_pipe_is_no_error(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as stdout:
            monkeypatch.setattr(sys, "stdout", stdout)
            assert run("--sample", "--json").status == 0

    @pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="there is no full device here")
    def test_a_full_disk_is_an_error(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        with io.TextIOWrapper(open("/dev/full", "wb", buffering=0), write_through=True) as full:  # noqa: PTH123
            monkeypatch.setattr(sys, "stdout", full)
            result = run("--sample")
        assert result.status == 2
        assert result.err == "hikari-sessions: can't write to standard output: No space left on device\n"

    def test_an_output_that_fails_and_is_no_file(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        class Full(io.StringIO):
            def write(self, text: str) -> typing.NoReturn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(sys, "stdout", Full())
        assert run("--sample").err == "hikari-sessions: can't write to standard output: No space left on device\n"

    @pytest.mark.parametrize("option", ["--help", "--version"])
    def test_help_into_a_closed_pipe_is_no_error(self, run: Run, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as stdout:
            monkeypatch.setattr(sys, "stdout", stdout)
            assert run(option).status == 0

    def test_an_error_that_cannot_be_told_is_still_an_error(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as stderr:
            monkeypatch.setattr(sys, "stderr", stderr)
            assert run("missing.json") == Result(2, "", "")

    def test_without_standard_error_nothing_goes_to_standard_output(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stderr", None)
        assert run("missing.json") == Result(2, "", "")

    def test_streams_of_a_program_that_calls_main(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer()))
        assert cli.main(["-", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["shard_count"] == 9

    def test_a_closed_standard_output_is_no_error(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", None)
        assert run("--sample") == Result(0, "", "")


class TestTheCommandItself:
    def test_it_runs_as_a_module(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        result = run("-", stdin=answer(remaining=0))
        monkeypatch.setattr(cli, "main", lambda: result.status)
        with pytest.raises(SystemExit) as caught:
            runpy.run_module("hikari_sessions", run_name="__main__")
        assert caught.value.code == 1

    def test_importing_its_module_runs_nothing(self) -> None:
        importlib.import_module("hikari_sessions.__main__")
        sys.modules.pop("hikari_sessions.__main__")

    def test_its_exit_status_is_that_of_main(self) -> None:
        assert run_process("-", stdin=answer(remaining=0).encode()).returncode == 1
        assert run_process("nothing-here").returncode == 2

    def test_it_tells_its_version(self, run: Run) -> None:
        assert run("--version") == Result(0, f"hikari-sessions {hikari_sessions.__version__}\n", "")

    def test_help_explains_the_exit_status(self, run: Run) -> None:
        result = run("--help")
        assert result.status == 0
        assert "0 the fleet can start, 1 not enough session starts" in result.out

    def test_help_says_what_each_option_does(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "200")
        usage, *rest = run("--help").out.splitlines()
        assert usage.startswith("usage: hikari-sessions [-h] ")
        assert rest == [
            "",
            "Tell whether a Discord bot has the session starts left for its fleet of shards.",
            "",
            "positional arguments:",
            "  FILE              the JSON of GET /gateway/bot, fetched just now; - reads standard input",
            "",
            "options:",
            "  -h, --help        show this help message and exit",
            "  --sample          use a sample payload instead",
            "  --shard-count N   shards of the bot, on all machines",
            "  --shard-ids IDS   shards to start, as in 0-15,32",
            "  --window-delay S  seconds between windows, 5 or more",
            "  --wait-for-reset  plan over resets of the limit",
            "  --json            print JSON, for a program",
            "  --version         show program's version number and exit",
            "",
            "exit status: 0 the fleet can start, 1 not enough session starts left, 2 bad input or usage",
        ]
