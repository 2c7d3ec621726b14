"""Every time zone that `zoneinfo` knows, as the zone of the system and of a clock."""

from __future__ import annotations

import datetime
import importlib.resources
import pickle
import time
import zoneinfo

import pytest
import time_machine

import hikari_sessions
from hikari_sessions.internal.time import local_datetime

UTC = datetime.timezone.utc
# In January and in July, and an hour in which the clocks change in Europe.
MOMENTS = [
    datetime.datetime(2026, 1, 15, 12, 0, tzinfo=UTC),
    datetime.datetime(2026, 7, 15, 12, 0, tzinfo=UTC),
    datetime.datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
]
# Those of one database: that of the system may be another than that of Python.
FILES = {
    name: importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
    for name in importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
}


def offset_at(moment: datetime.datetime, name: str) -> datetime.timedelta:
    with FILES[name].open("rb") as file:
        offset = moment.astimezone(zoneinfo.ZoneInfo.from_file(file)).utcoffset()
    assert offset is not None
    return offset


def check_limit(moment: datetime.datetime) -> None:
    """See that what is made at a moment resets two hours later, whatever the zone."""
    limit = hikari_sessions.SessionStartLimit(
        total=5, remaining=2, reset_after=datetime.timedelta(hours=2), max_concurrency=1
    )
    reset_at = moment + datetime.timedelta(hours=2)
    assert limit.reset_at.astimezone(UTC) == reset_at
    assert pickle.loads(pickle.dumps(limit)).reset_at.astimezone(UTC) == reset_at  # noqa: S301
    info = hikari_sessions.GatewayBotInfo(url="wss://a", shard_count=3, session_start_limit=limit)
    windows = hikari_sessions.plan_startup(info, wait_for_reset=True).windows
    assert [window.starts_at.astimezone(UTC) for window in windows] == [
        moment,
        moment + datetime.timedelta(seconds=5),
        reset_at,
    ]
    assert hikari_sessions.serialize_session_start_limit(limit)["reset_after"] == 7_200_000


def test_there_are_some() -> None:
    assert zoneinfo.available_timezones() >= FILES.keys()
    assert len(FILES) > 400


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="there is no other way to change the zone of the system")
def test_in_every_zone_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        for name, file in FILES.items():
            monkeypatch.setenv("TZ", f":{file}")
            time.tzset()
            for moment in MOMENTS:
                # As a number: a datetime would have time_machine change the zone, too.
                with time_machine.travel(moment.timestamp(), tick=False):
                    assert local_datetime() == moment
                    assert local_datetime().utcoffset() == offset_at(moment, name), name
                    check_limit(moment)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_with_a_clock_at_the_offset_of_every_zone() -> None:
    for name in FILES:
        for moment in MOMENTS:
            there = moment.astimezone(datetime.timezone(offset_at(moment, name)))
            with hikari_sessions.use_clock(lambda: there):  # noqa: B023
                check_limit(moment)
