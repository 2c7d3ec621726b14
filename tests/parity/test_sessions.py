"""Side by side with hikari 2.7.0: alike, except for the intended differences."""

from __future__ import annotations

import asyncio
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

pytest.importorskip(
    "hikari", reason="hikari 2.7.0 needs Python 3.11 and newer attrs"
)

from hikari import sessions as theirs
from hikari.impl import entity_factory, gateway_bot, rest
from hikari.internal import attrs_extensions

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)


def make_limit(module: typing.Any, **changes: typing.Any) -> typing.Any:
    values: dict[str, typing.Any] = {"total": 1000, "remaining": 999}
    values |= {"reset_after": datetime.timedelta(hours=4), "max_concurrency": 1}
    limit = module.SessionStartLimit(**{**values, **changes})
    limit._created_at = NOW
    return limit


def make_info(module: typing.Any, **changes: typing.Any) -> typing.Any:
    limit = make_limit(module, **changes)
    return module.GatewayBotInfo(
        url="wss://a", shard_count=9, session_start_limit=limit
    )


def reads_of_the_clock(run: typing.Callable[[], object]) -> int:
    """Count how often a function named `local_datetime` is called."""
    calls: list[tuple[str, str]] = []

    def see(frame: types.FrameType, event: str, _argument: object) -> None:
        calls.append((event, frame.f_code.co_name))

    before = sys.getprofile()
    sys.setprofile(see)
    run()
    sys.setprofile(before)
    return calls.count(("call", "local_datetime"))


def refused(run: typing.Callable[[], object]) -> tuple[type[Exception], str]:
    with pytest.raises((TypeError, AttributeError)) as caught:
        run()
    return caught.type, str(caught.value)


Observe: typing.TypeAlias = typing.Callable[[typing.Any], object]
OBSERVATIONS: dict[str, Observe] = {
    "repr": repr,
    "signature": lambda model: str(inspect.signature(model.__class__)),
    "slots": lambda model: model.__class__.__slots__,
    "match args": lambda model: model.__class__.__match_args__,
    "public names": lambda model: [name for name in dir(model) if name[0] != "_"],
    "fields": lambda model: [
        (field.name, field.alias, field.init, field.repr, field.eq, field.kw_only)
        for field in attrs.fields(model.__class__)
    ],
    "another class": lambda model: model.__eq__(1),
    "hash": lambda model: refused(lambda: hash(model)),
    "order": lambda model: refused(lambda: model < copy.copy(model)),
    "weak reference": lambda model: refused(lambda: weakref.ref(model)),
    "unknown attribute": lambda model: refused(lambda: setattr(model, "new", 1)),
    "a property": lambda model: refused(lambda: setattr(model, "used", 1)),
    "positional": lambda model: refused(lambda: model.__class__(1, 1)),
    "no arguments": lambda model: refused(model.__class__),
    "created_at": lambda model: refused(lambda: model.__class__(created_at=NOW)),
    "_created_at": lambda model: refused(lambda: model.__class__(_created_at=NOW)),
    "pickling": lambda model: repr(pickle.loads(pickle.dumps(model))),  # noqa: S301
    "state": lambda model: repr(model.__getstate__()),
    "copy": lambda model: (copy.copy(model) == model, copy.copy(model) is model),
    "deep copy": lambda model: (
        copy.deepcopy(model) == model.__deepcopy__() == model
    ),
    "evolving": lambda model: reads_of_the_clock(lambda: attrs.evolve(model)),
}


@pytest.mark.parametrize("make", [make_limit, make_info])
@pytest.mark.parametrize("observe", OBSERVATIONS.values(), ids=OBSERVATIONS)
def test_both_are_alike(make: typing.Any, observe: Observe) -> None:
    assert observe(make(ours)) == observe(make(theirs))


def test_both_compute_alike() -> None:
    for changes in (
        {},
        {"remaining": 1200},
        {"reset_after": datetime.timedelta(0)},
    ):
        limit, their_limit = (
            make_limit(ours, **changes),
            make_limit(theirs, **changes),
        )
        assert limit.used == their_limit.used
        assert limit.reset_at == their_limit.reset_at
    assert ours.__all__ == theirs.__all__
    for module in (ours, theirs):
        assert make_limit(module, total="many").total == "many"
        assert make_info(module) == make_info(module) != make_info(module, total=1)
        assert reads_of_the_clock(lambda: make_limit(module)) == 1  # noqa: B023
        info = make_info(module)
        assert copy.copy(info).session_start_limit is info.session_start_limit
        assert (
            copy.deepcopy(info).session_start_limit is not info.session_start_limit
        )


def test_serializing_and_planning_take_hikaris_objects() -> None:
    infos = [make_info(module, max_concurrency=2) for module in (theirs, ours)]
    with hikari_sessions.use_clock(lambda: NOW):
        payload, expected = map(hikari_sessions.serialize_gateway_bot_info, infos)
        plan, expected_plan = map(hikari_sessions.plan_startup, infos)
    assert payload == expected
    assert plan == expected_plan
    shard_ids = [window.shard_ids for window in plan.windows]
    assert shard_ids == [(0, 1), (2, 3), (4, 5), (6, 7), (8,)]


def decode(payload: typing.Any) -> typing.Any:
    app: typing.Any = None
    decoder = entity_factory.EntityFactoryImpl(app)
    return decoder.deserialize_gateway_bot_info(payload)


def test_both_decode_alike() -> None:
    for limit in (
        {
            "total": 9,
            "remaining": 7,
            "reset_after": 14400000,
            "max_concurrency": 16,
        },
        {"total": 5, "remaining": 7, "reset_after": 0},
    ):
        payload = {"url": "wss://a", "shards": 9, "session_start_limit": limit}
        info: typing.Any = hikari_sessions.deserialize_gateway_bot_info(payload)
        their_info = decode(payload)
        info.session_start_limit._created_at = NOW
        their_info.session_start_limit._created_at = NOW
        assert repr(info) == repr(their_info)


# What is different by intention. Both sides are asked, so that a claim fails when
# hikari changes.


def type_of_total(side: typing.Any) -> object:
    return typing.get_type_hints(side.models.SessionStartLimit)["total"]


def how_often_copies_read_the_clock(side: typing.Any) -> object:
    limit = make_limit(side.models)
    copiers = copy.copy, copy.deepcopy
    return [reads_of_the_clock(lambda: copier(limit)) for copier in copiers]  # noqa: B023


def what_a_copy_runs(side: typing.Any) -> object:
    ran: list[str] = []

    def run(*args: typing.Any) -> None:
        ran.append("converter" if len(args) == 1 else "validator")

    field: typing.Any = attrs.field(converter=run, validator=run)
    model = side.with_copy(attrs.make_class("Model", {"value": field}))(1)
    ran.clear()
    copy.copy(model)
    return ran


def is_set_in_a_copy(side: typing.Any) -> object:
    cls = attrs.make_class("Model", {"unset": attrs.field(init=False)})
    return hasattr(copy.copy(side.with_copy(cls)()), "unset")


def is_a_copied_class_collected(side: typing.Any) -> object:
    cls = side.with_copy(attrs.make_class("Model", ["value"], weakref_slot=True))
    copy.copy(cls(1))
    dropped = weakref.ref(cls)
    del cls
    gc.collect()
    return dropped() is None


def does_a_copy_keep_the_dict(side: typing.Any) -> object:
    cls: typing.Any = type("Sub", (side.models.GatewayBotInfo,), {})
    model = cls(url="wss://a", shard_count=9, session_start_limit=None)
    model.note = "mine"
    return hasattr(copy.copy(model), "note") and hasattr(
        copy.deepcopy(model), "note"
    )


def is_the_memo_used(side: typing.Any) -> object:
    limit = make_limit(side.models)
    return limit.__deepcopy__({id(limit): "copied"}) == "copied"


def is_an_own_copy_method_kept(side: typing.Any) -> object:
    class Sentinel:
        __copy__ = repr

    return isinstance(copy.copy(side.with_copy(attrs.define(Sentinel))()), str)


def does_replacing_keep_reset_at(side: typing.Any) -> object:
    new = make_limit(side.models).__replace__(remaining=3)
    return new.reset_at == make_limit(side.models).reset_at


# From Python 3.13 on, attrs gives hikari's classes a `__replace__`.
NO_REPLACE = AttributeError if sys.version_info < (3, 13) else False
DIFFERENCES: dict[Observe, tuple[object, object]] = {
    type_of_total: (int, NameError),
    how_often_copies_read_the_clock: ([0, 0], [1, 1]),
    what_a_copy_runs: ([], ["converter", "validator"]),
    is_set_in_a_copy: (False, AttributeError),
    is_a_copied_class_collected: (True, False),
    does_a_copy_keep_the_dict: (True, False),
    is_the_memo_used: (True, False),
    is_an_own_copy_method_kept: (True, False),
    does_replacing_keep_reset_at: (True, NO_REPLACE),
}


@pytest.mark.parametrize("observe", DIFFERENCES)
def test_intended_differences(observe: Observe) -> None:
    found: list[object] = []
    for models, extensions in ((ours, attr_extensions), (theirs, attrs_extensions)):
        side = types.SimpleNamespace(models=models, with_copy=extensions.with_copy)
        try:
            found.append(observe(side))
        except (AttributeError, NameError) as error:
            found.append(type(error))
    assert tuple(found) == DIFFERENCES[observe]


def test_discords_response_is_checked() -> None:
    limit = {"total": 9, "remaining": -1, "reset_after": 0, "max_concurrency": 1}
    payload: typing.Any = {"url": None, "shards": 0, "session_start_limit": limit}
    with pytest.raises(hikari_sessions.PayloadError) as caught:
        hikari_sessions.deserialize_gateway_bot_info(payload)
    assert len(caught.value.problems) == 3
    assert decode(payload).session_start_limit.remaining == -1


def test_requirements() -> None:
    def required(distribution: str) -> set[str]:
        lines = importlib.metadata.requires(distribution) or []
        return {
            re.split(r"[^\w-]", line)[0] for line in lines if "extra" not in line
        }

    assert required("hikari-sessions") == {"attrs"}
    assert required("hikari") == {"aiohttp", "attrs", "colorlog", "multidict"}


def test_shards_with_one_rate_limit_key_do_not_start_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = make_info(theirs, max_concurrency=16)
    options: typing.Any = {"shard_count": 32, "shard_ids": [0, 16]}
    plan = hikari_sessions.plan_startup(info, starts_at=NOW, **options)
    assert [window.shard_ids for window in plan.windows] == [(0,), (16,)]

    starting: set[int] = set()
    together: list[set[int]] = []

    async def start_one_shard(_bot: object, *, shard_id: int, **_: object) -> None:
        starting.add(shard_id)
        await asyncio.sleep(0)
        together.append(set(starting))
        starting.remove(shard_id)

    async def fetch(_client: object) -> object:
        return info

    async def start() -> None:
        # Only the first part of a token counts: the id of the bot.
        token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.not.real"  # noqa: S105
        bot = gateway_bot.GatewayBot(token, banner=None)
        await bot.start(check_for_updates=False, **options)
        await bot.close()

    monkeypatch.setattr(gateway_bot.GatewayBot, "_start_one_shard", start_one_shard)
    monkeypatch.setattr(rest.RESTClientImpl, "fetch_gateway_bot_info", fetch)
    asyncio.run(start())
    assert {0, 16} in together
