"""The clock: the system's, or the one in use."""

from __future__ import annotations

import asyncio
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
from given import NAIVE, NOW, make_limit

import hikari_sessions
from hikari_sessions import (
    IdentifyLimiter,
    local_datetime,
    testing,
    use_clock,
    utc_datetime,
)
from hikari_sessions.internal import time

UTC = datetime.timezone.utc
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
HOUR = datetime.timedelta(hours=1)
LATE = NOW + HOUR
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
    with use_clock(lambda: NOW):
        with contextlib.suppress(LookupError), use_clock(lambda: LATE):
            assert local_datetime() == LATE
            raise LookupError
        assert local_datetime() == NOW
    assert local_datetime() not in {NOW, LATE}


def test_a_clock_may_be_restored_in_another_context() -> None:
    use = use_clock(lambda: NOW)
    contextvars.copy_context().run(use.__enter__)
    contextvars.copy_context().run(use.__exit__, None, None, None)
    assert local_datetime() != NOW


@pytest.mark.system
def test_other_threads_do_not_see_the_clock() -> None:
    with use_clock(lambda: NOW), futures.ThreadPoolExecutor() as pool:
        assert pool.submit(local_datetime).result() != NOW


@pytest.mark.parametrize(
    ("wrong", "error", "problem"),
    [
        (None, TypeError, "a timezone-aware datetime, not None"),
        (NOW.date(), TypeError, "a timezone-aware datetime, not datetime.date("),
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


@pytest.mark.system
def test_limiters_await_the_sleep_in_use() -> None:
    now, slept = [NOW], list[float]()

    async def sleep(delay: float) -> None:
        slept.append(delay)
        now[0] += datetime.timedelta(seconds=delay)

    with use_clock(lambda: now[0], sleep=sleep):
        limiter = IdentifyLimiter(make_limit(9, 1, 7200, 1))
    for shard_id in range(2):
        asyncio.run(limiter.wait(shard_id))
    # A minute at most, until ten seconds after the reset.
    assert slept == [60] * 120 + [10]


@pytest.mark.system
def test_an_inner_clock_without_a_sleep_goes_by_real_time() -> None:
    with testing.ManualClock() as clock, use_clock(clock):
        limiter = IdentifyLimiter(make_limit(9, 1, 7200, 1))

    async def wait() -> None:
        await limiter.wait(0)
        task = asyncio.create_task(limiter.wait(1))
        await clock.advance(3 * HOUR)
        assert not task.done()
        task.cancel()

    asyncio.run(wait())


@pytest.mark.parametrize("boottime", ["readable", "unreadable", "missing"])
def test_limiters_go_by_a_clock_that_nobody_can_set(
    boottime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 100.0

    def read(_: int | None = None) -> float:
        if _ and boottime == "unreadable":
            raise OSError
        return seconds

    monkeypatch.setattr(system_time, "CLOCK_BOOTTIME", 7, raising=False)
    if boottime == "missing":
        monkeypatch.delattr(system_time, "CLOCK_BOOTTIME")
    monkeypatch.setattr(system_time, "clock_gettime", read)
    if boottime != "readable":
        monkeypatch.setattr(system_time, "monotonic", read)
    limiter = IdentifyLimiter(make_limit(9, 9, 0, 1))
    assert not limiter.acquire(0)
    seconds += 3
    assert limiter.acquire(1).total_seconds() == 2.5


@pytest.mark.parametrize(("minutes", "hours"), [(0, 0), (1, 1), (60, 1), (61, 2)])
def test_a_part_of_a_unit_counts_as_a_whole_one(minutes: int, hours: int) -> None:
    time_span = datetime.timedelta(minutes=minutes)
    assert time.round_up(time_span, HOUR) == hours
