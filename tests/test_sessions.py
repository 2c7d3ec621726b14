"""The models: values, and nothing else."""

from __future__ import annotations

import copy
import datetime
import pickle
import subprocess
import sys
import typing
import weakref

import attrs
import pytest

import hikari_sessions
from hikari_sessions import sessions

UTC = datetime.timezone.utc
BERLIN_WINTER = datetime.timezone(datetime.timedelta(hours=1), "CET")
FOUR_HOURS = datetime.timedelta(hours=4)


def make_limit(**changes: typing.Any) -> typing.Any:
    values: dict[str, typing.Any] = {"total": 1000, "remaining": 999}
    values |= {"reset_after": FOUR_HOURS, "max_concurrency": 1, **changes}
    return sessions.SessionStartLimit(**values)


def make_info(**changes: typing.Any) -> typing.Any:
    values: dict[str, typing.Any] = {"url": "wss://a", "shard_count": 9}
    values |= {"session_start_limit": make_limit(), **changes}
    return sessions.GatewayBotInfo(**values)


both = pytest.mark.parametrize("make", [make_limit, make_info])
Make: typing.TypeAlias = typing.Callable[..., typing.Any]


@pytest.mark.parametrize(
    ("total", "remaining", "used"),
    [(1000, 999, 1), (1000, 0, 1000), (1000, 1200, -200), (5, -5, 10)],
)
def test_used_is_never_clamped(total: int, remaining: int, used: int) -> None:
    assert make_limit(total=total, remaining=remaining).used == used


@pytest.mark.parametrize(
    ("reset_after", "reset_at"),
    [
        ({"hours": 0}, "2026-11-23T18:00:00+00:00"),
        ({"milliseconds": 14_400_001}, "2026-11-23T22:00:00.001000+00:00"),
        ({"days": 8, "hours": 6, "seconds": 1}, "2026-12-02T00:00:01+00:00"),
    ],
)
@pytest.mark.usefixtures("now")
def test_reset_at(reset_after: dict[str, int], reset_at: str) -> None:
    limit = make_limit(reset_after=datetime.timedelta(**reset_after))
    assert limit.reset_at.isoformat() == reset_at


def test_reset_at_follows_created_at_when_a_test_pins_it() -> None:
    limit = make_limit(reset_after=datetime.timedelta(days=10, hours=1))
    limit._created_at = datetime.datetime(2020, 7, 22, 22, 22, 36, tzinfo=UTC)
    assert limit.reset_at == datetime.datetime(2020, 8, 1, 23, 22, 36, tzinfo=UTC)


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


@pytest.mark.parametrize(
    ("make", "name"),
    [(make_limit, field.name) for field in attrs.fields(sessions.SessionStartLimit)]
    + [(make_info, field.name) for field in attrs.fields(sessions.GatewayBotInfo)],
)
@pytest.mark.usefixtures("now")
def test_every_attribute_is_compared_and_can_be_assigned(
    make: Make, name: str
) -> None:
    model = make()
    assert model == make()
    setattr(model, name, "other")
    assert getattr(model, name) == "other"
    assert model != make()


@both
def test_what_the_models_refuse(make: Make) -> None:
    model = make()
    refusals: list[tuple[str, typing.Callable[[], object]]] = [
        ("unhashable type", lambda: hash(model)),
        ("'<' not supported", lambda: model < make()),
        ("cannot create weak reference", lambda: weakref.ref(model)),
        ("positional argument", lambda: type(model)(1)),
        ("'_created_at'", lambda: make(_created_at=0)),
        ("'created_at'", lambda: make(created_at=0)),
    ]
    for problem, refused in refusals:
        with pytest.raises(TypeError, match=problem):
            refused()
    for name in ("unknown", "used", "reset_at"):
        with pytest.raises(AttributeError):
            setattr(model, name, 1)
    assert model.__eq__(object()) is NotImplemented
    assert not hasattr(model, "__dict__")


def test_nothing_is_validated_or_converted() -> None:
    limit = make_limit(total="many", max_concurrency=None)
    assert (limit.total, limit.max_concurrency) == ("many", None)


def test_annotations_resolve_at_run_time() -> None:
    limit, info = sessions.SessionStartLimit, sessions.GatewayBotInfo
    assert typing.get_type_hints(limit) == {
        "total": int,
        "remaining": int,
        "reset_after": datetime.timedelta,
        "max_concurrency": int,
        "_created_at": datetime.datetime,
    }
    hints = {"url": str, "shard_count": int, "session_start_limit": limit}
    assert typing.get_type_hints(info) == hints


def test_nothing_else_is_public() -> None:
    names = "max_concurrency remaining reset_after reset_at total used"
    assert [name for name in dir(make_limit()) if name[0] != "_"] == names.split()
    names = "session_start_limit shard_count url"
    assert [name for name in dir(make_info()) if name[0] != "_"] == names.split()


@both
def test_copies_are_exact_and_never_read_the_clock(make: Make) -> None:
    model = make()

    def refuse() -> typing.NoReturn:
        pytest.fail("the clock was read")

    with hikari_sessions.use_clock(refuse):
        for new in (copy.copy(model), copy.deepcopy(model), model.__replace__()):
            assert new == model
            assert new is not model


def test_a_deep_copy_of_an_info_has_a_limit_of_its_own() -> None:
    info = make_info()
    assert copy.copy(info).session_start_limit is info.session_start_limit
    assert copy.deepcopy(info).session_start_limit is not info.session_start_limit


def test_replacing_keeps_the_rest_and_reset_at() -> None:
    info = make_info()
    limit = info.session_start_limit
    assert limit.__replace__(remaining=3).remaining == 3
    assert limit.__replace__(remaining=3).reset_at == limit.reset_at
    assert info.__replace__(shard_count=16).session_start_limit is limit
    assert (info.shard_count, limit.remaining) == (9, 999)


@both
def test_they_pickle_through_every_protocol(make: Make) -> None:
    model = make()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(model, protocol)) == model  # noqa: S301


@pytest.mark.system
def test_reset_at_is_the_same_instant_in_another_process() -> None:
    now = datetime.datetime(2026, 11, 23, 19, 0, tzinfo=BERLIN_WINTER)
    with hikari_sessions.use_clock(lambda: now):
        limit = pickle.dumps(make_limit())
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).reset_at)"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, input=limit, capture_output=True, check=True)
    assert run.stdout.strip() == b"2026-11-23 23:00:00+01:00"
