"""The clock: the system's, or the one in use."""

from __future__ import annotations

import contextlib
import contextvars
import datetime
import re
import sys
import time as system_time
import typing
import zoneinfo
from concurrent import futures

import freezegun
import pytest
import time_machine

import hikari_sessions
from hikari_sessions import local_datetime, use_clock, utc_datetime

UTC = datetime.timezone.utc
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
EARLY = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
HOUR = datetime.timedelta(hours=1)
LATE = EARLY + HOUR
NAIVE = EARLY.replace(tzinfo=None)
LIMIT = {"total": 1000, "remaining": 1, "max_concurrency": 1}


@pytest.fixture
def zone(
    request: typing.Any, monkeypatch: pytest.MonkeyPatch
) -> typing.Iterator[None]:
    """Set the time zone of the system."""
    if sys.platform == "win32":
        pytest.skip("Windows can't change the time zone of a process")
    monkeypatch.setenv("TZ", request.param)
    system_time.tzset()
    yield
    monkeypatch.undo()
    system_time.tzset()


@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
@pytest.mark.parametrize("night", [(2026, 3, 29), (2026, 10, 25)])
@pytest.mark.usefixtures("zone")
def test_the_nights_when_the_clocks_change(night: tuple[int, int, int]) -> None:
    moment = datetime.datetime(*night, 0, 30, tzinfo=UTC)
    for stopped in (
        # As a number: given a datetime, time_machine would change the zone, too.
        time_machine.travel(moment.timestamp(), tick=False),
        freezegun.freeze_time(moment),
        use_clock(lambda: moment.astimezone(BERLIN)),
    ):
        with stopped:
            assert (
                local_datetime().utcoffset()
                == moment.astimezone(BERLIN).utcoffset()
            )
            assert utc_datetime().isoformat() == moment.isoformat()
            limit = hikari_sessions.SessionStartLimit(**LIMIT, reset_after=4 * HOUR)
        assert limit.reset_at - 4 * HOUR == moment
        assert limit.reset_at.astimezone(UTC) == moment + 4 * HOUR


def test_clocks_nest_and_exceptions_restore_them() -> None:
    with use_clock(lambda: EARLY):
        with contextlib.suppress(LookupError), use_clock(lambda: LATE):
            assert local_datetime() == LATE
            raise LookupError
        assert local_datetime() == EARLY
    assert local_datetime() not in {EARLY, LATE}


def test_a_clock_may_be_restored_in_another_context() -> None:
    use = use_clock(lambda: EARLY)
    contextvars.copy_context().run(use.__enter__)
    contextvars.copy_context().run(use.__exit__, None, None, None)
    assert local_datetime() != EARLY


@pytest.mark.system
def test_other_threads_do_not_see_the_clock() -> None:
    with use_clock(lambda: EARLY), futures.ThreadPoolExecutor() as pool:
        assert pool.submit(local_datetime).result() != EARLY


@pytest.mark.parametrize(
    ("wrong", "error", "problem"),
    [
        (None, TypeError, "a timezone-aware datetime, not None"),
        (EARLY.date(), TypeError, "a timezone-aware datetime, not datetime.date("),
        (NAIVE, ValueError, "timezone-aware, not the naive datetime.datetime("),
    ],
)
def test_a_clock_returns_a_timezone_aware_datetime(
    wrong: typing.Any, error: type[Exception], problem: str
) -> None:
    message = re.escape(f"the clock's time must be {problem}")
    for read in (local_datetime, utc_datetime):
        with use_clock(lambda: wrong), pytest.raises(error, match=message):
            read()
