"""The models: values, and nothing else."""

from __future__ import annotations

import copy
import datetime
import pickle
import subprocess
import sys
import typing
import weakref
import zoneinfo

import attrs
import pytest

import hikari_sessions
from hikari_sessions import sessions

UTC = datetime.timezone.utc
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
FOUR_HOURS = datetime.timedelta(hours=4)


LIMIT = {"total": 1000, "remaining": 999, "max_concurrency": 1}
INFO = {"url": "wss://a", "shard_count": 9}


def make_limit(**changes: typing.Any) -> typing.Any:
    values: typing.Any = {**LIMIT, "reset_after": FOUR_HOURS, **changes}
    return sessions.SessionStartLimit(**values)


def make_info(**changes: typing.Any) -> typing.Any:
    values: typing.Any = {**INFO, "session_start_limit": make_limit(), **changes}
    return sessions.GatewayBotInfo(**values)


both = pytest.mark.parametrize("make", [make_limit, make_info])
Make: typing.TypeAlias = typing.Callable[..., typing.Any]


def test_used_is_never_clamped() -> None:
    assert make_limit(remaining=997).used == 3
    assert make_limit(remaining=1200).used == -200


# The clocks change in Europe within those four hours.
@pytest.mark.parametrize("night", [(2026, 3, 29), (2026, 10, 25)])
def test_reset_at_is_exact_in_every_time_zone(night: tuple[int, int, int]) -> None:
    now = datetime.datetime(*night, 0, 30, tzinfo=UTC)
    for zone in map(zoneinfo.ZoneInfo, zoneinfo.available_timezones()):
        with hikari_sessions.use_clock(lambda: now.astimezone(zone)):  # noqa: B023
            limit = make_limit()
        assert limit.reset_at.astimezone(UTC) == now + FOUR_HOURS


def test_reset_at_follows_created_at_when_a_test_pins_it() -> None:
    limit = make_limit()
    limit._created_at = datetime.datetime(2020, 7, 22, 22, 22, 36, tzinfo=UTC)
    assert limit.reset_at == datetime.datetime(2020, 7, 23, 2, 22, 36, tzinfo=UTC)


def test_the_clock_of_the_system_is_read_at_creation() -> None:
    before = datetime.datetime.now(UTC)
    limit = make_limit()
    assert before <= limit.reset_at - FOUR_HOURS <= datetime.datetime.now(UTC)


@pytest.mark.usefixtures("now")
def test_repr_shows_every_attribute_in_order() -> None:
    assert repr(make_info()) == (
        "GatewayBotInfo(url='wss://a', shard_count=9, "
        "session_start_limit=SessionStartLimit(total=1000, remaining=999, "
        "reset_after=datetime.timedelta(seconds=14400), max_concurrency=1, "
        "_created_at=datetime.datetime(2026, 11, 23, 18, 0, "
        "tzinfo=datetime.timezone.utc)))"
    )


@both
@pytest.mark.usefixtures("now")
def test_every_attribute_is_compared_and_can_be_assigned(make: Make) -> None:
    for field in attrs.fields(make().__class__):
        model = make()
        assert model == make()
        # Nothing is validated.
        setattr(model, field.name, "other")
        assert getattr(model, field.name) == "other"
        assert model != make()


@both
def test_what_the_models_refuse(make: Make) -> None:
    model = make()
    cls = model.__class__
    required = sum(field.init for field in attrs.fields(cls))
    refusals: list[tuple[str, typing.Callable[[], object]]] = [
        (f"missing {required} required keyword-only arguments", cls),
        ("takes 1 positional argument", lambda: cls(1)),
        ("'_created_at'", lambda: make(_created_at=0)),
        ("'created_at'", lambda: make(created_at=0)),
        ("cannot create weak reference", lambda: weakref.ref(model)),
        (f"unhashable type: '{cls.__name__}'", lambda: hash(model)),
    ]
    for problem, refused in refusals:
        with pytest.raises(TypeError, match=problem):
            refused()
    for name in ("unknown", "used", "reset_at"):
        with pytest.raises(AttributeError):
            setattr(model, name, 1)
    assert model.__lt__(make()) is model.__eq__(object()) is NotImplemented


def test_annotations_resolve_at_run_time() -> None:
    limit, info = sessions.SessionStartLimit, sessions.GatewayBotInfo
    hints = [int, int, datetime.timedelta, int, datetime.datetime]
    assert list(typing.get_type_hints(limit).values()) == hints
    assert list(typing.get_type_hints(info).values()) == [str, int, limit]


def test_nothing_else_is_public() -> None:
    limit = "max_concurrency remaining reset_after reset_at total used"
    info = "session_start_limit shard_count url"
    for model, names in ((make_limit(), limit), (make_info(), info)):
        assert [name for name in dir(model) if name[0] != "_"] == names.split()


@both
def test_copies_are_exact_and_never_read_the_clock(make: Make) -> None:
    model = make()

    def refuse() -> typing.NoReturn:
        pytest.fail("the clock was read")

    with hikari_sessions.use_clock(refuse):
        copies = [copy.copy(model), copy.deepcopy(model), model.__replace__()]
        pickles = map(pickle.dumps, [model] * 6, range(6))
        copies += map(pickle.loads, pickles)
    assert all(new == model and new is not model for new in copies)


def test_only_a_deep_copy_of_an_info_has_a_limit_of_its_own() -> None:
    info = make_info()
    assert copy.copy(info).session_start_limit is info.session_start_limit
    assert copy.deepcopy(info).session_start_limit is not info.session_start_limit


def test_replacing_keeps_the_rest_and_reset_at() -> None:
    info = make_info()
    limit = info.session_start_limit
    new = limit.__replace__(remaining=3)
    assert (new.remaining, new.reset_at) == (3, limit.reset_at)
    assert info.__replace__(shard_count=16).session_start_limit is limit
    assert (info.shard_count, limit.remaining) == (9, 999)


@pytest.mark.system
def test_reset_at_is_the_same_instant_in_another_process() -> None:
    now = datetime.datetime(2026, 11, 23, 19, 0, tzinfo=BERLIN)
    with hikari_sessions.use_clock(lambda: now):
        limit = pickle.dumps(make_limit())
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).reset_at)"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, input=limit, capture_output=True, check=True)
    assert run.stdout.strip() == b"2026-11-23 23:00:00+01:00"
