"""Side by side with the real hikari 2.7.0: all alike, but for the differences that are intended."""

from __future__ import annotations

import asyncio
import collections
import copy
import datetime
import gc
import importlib.metadata
import inspect
import pickle
import re
import sys
import types
import typing
import weakref

import attrs
import pytest

import hikari_sessions
from hikari_sessions import sessions as ours
from hikari_sessions.internal import attr_extensions

pytest.importorskip("hikari", reason="hikari 2.7.0 needs Python 3.11 or later, and a newer attrs than our lowest")

from hikari import sessions as theirs
from hikari.impl import entity_factory, gateway_bot, rest
from hikari.internal import attrs_extensions

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)


def make(module: typing.Any, **changes: typing.Any) -> typing.Any:
    values: dict[str, typing.Any] = {
        "total": 1000,
        "remaining": 999,
        "reset_after": datetime.timedelta(hours=4),
        "max_concurrency": 1,
    }
    limit = module.SessionStartLimit(**{**values, **changes})
    limit._created_at = NOW
    return module.GatewayBotInfo(url="wss://gateway.discord.gg/", shard_count=9, session_start_limit=limit)


def outcome(run: typing.Callable[[], object]) -> object:
    """Give what a call returns, or the type and the text of what it raises."""
    try:
        return run()
    except Exception as error:  # noqa: BLE001
        return type(error), str(error)


def calls(name: str, run: typing.Callable[[], object]) -> int:
    """Count how often a function of that name is called."""
    counts: collections.Counter[str] = collections.Counter()

    def see(frame: types.FrameType, event: str, _argument: object) -> None:
        counts[f"{event} {frame.f_code.co_name}"] += 1

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        run()
    finally:
        sys.setprofile(before)
    return counts[f"call {name}"]


OBSERVATIONS: dict[str, typing.Callable[[typing.Any], object]] = {
    "exports": lambda module: module.__all__,
    "repr": lambda module: repr(make(module)),
    "limit signature": lambda module: str(inspect.signature(module.SessionStartLimit)),
    "info signature": lambda module: str(inspect.signature(module.GatewayBotInfo)),
    "limit slots": lambda module: module.SessionStartLimit.__slots__,
    "info slots": lambda module: module.GatewayBotInfo.__slots__,
    "limit fields": lambda module: [
        (field.name, field.alias, field.init, field.repr, field.eq, field.hash, field.kw_only, field.type)
        for field in attrs.fields(module.SessionStartLimit)
    ],
    "info fields": lambda module: [
        (field.name, field.alias, field.init, field.repr, field.eq, field.hash, field.kw_only, field.type)
        for field in attrs.fields(module.GatewayBotInfo)
    ],
    "public names of a limit": lambda module: [
        name for name in dir(make(module).session_start_limit) if not name.startswith("_")
    ],
    "public names of an info": lambda module: [name for name in dir(make(module)) if not name.startswith("_")],
    "match args": lambda module: module.SessionStartLimit.__match_args__,
    "used": lambda module: make(module, remaining=1200).session_start_limit.used,
    "reset_at": lambda module: make(module).session_start_limit.reset_at,
    "equal": lambda module: make(module) == make(module),
    "unequal": lambda module: make(module) != make(module, total=1),
    "compared with another class": lambda module: make(module).__eq__(1),
    "hash": lambda module: outcome(lambda: hash(make(module))),
    "order": lambda module: outcome(lambda: make(module) < make(module)),
    "weak reference": lambda module: outcome(lambda: weakref.ref(make(module))),
    "unknown attribute": lambda module: outcome(lambda: setattr(make(module), "unknown", 1)),
    "setting a property": lambda module: outcome(lambda: setattr(make(module).session_start_limit, "used", 1)),
    "positional arguments": lambda module: outcome(lambda: module.SessionStartLimit(1, 1, 1, 1)),
    "no arguments": lambda module: outcome(module.SessionStartLimit),
    "created_at as an argument": lambda module: outcome(lambda: make(module, created_at=NOW)),
    "_created_at as an argument": lambda module: outcome(lambda: make(module, _created_at=NOW)),
    "wrong types": lambda module: make(module, total="many").session_start_limit.total,
    "pickling": lambda module: [
        repr(pickle.loads(pickle.dumps(make(module), protocol)))  # noqa: S301
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ],
    "state": lambda module: make(module).session_start_limit.__getstate__(),
    "shallow copy": lambda module: copy.copy(make(module)) == make(module),
    "deep copy": lambda module: copy.deepcopy(make(module)) == make(module),
    "deep copy without a memo": lambda module: [make(module).__deepcopy__() == make(module) for _ in range(2)],
    "evolving": lambda module: attrs.evolve(limit := make(module).session_start_limit).reset_at == limit.reset_at,
    "calls of the clock": lambda module: calls("local_datetime", lambda: make(module)),
    "is the limit shared": lambda module: [
        copier(info := make(module)).session_start_limit is info.session_start_limit
        for copier in (copy.copy, copy.deepcopy)
    ],
}


@pytest.mark.parametrize("observe", OBSERVATIONS.values(), ids=OBSERVATIONS)
def test_both_are_alike(observe: typing.Callable[[typing.Any], object]) -> None:
    assert observe(ours) == observe(theirs)


def test_serializing_takes_hikaris_objects() -> None:
    with hikari_sessions.use_clock(lambda: NOW):
        assert hikari_sessions.serialize_gateway_bot_info(make(theirs)) == hikari_sessions.serialize_gateway_bot_info(
            make(ours)
        )


@pytest.mark.parametrize(
    "limit",
    [
        {"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1},
        {"total": 2000, "remaining": 0, "reset_after": 1, "max_concurrency": 16},
        {"total": 5, "remaining": 7, "reset_after": 0},
    ],
)
def test_both_decode_the_same_payload_alike(limit: dict[str, int]) -> None:
    payload = {"url": "wss://gateway.discord.gg/", "shards": 9, "session_start_limit": limit}
    app: typing.Any = None
    decoder = entity_factory.EntityFactoryImpl(app)
    infos: list[typing.Any] = [
        hikari_sessions.deserialize_gateway_bot_info(payload),
        decoder.deserialize_gateway_bot_info(payload),
    ]
    for info in infos:
        info.session_start_limit._created_at = NOW
    assert repr(infos[0]) == repr(infos[1])


def test_planning_takes_hikaris_objects() -> None:
    plans = [hikari_sessions.plan_startup(make(module, max_concurrency=2), starts_at=NOW) for module in (ours, theirs)]
    assert plans[0] == plans[1]
    assert [window.shard_ids for window in plans[1].windows] == [(0, 1), (2, 3), (4, 5), (6, 7), (8,)]


@pytest.fixture(params=[(ours, attr_extensions, True), (theirs, attrs_extensions, False)], ids=["ours", "theirs"])
def side(request: pytest.FixtureRequest) -> tuple[typing.Any, typing.Any, bool]:
    """Give the models, the copying module, and whether ours is on show."""
    return typing.cast("tuple[typing.Any, typing.Any, bool]", request.param)


class TestIntendedDifferences:
    """Each holds for both sides, so that a claim fails on the day that hikari mends it."""

    def test_annotations_resolve(self, side: tuple[typing.Any, typing.Any, bool]) -> None:
        models, _, better = side
        if better:
            assert typing.get_type_hints(models.SessionStartLimit)["total"] is int
        else:
            with pytest.raises(NameError):
                typing.get_type_hints(models.SessionStartLimit)

    @pytest.mark.parametrize(("copier", "theirs_run"), [(copy.copy, ["c", "v"]), (copy.deepcopy, ["c", "v", "c", "v"])])
    def test_a_copy_does_not_convert_and_validate(
        self,
        side: tuple[typing.Any, typing.Any, bool],
        copier: typing.Callable[[object], object],
        theirs_run: list[str],
    ) -> None:
        _, extensions, better = side
        ran: list[str] = []

        def convert(value: int) -> int:
            ran.append("c")
            return value

        def validate(*_: object) -> None:
            ran.append("v")

        field: typing.Any = attrs.field(converter=convert, validator=validate)
        model = extensions.with_copy(attrs.define(type("Model", (), {"value": field})))(1)
        ran.clear()
        copier(model)
        assert ran == ([] if better else theirs_run)

    def test_a_copy_of_what_is_not_set(self, side: tuple[typing.Any, typing.Any, bool]) -> None:
        _, extensions, better = side
        model = extensions.with_copy(attrs.make_class("Model", {"value": attrs.field(init=False)}))()
        if better:
            assert not hasattr(copy.copy(model), "value")
        else:
            with pytest.raises(AttributeError):
                copy.copy(model)

    def test_a_class_that_was_copied_can_be_collected(self, side: tuple[typing.Any, typing.Any, bool]) -> None:
        _, extensions, better = side
        cls = extensions.with_copy(attrs.make_class("Model", ["value"], weakref_slot=True))
        copy.copy(cls(1))
        dropped = weakref.ref(cls)
        del cls
        gc.collect()
        assert (dropped() is None) is better

    def test_replacing_remaining_keeps_reset_at(self, side: tuple[typing.Any, typing.Any, bool]) -> None:
        models, _, better = side
        limit = make(models).session_start_limit
        if better or sys.version_info >= (3, 13):
            # It is what copy.replace calls.
            new = limit.__replace__(remaining=3)
            assert new.remaining == 3
            assert (new.reset_at == limit.reset_at) is better
        else:
            assert not hasattr(limit, "__replace__")

    @pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
    def test_the_clock_is_not_read_at_a_copy(
        self, side: tuple[typing.Any, typing.Any, bool], copier: typing.Callable[[object], object]
    ) -> None:
        models, _, better = side
        limit = make(models).session_start_limit
        assert (calls("local_datetime", lambda: copier(limit)) == 0) is better

    def test_a_copy_has_what_a_subclass_adds(self, side: tuple[typing.Any, typing.Any, bool]) -> None:
        models, _, better = side
        model: typing.Any = type("Sub", (models.GatewayBotInfo,), {})(
            url="wss://gateway.discord.gg/", shard_count=9, session_start_limit=make(models).session_start_limit
        )
        model.note = "mine"
        for copier in (copy.copy, copy.deepcopy):
            assert hasattr(copier(model), "note") is better

    def test_a_memo_that_is_handed_on_is_used(self, side: tuple[typing.Any, typing.Any, bool]) -> None:
        models, _, better = side
        limit = make(models).session_start_limit
        stand_in = object()
        assert (limit.__deepcopy__({id(limit): stand_in}) is stand_in) is better

    def test_what_discord_sent_is_checked(self) -> None:
        limit = {"total": 1000, "remaining": -1, "reset_after": 0, "max_concurrency": 1}
        payload: typing.Any = {"url": None, "shards": 0, "session_start_limit": limit}
        with pytest.raises(hikari_sessions.PayloadError) as caught:
            hikari_sessions.deserialize_gateway_bot_info(payload)
        assert len(caught.value.problems) == 3
        app: typing.Any = None
        info: typing.Any = entity_factory.EntityFactoryImpl(app).deserialize_gateway_bot_info(payload)
        assert (info.url, info.shard_count, info.session_start_limit.remaining) == (None, 0, -1)

    def test_what_is_needed_at_run_time(self) -> None:
        def needed(distribution: str) -> set[str]:
            requirements = importlib.metadata.requires(distribution) or []
            return {re.split(r"[^\w-]", line)[0] for line in requirements if "extra ==" not in line}

        assert needed("hikari-sessions") == {"attrs"}
        assert needed("hikari") == {"aiohttp", "attrs", "colorlog", "multidict"}

    def test_shards_with_one_rate_limit_key_do_not_start_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        info = make(theirs, max_concurrency=16)
        made = hikari_sessions.plan_startup(info, shard_count=32, shard_ids=[0, 16], starts_at=NOW)
        assert [window.shard_ids for window in made.windows] == [(0,), (16,)]

        starting: set[int] = set()
        together: list[set[int]] = []

        async def start_one_shard(_bot: object, *, shard_id: int, **_options: object) -> None:
            starting.add(shard_id)
            await asyncio.sleep(0)
            together.append(set(starting))
            starting.remove(shard_id)

        async def fetch(_client: object) -> object:
            return info

        async def start() -> None:
            # The id of a bot, as the first part of every token; no other part is looked at.
            bot = gateway_bot.GatewayBot("MTIzNDU2Nzg5MDEyMzQ1Njc4.not.real", banner=None)
            await bot.start(shard_count=32, shard_ids=[0, 16], check_for_updates=False)
            await bot.close()

        monkeypatch.setattr(gateway_bot.GatewayBot, "_start_one_shard", start_one_shard)
        monkeypatch.setattr(rest.RESTClientImpl, "fetch_gateway_bot_info", fetch)
        asyncio.run(start())
        assert {0, 16} in together
