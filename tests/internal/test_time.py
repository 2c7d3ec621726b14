"""The clock: the system's, or the one in use."""

from __future__ import annotations

import asyncio
import contextvars
import datetime
import sys
import threading
import time as system_time
import typing
import zoneinfo

import freezegun
import hypothesis
import hypothesis.strategies as st
import pytest
import time_machine

import hikari_sessions
from hikari_sessions import local_datetime, use_clock, utc_datetime

UTC = datetime.timezone.utc
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
EARLY = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
LATE = datetime.datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


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


def test_without_a_clock_it_is_now() -> None:
    before = datetime.datetime.now(UTC)
    assert before <= local_datetime() <= datetime.datetime.now(UTC)
    assert before <= utc_datetime() <= datetime.datetime.now(UTC)
    assert utc_datetime().tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "instant", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T00:59:59", "2026-03-29T01:59:59+01:00"),
        ("Europe/Berlin", "2026-03-29T01:00:00", "2026-03-29T03:00:00+02:00"),
        ("Europe/Berlin", "2026-10-25T00:30:00", "2026-10-25T02:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25T01:30:00", "2026-10-25T02:30:00+01:00"),
        ("America/New_York", "2026-11-01T06:01:00", "2026-11-01T01:01:00-05:00"),
        ("Asia/Kathmandu", "2026-11-23T18:00:00", "2026-11-23T23:45:00+05:45"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_local_datetime_is_in_the_systems_zone(instant: str, expected: str) -> None:
    moment = datetime.datetime.fromisoformat(f"{instant}+00:00")
    # As a number: given a datetime, time_machine would change the zone, too.
    with time_machine.travel(moment.timestamp(), tick=False) as traveller:
        assert local_datetime().isoformat() == expected
        assert utc_datetime().isoformat() == f"{instant}+00:00"
        traveller.shift(1)
        assert utc_datetime() == moment + datetime.timedelta(seconds=1)


@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
@pytest.mark.parametrize("night", [(2026, 3, 29), (2026, 10, 25)])
@pytest.mark.usefixtures("zone")
def test_a_reset_is_exact_when_the_clocks_change(
    night: tuple[int, int, int],
) -> None:
    moment = datetime.datetime(*night, 0, 30, tzinfo=UTC)
    reset_at = datetime.datetime(*night, 4, 30, tzinfo=UTC)
    for stopped in (
        time_machine.travel(moment.timestamp(), tick=False),
        freezegun.freeze_time(moment),
        use_clock(lambda: moment.astimezone(BERLIN)),
    ):
        with stopped:
            assert local_datetime() == moment
            limit = hikari_sessions.SessionStartLimit(
                total=1000,
                remaining=1,
                reset_after=datetime.timedelta(hours=4),
                max_concurrency=1,
            )
            info = hikari_sessions.GatewayBotInfo(
                url="wss://a", shard_count=2, session_start_limit=limit
            )
            plan = hikari_sessions.plan_startup(info, wait_for_reset=True)
        assert limit.reset_at.astimezone(UTC) == reset_at
        first, second = (
            window.starts_at.astimezone(UTC) for window in plan.windows
        )
        assert first == moment
        # Nothing identifies within half a second of a reset.
        assert second == reset_at + datetime.timedelta(seconds=0.5)


@hypothesis.given(st.datetimes(timezones=st.timezones()))
def test_a_clock_in_use_gets_a_fixed_offset(moment: datetime.datetime) -> None:
    with use_clock(lambda: moment):
        now = local_datetime()
    assert now.replace(tzinfo=None) == moment.replace(tzinfo=None)
    assert now.utcoffset() == moment.utcoffset()
    assert type(now.tzinfo) is datetime.timezone


def test_uses_nest_and_end_with_exceptions() -> None:
    def fail() -> None:
        with use_clock(lambda: LATE):
            assert local_datetime() == LATE
            raise LookupError

    with use_clock(lambda: EARLY):
        with pytest.raises(LookupError):
            fail()
        assert local_datetime() == EARLY
    assert local_datetime() not in {EARLY, LATE}


def test_a_use_may_end_in_another_context_than_it_began_in() -> None:
    use = use_clock(lambda: EARLY)
    contextvars.copy_context().run(use.__enter__)
    contextvars.copy_context().run(use.__exit__, None, None, None)
    assert local_datetime() != EARLY


@pytest.mark.system
def test_other_threads_do_not_see_the_clock() -> None:
    seen: list[datetime.datetime] = []
    with use_clock(lambda: EARLY):
        thread = threading.Thread(target=lambda: seen.append(local_datetime()))
        thread.start()
        thread.join()
    assert len(seen) == 1
    assert seen != [EARLY]


def test_tasks_see_only_the_clock_they_were_created_under() -> None:
    async def run(moment: datetime.datetime) -> list[datetime.datetime]:
        before = local_datetime()
        with use_clock(lambda: moment):
            await asyncio.sleep(0)
            return [before, local_datetime()]

    async def both() -> list[list[datetime.datetime]]:
        with use_clock(lambda: EARLY):
            return [*await asyncio.gather(run(EARLY), run(LATE))]

    assert asyncio.run(both()) == [[EARLY, EARLY], [EARLY, LATE]]


@pytest.mark.parametrize("read", [local_datetime, utc_datetime])
def test_a_clock_returns_an_aware_datetime(
    read: typing.Callable[[], object],
) -> None:
    naive = EARLY.replace(tzinfo=None)
    with (
        use_clock(lambda: naive),
        pytest.raises(ValueError, match="the naive datetime"),
    ):
        read()
    others: list[typing.Any] = [None, "2026-11-23", naive.date()]
    for other in others:
        with use_clock(lambda: other), pytest.raises(TypeError) as caught:  # noqa: B023
            read()
        problem = f"must be a timezone-aware datetime, not {other!r}"
        assert str(caught.value) == f"the clock's time {problem}"


def test_a_clock_must_be_callable() -> None:
    moment: typing.Any = EARLY
    with pytest.raises(TypeError, match="the clock must be callable, not datetime"):
        use_clock(moment).__enter__()
