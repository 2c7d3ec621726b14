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

from hikari_sessions.internal import time

UTC = datetime.timezone.utc
EARLY = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
LATE = datetime.datetime(2026, 11, 23, 19, 0, tzinfo=UTC)

needs_tzset = pytest.mark.skipif(sys.platform == "win32", reason="Windows can't change the zone of a process")


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> typing.Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    system_time.tzset()
    yield
    monkeypatch.undo()
    system_time.tzset()


def test_local_datetime_is_aware_and_now() -> None:
    before = datetime.datetime.now(UTC)
    assert before <= time.local_datetime() <= datetime.datetime.now(UTC)
    assert time.local_datetime().utcoffset() is not None


def test_utc_datetime_is_now_in_utc() -> None:
    before = datetime.datetime.now(UTC)
    assert before <= time.utc_datetime() <= datetime.datetime.now(UTC)
    assert time.utc_datetime().tzinfo is UTC


# Instants on both sides of the changes of summer time, with the wall clock that each zone then shows.
@needs_tzset
@pytest.mark.parametrize(
    ("zone", "instant", "expected"),
    [
        ("UTC", "2026-03-29T00:59:59", "2026-03-29T00:59:59+00:00"),
        ("Europe/Berlin", "2026-03-29T00:59:59", "2026-03-29T01:59:59+01:00"),
        ("Europe/Berlin", "2026-03-29T01:00:00", "2026-03-29T03:00:00+02:00"),
        ("Europe/Berlin", "2026-10-25T00:30:00", "2026-10-25T02:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25T01:30:00", "2026-10-25T02:30:00+01:00"),
        ("America/New_York", "2026-11-01T05:59:00", "2026-11-01T01:59:00-04:00"),
        ("America/New_York", "2026-11-01T06:01:00", "2026-11-01T01:01:00-05:00"),
        ("Australia/Lord_Howe", "2026-04-04T14:59:00", "2026-04-05T01:59:00+11:00"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00", "2026-04-05T01:30:00+10:30"),
        ("Asia/Kathmandu", "2026-11-23T18:00:00", "2026-11-23T23:45:00+05:45"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_local_datetime_is_in_the_zone_of_the_system(instant: str, expected: str) -> None:
    # As a number: a datetime would have time_machine change the zone, too.
    with time_machine.travel(datetime.datetime.fromisoformat(f"{instant}+00:00").timestamp(), tick=False):
        assert time.local_datetime().isoformat() == expected
        assert time.utc_datetime().isoformat() == f"{instant}+00:00"


@needs_tzset
@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_adding_to_local_datetime_is_exact_across_a_change_of_summer_time() -> None:
    with time_machine.travel(datetime.datetime(2026, 10, 24, 22, 0, tzinfo=UTC).timestamp(), tick=False):
        later = time.local_datetime() + datetime.timedelta(hours=24)
    assert later.isoformat() == "2026-10-26T00:00:00+02:00"
    assert later == datetime.datetime(2026, 10, 25, 22, 0, tzinfo=UTC)


def test_under_freezegun_the_time_is_the_frozen_one() -> None:
    with freezegun.freeze_time("2026-11-23 18:00:00"):
        assert time.local_datetime() == EARLY
        assert time.utc_datetime() == EARLY


@needs_tzset
@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_under_freezegun_the_instant_is_the_frozen_one_in_any_zone() -> None:
    with freezegun.freeze_time("2026-11-23 18:00:00"):
        assert time.local_datetime() == EARLY
        assert time.local_datetime().isoformat() == "2026-11-23T19:00:00+01:00"


def test_under_time_machine_the_clock_is_read_at_each_call() -> None:
    with time_machine.travel(EARLY, tick=False) as traveller:
        assert time.local_datetime() == EARLY
        traveller.shift(3600)
        assert time.local_datetime() == LATE


@hypothesis.given(st.datetimes(timezones=st.timezones()))
def test_inside_use_clock_local_datetime_is_exactly_what_the_clock_returned(moment: datetime.datetime) -> None:
    with time.use_clock(lambda: moment):
        assert time.local_datetime() is moment


def test_inside_use_clock_utc_datetime_is_the_same_instant_in_utc() -> None:
    moment = datetime.datetime(2026, 7, 1, 12, 0, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    with time.use_clock(lambda: moment):
        assert time.utc_datetime().isoformat() == "2026-07-01T10:00:00+00:00"


def test_the_clock_is_asked_at_each_call() -> None:
    moments = iter([EARLY, LATE])
    with time.use_clock(lambda: next(moments)):
        assert (time.local_datetime(), time.local_datetime()) == (EARLY, LATE)


def test_uses_nest() -> None:
    with time.use_clock(lambda: EARLY):
        with time.use_clock(lambda: LATE):
            assert time.local_datetime() == LATE
        assert time.local_datetime() == EARLY
    assert time.local_datetime() not in {EARLY, LATE}


def test_the_clock_before_is_back_after_an_exception() -> None:
    with time.use_clock(lambda: EARLY):
        with pytest.raises(LookupError), time.use_clock(lambda: LATE):
            raise LookupError
        assert time.local_datetime() == EARLY


def test_a_use_may_end_in_another_context_than_it_began_in() -> None:
    use = time.use_clock(lambda: EARLY)
    contextvars.copy_context().run(use.__enter__)
    contextvars.copy_context().run(use.__exit__, None, None, None)
    assert time.local_datetime() != EARLY


def test_threads_do_not_see_each_others_clock() -> None:
    seen: dict[datetime.datetime, datetime.datetime] = {}
    barrier = threading.Barrier(2)

    def run(moment: datetime.datetime) -> None:
        with time.use_clock(lambda: moment):
            barrier.wait(10)
            seen[moment] = time.local_datetime()
            barrier.wait(10)

    threads = [threading.Thread(target=run, args=(moment,)) for moment in (EARLY, LATE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == {EARLY: EARLY, LATE: LATE}
    assert time.local_datetime() not in {EARLY, LATE}


def test_tasks_do_not_see_each_others_clock() -> None:
    async def run(moment: datetime.datetime) -> datetime.datetime:
        with time.use_clock(lambda: moment):
            await asyncio.sleep(0)
            return time.local_datetime()

    async def both() -> list[datetime.datetime]:
        return [*await asyncio.gather(run(EARLY), run(LATE))]

    assert asyncio.run(both()) == [EARLY, LATE]


class Returning:
    """A clock that returns anything, and has a short repr."""

    def __init__(self, returned: typing.Any) -> None:
        self.returned = returned

    def __call__(self) -> typing.Any:
        return self.returned

    def __repr__(self) -> str:
        return "<clock>"


@pytest.mark.parametrize("read", [time.local_datetime, time.utc_datetime])
def test_a_clock_that_returns_a_naive_datetime_is_a_value_error(read: typing.Callable[[], object]) -> None:
    clock = Returning(datetime.datetime(2026, 11, 23, 18, 0))  # noqa: DTZ001
    with time.use_clock(clock), pytest.raises(ValueError) as caught:  # noqa: PT011
        read()
    assert str(caught.value) == (
        "the clock has to return an aware datetime, but <clock> returned the naive"
        " datetime.datetime(2026, 11, 23, 18, 0): give it a tzinfo"
    )


@pytest.mark.parametrize("read", [time.local_datetime, time.utc_datetime])
@pytest.mark.parametrize("returned", [None, 0, "2026-11-23", datetime.date(2026, 11, 23)])
def test_a_clock_that_returns_no_datetime_is_a_type_error(
    read: typing.Callable[[], object], returned: typing.Any
) -> None:
    with time.use_clock(Returning(returned)), pytest.raises(TypeError) as caught:
        read()
    assert str(caught.value) == f"the clock has to return an aware datetime, but <clock> returned {returned!r}"


def test_a_clock_that_cannot_be_called_is_a_type_error_at_once() -> None:
    early: typing.Any = EARLY
    with pytest.raises(TypeError) as caught, time.use_clock(early):
        pytest.fail("the body must not run")
    assert str(caught.value) == (f"a clock is a callable that returns an aware datetime, but {EARLY!r} can't be called")
