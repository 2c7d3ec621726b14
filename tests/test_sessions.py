"""The models: values, and nothing else."""

from __future__ import annotations

import copy
import datetime
import inspect
import pickle
import subprocess
import sys
import typing
import weakref

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

import hikari_sessions
from hikari_sessions import sessions

UTC = datetime.timezone.utc
BERLIN_WINTER = datetime.timezone(datetime.timedelta(hours=1), "CET")


def make_limit(**changes: typing.Any) -> sessions.SessionStartLimit:
    values: dict[str, typing.Any] = {
        "total": 1000,
        "remaining": 999,
        "reset_after": datetime.timedelta(hours=4),
        "max_concurrency": 1,
    }
    return sessions.SessionStartLimit(**{**values, **changes})


def make_info(**changes: typing.Any) -> sessions.GatewayBotInfo:
    values: dict[str, typing.Any] = {
        "url": "wss://gateway.discord.gg/",
        "shard_count": 9,
        "session_start_limit": make_limit(),
    }
    return sessions.GatewayBotInfo(**{**values, **changes})


@pytest.mark.parametrize(
    ("total", "remaining", "used"),
    [(1000, 999, 1), (1000, 1000, 0), (1000, 0, 1000), (0, 0, 0), (1000, 1200, -200), (2000, -5, 2005)],
)
def test_used_is_total_minus_remaining_and_never_clamped(total: int, remaining: int, used: int) -> None:
    assert make_limit(total=total, remaining=remaining).used == used


@hypothesis.given(total=st.integers(), remaining=st.integers())
def test_used_and_remaining_add_up_to_total(total: int, remaining: int) -> None:
    limit = make_limit(total=total, remaining=remaining)
    assert limit.used + limit.remaining == total


@pytest.mark.parametrize(
    ("reset_after", "reset_at"),
    [
        (datetime.timedelta(0), datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)),
        (datetime.timedelta(hours=4), datetime.datetime(2026, 11, 23, 22, 0, tzinfo=UTC)),
        (datetime.timedelta(milliseconds=14_400_001), datetime.datetime(2026, 11, 23, 22, 0, 0, 1000, tzinfo=UTC)),
        (datetime.timedelta(days=8, hours=6, seconds=1), datetime.datetime(2026, 12, 2, 0, 0, 1, tzinfo=UTC)),
    ],
)
@pytest.mark.usefixtures("now")
def test_reset_at_is_the_moment_of_creation_plus_reset_after(
    reset_after: datetime.timedelta, reset_at: datetime.datetime
) -> None:
    assert make_limit(reset_after=reset_after).reset_at == reset_at


def test_reset_at_stays_while_the_clock_goes_on() -> None:
    with hikari_sessions.use_clock(lambda: datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)):
        limit = make_limit()
    with hikari_sessions.use_clock(lambda: datetime.datetime(2026, 11, 23, 19, 30, tzinfo=UTC)):
        assert limit.reset_at == datetime.datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


def test_reset_at_is_in_the_zone_of_the_clock() -> None:
    with hikari_sessions.use_clock(lambda: datetime.datetime(2026, 11, 23, 19, 0, tzinfo=BERLIN_WINTER)):
        limit = make_limit()
    assert limit.reset_at.isoformat() == "2026-11-23T23:00:00+01:00"


def test_reset_at_follows_created_at_when_a_test_pins_it() -> None:
    limit = make_limit(reset_after=datetime.timedelta(days=10, hours=1))
    created_at = datetime.datetime(2020, 7, 22, 22, 22, 36, 988017, tzinfo=UTC)
    limit._created_at = created_at  # pyright: ignore[reportPrivateUsage] - as hikari's own tests pin it
    assert limit.reset_at == datetime.datetime(2020, 8, 1, 23, 22, 36, 988017, tzinfo=UTC)


def test_the_clock_of_the_system_is_read_at_creation() -> None:
    before = datetime.datetime.now(UTC)
    limit = make_limit(reset_after=datetime.timedelta(0))
    assert before <= limit.reset_at <= datetime.datetime.now(UTC)
    assert limit.reset_at.utcoffset() is not None


@pytest.mark.usefixtures("now")
def test_repr_shows_every_attribute_in_order_created_at_included() -> None:
    assert repr(make_info()) == (
        "GatewayBotInfo(url='wss://gateway.discord.gg/', shard_count=9, session_start_limit=SessionStartLimit("
        "total=1000, remaining=999, reset_after=datetime.timedelta(seconds=14400), max_concurrency=1, "
        "_created_at=datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)))"
    )


@pytest.mark.usefixtures("now")
def test_limits_made_at_one_moment_are_equal() -> None:
    assert make_limit() == make_limit()
    assert make_info() == make_info()


def test_limits_made_at_two_moments_differ() -> None:
    moments = iter(datetime.datetime(2026, 11, 23, 18, 0, second, tzinfo=UTC) for second in (0, 1))
    with hikari_sessions.use_clock(lambda: next(moments)):
        assert make_limit() != make_limit()


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize(
    "changes", [{"total": 1}, {"remaining": 1}, {"reset_after": datetime.timedelta(1)}, {"max_concurrency": 16}]
)
def test_limits_that_differ_in_one_attribute_differ(changes: dict[str, object]) -> None:
    assert make_limit(**changes) != make_limit()


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("changes", [{"url": "wss://a"}, {"shard_count": 1}, {"session_start_limit": None}])
def test_infos_that_differ_in_one_attribute_differ(changes: dict[str, object]) -> None:
    assert make_info(**changes) != make_info()


@pytest.mark.parametrize("model", [make_limit(), make_info()], ids=["limit", "info"])
class TestBothModels:
    def test_comparing_with_another_class_is_not_implemented(self, model: typing.Any) -> None:
        assert model.__eq__(object()) is NotImplemented
        assert (model == object()) is False

    def test_they_are_unhashable(self, model: typing.Any) -> None:
        with pytest.raises(TypeError, match=f"unhashable type: '{type(model).__name__}'"):
            hash(model)

    def test_they_are_unordered(self, model: typing.Any) -> None:
        with pytest.raises(TypeError, match="'<' not supported"):
            assert model < model  # noqa: PLR0124

    def test_they_take_no_weak_reference(self, model: typing.Any) -> None:
        with pytest.raises(TypeError, match="cannot create weak reference"):
            weakref.ref(model)

    def test_they_are_slotted(self, model: typing.Any) -> None:
        assert not hasattr(model, "__dict__")
        cls: typing.Any = model.__class__
        assert cls.__slots__ == tuple(field.name for field in attrs.fields(cls))

    def test_no_unknown_attribute_can_be_set(self, model: typing.Any) -> None:
        with pytest.raises(AttributeError):
            model.unknown = 1

    def test_declared_attributes_can_be_assigned(self, model: typing.Any) -> None:
        model = copy.copy(model)
        cls: typing.Any = model.__class__
        for field in attrs.fields(cls):
            setattr(model, field.name, 1)
            assert getattr(model, field.name) == 1

    def test_they_take_keywords_alone(self, model: typing.Any) -> None:
        cls: typing.Any = model.__class__
        kinds = {parameter.kind for parameter in inspect.signature(cls).parameters.values()}
        assert kinds == {inspect.Parameter.KEYWORD_ONLY}

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_they_pickle_through_every_protocol(self, model: typing.Any, protocol: int) -> None:
        assert pickle.loads(pickle.dumps(model, protocol)) == model  # noqa: S301

    @pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
    def test_copies_equal_the_original(self, model: typing.Any, copier: typing.Any) -> None:
        new = copier(model)
        assert new == model
        assert new is not model
        assert type(new) is type(model)


def test_the_signatures_are_those_of_hikari() -> None:
    assert str(inspect.signature(sessions.SessionStartLimit)) == (
        "(*, total: 'int', remaining: 'int', reset_after: 'datetime.timedelta', max_concurrency: 'int') -> None"
    )
    assert str(inspect.signature(sessions.GatewayBotInfo)) == (
        "(*, url: 'str', shard_count: 'int', session_start_limit: 'SessionStartLimit') -> None"
    )


@pytest.mark.parametrize("name", ["created_at", "_created_at"])
def test_created_at_is_no_argument(name: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        make_limit(**{name: datetime.datetime.now(UTC)})


@pytest.mark.parametrize("name", ["used", "reset_at"])
def test_the_properties_cannot_be_set(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(make_limit(), name, 1)


def test_nothing_is_validated_or_converted() -> None:
    limit: typing.Any = make_limit(total="many", max_concurrency=None)
    assert (limit.total, limit.max_concurrency) == ("many", None)


def test_annotations_resolve_at_run_time() -> None:
    assert typing.get_type_hints(sessions.SessionStartLimit) == {
        "total": int,
        "remaining": int,
        "reset_after": datetime.timedelta,
        "max_concurrency": int,
        "_created_at": datetime.datetime,
    }
    assert typing.get_type_hints(sessions.GatewayBotInfo) == {
        "url": str,
        "shard_count": int,
        "session_start_limit": sessions.SessionStartLimit,
    }
    reset_at: typing.Any = vars(sessions.SessionStartLimit)["reset_at"]
    assert typing.get_type_hints(reset_at.fget) == {"return": datetime.datetime}


def test_nothing_else_is_public() -> None:
    public = {name for name in dir(make_limit()) if not name.startswith("_")}
    assert public == {"total", "remaining", "reset_after", "max_concurrency", "used", "reset_at"}
    public = {name for name in dir(make_info()) if not name.startswith("_")}
    assert public == {"url", "shard_count", "session_start_limit"}


def test_a_deep_copy_of_an_info_has_a_limit_of_its_own() -> None:
    info = make_info()
    assert copy.copy(info).session_start_limit is info.session_start_limit
    assert copy.deepcopy(info).session_start_limit is not info.session_start_limit


def test_replacing_remaining_does_not_move_reset_at() -> None:
    with hikari_sessions.use_clock(lambda: datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)):
        limit = make_limit()
    with hikari_sessions.use_clock(lambda: datetime.datetime(2026, 11, 23, 20, 0, tzinfo=UTC)):
        new = limit.__replace__(remaining=3)
    assert (new.remaining, limit.remaining) == (3, 999)
    assert new.reset_at == datetime.datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


def test_copying_does_not_read_the_clock() -> None:
    info = make_info()

    def refuse() -> typing.NoReturn:
        pytest.fail("the clock was read")

    copiers: list[typing.Callable[[typing.Any], typing.Any]] = [
        copy.copy,
        copy.deepcopy,
        lambda model: model.__replace__(),
    ]
    with hikari_sessions.use_clock(refuse):
        for model in (info, info.session_start_limit):
            for copier in copiers * 2:
                assert copier(model) == model


def test_replacing_shard_count_keeps_the_url_and_the_limit() -> None:
    info = make_info()
    new: sessions.GatewayBotInfo = info.__replace__(shard_count=16)
    assert (new.shard_count, info.shard_count) == (16, 9)
    assert (new.url, new.session_start_limit) == (info.url, info.session_start_limit)
    assert new.session_start_limit is info.session_start_limit


@pytest.mark.system
def test_reset_at_is_the_same_instant_in_another_process() -> None:
    with hikari_sessions.use_clock(lambda: datetime.datetime(2026, 11, 23, 19, 0, tzinfo=BERLIN_WINTER)):
        limit = make_limit()
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).reset_at.isoformat())"
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], input=pickle.dumps(limit), stdout=subprocess.PIPE, check=True
    )
    assert run.stdout.strip() == b"2026-11-23T23:00:00+01:00"
