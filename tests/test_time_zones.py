"""Every time zone there is, as the zone of the system and of a clock."""

from __future__ import annotations

import datetime
import importlib.resources
import time
import zoneinfo

import pytest
import time_machine

import hikari_sessions

UTC = datetime.timezone.utc
# In January and in July, and in hours in which the clocks change in Europe.
MOMENTS = [
    datetime.datetime(2026, 1, 15, 12, 0, tzinfo=UTC),
    datetime.datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime.datetime(2026, 7, 15, 12, 0, tzinfo=UTC),
    datetime.datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
]
# All from one database: the system's may differ from Python's.
FOLDER = importlib.resources.files("tzdata")
FILES = {
    name: FOLDER.joinpath("zoneinfo", *name.split("/"))
    for name in FOLDER.joinpath("zones").read_text(encoding="utf-8").split()
}


def load(name: str) -> zoneinfo.ZoneInfo:
    with FILES[name].open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file)


def check(moment: datetime.datetime, zone: zoneinfo.ZoneInfo) -> None:
    now = hikari_sessions.local_datetime()
    assert (now, now.utcoffset()) == (moment, moment.astimezone(zone).utcoffset())
    limit = hikari_sessions.SessionStartLimit(
        total=5,
        remaining=2,
        reset_after=datetime.timedelta(hours=2),
        max_concurrency=1,
    )
    reset_at = limit.reset_at.astimezone(UTC)
    assert reset_at == moment + datetime.timedelta(hours=2)
    info = hikari_sessions.GatewayBotInfo(
        url="wss://a", shard_count=3, session_start_limit=limit
    )
    plan = hikari_sessions.plan_startup(info, wait_for_reset=True)
    assert [window.starts_at.astimezone(UTC) for window in plan.windows] == [
        moment,
        moment + datetime.timedelta(seconds=5.5),
        reset_at + datetime.timedelta(seconds=0.5),
    ]


def test_as_the_zone_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of the process can't be changed")
    try:
        for name, file in FILES.items():
            monkeypatch.setenv("TZ", f":{file}")
            time.tzset()
            for moment in MOMENTS:
                # As a number: given a datetime, time_machine would change the zone.
                with time_machine.travel(moment.timestamp(), tick=False):
                    check(moment, load(name))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_as_the_zone_of_a_clock() -> None:
    assert len(FILES) > 400
    for name in FILES:
        zone = load(name)
        for moment in MOMENTS:
            with hikari_sessions.use_clock(lambda: moment.astimezone(zone)):  # noqa: B023
                check(moment, zone)
