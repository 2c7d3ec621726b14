"""Side by side with hikari 2.7.0: alike, except for the intended differences."""

from __future__ import annotations

import asyncio
import copy
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

import hikari_sessions as ours

pytest.importorskip("hikari")

from hikari.impl import entity_factory, gateway_bot, rest
from hikari.internal import attrs_extensions

# hikari is installed, and imported in a second, on one interpreter only.
pytestmark = pytest.mark.slow

NO_APP: typing.Any = None
decoder: typing.Any = entity_factory.EntityFactoryImpl(NO_APP)
theirs = types.SimpleNamespace(
    __name__="hikari",
    with_copy=attrs_extensions.with_copy,
    deserialize_gateway_bot_info=decoder.deserialize_gateway_bot_info,
)
RESPONSE: typing.Any = {
    "url": "wss://a",
    "shards": 3,
    "session_start_limit": {"total": 5, "remaining": 7, "reset_after": 14400000},
}


def make_info(side: typing.Any) -> typing.Any:
    info = side.deserialize_gateway_bot_info(RESPONSE)
    info.session_start_limit._created_at = ours.local_datetime()
    return info


def make_limit(side: typing.Any) -> typing.Any:
    return make_info(side).session_start_limit


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
ALIKE: dict[str, Observe] = {
    "repr": repr,
    "signature": lambda model: str(inspect.signature(model.__class__)),
    "slots": lambda model: model.__class__.__slots__,
    "match args": lambda model: model.__class__.__match_args__,
    "public names": lambda model: [name for name in dir(model) if name[0] != "_"],
    "fields": lambda model: [
        (field.name, field.alias, field.init, field.repr, field.eq, field.kw_only)
        for field in attrs.fields(model.__class__)
    ],
    "used": lambda model: getattr(model, "used", None),
    "reset_at": lambda model: getattr(model, "reset_at", None),
    "hash": lambda model: refused(lambda: hash(model)),
    "order": lambda model: refused(lambda: model < copy.copy(model)),
    "weak reference": lambda model: refused(lambda: weakref.ref(model)),
    "unknown attribute": lambda model: refused(lambda: setattr(model, "new", 1)),
    "a property": lambda model: refused(lambda: setattr(model, "used", 1)),
    "positional": lambda model: refused(lambda: model.__class__(1, 1)),
    "no arguments": lambda model: refused(model.__class__),
    "created_at": lambda model: refused(lambda: model.__class__(created_at=1)),
    "_created_at": lambda model: refused(lambda: model.__class__(_created_at=1)),
    "pickling": lambda model: repr(pickle.loads(pickle.dumps(model))),  # noqa: S301
    "state": lambda model: repr(model.__getstate__()),
    "copy": lambda model: (copy.copy(model) == model, copy.copy(model) is model),
    "deep copy": lambda model: (
        copy.deepcopy(model) == model.__deepcopy__() == model
    ),
    "evolving": lambda model: reads_of_the_clock(lambda: attrs.evolve(model)),
}


@pytest.mark.parametrize("make", [make_limit, make_info])
@pytest.mark.parametrize("observe", ALIKE.values(), ids=ALIKE)
@pytest.mark.usefixtures("now")
def test_both_are_alike(make: Observe, observe: Observe) -> None:
    assert observe(make(ours)) == observe(make(theirs))


@pytest.mark.usefixtures("now")
def test_serializing_and_planning_take_hikaris_objects() -> None:
    for take in (ours.serialize_gateway_bot_info, ours.plan_startup):
        assert take(make_info(theirs)) == take(make_info(ours))


# What is different by intention. Both sides are asked, so that a claim fails when
# hikari changes.


def what_is_required(side: typing.Any) -> object:
    lines = importlib.metadata.requires(side.__name__) or []
    return {re.split(r"[^\w-]", line)[0] for line in lines if "extra" not in line}


def type_of_total(side: typing.Any) -> object:
    return typing.get_type_hints(make_limit(side).__class__)["total"]


def how_often_copies_read_the_clock(side: typing.Any) -> object:
    limit = make_limit(side)
    return reads_of_the_clock(lambda: copy.deepcopy(copy.copy(limit)))


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
    cls: typing.Any = type("Sub", (make_info(side).__class__,), {})
    model = cls(url="wss://a", shard_count=9, session_start_limit=None)
    model.note = "mine"
    return [
        hasattr(new, "note") for new in (copy.copy(model), copy.deepcopy(model))
    ]


def is_the_memo_used(side: typing.Any) -> object:
    limit = make_limit(side)
    return limit.__deepcopy__({id(limit): "copied"}) == "copied"


def is_an_own_copy_method_kept(side: typing.Any) -> object:
    cls: typing.Any = attrs.make_class("Model", {}, class_body={"__copy__": repr})
    return isinstance(copy.copy(side.with_copy(cls)()), str)


def does_replacing_keep_reset_at(side: typing.Any) -> object:
    limit = make_limit(side)
    return limit.__replace__(remaining=3).reset_at == limit.reset_at


def what_an_invalid_response_gives(side: typing.Any) -> object:
    return side.deserialize_gateway_bot_info({**RESPONSE, "shards": -1}).shard_count


# From Python 3.13 on, attrs gives hikari's classes a `__replace__`.
NO_REPLACE = AttributeError if sys.version_info < (3, 13) else False
DIFFERENCES: dict[Observe, tuple[object, object]] = {
    what_is_required: ({"attrs"}, {"aiohttp", "attrs", "colorlog", "multidict"}),
    type_of_total: (int, NameError),
    how_often_copies_read_the_clock: (0, 2),
    what_a_copy_runs: ([], ["converter", "validator"]),
    is_set_in_a_copy: (False, AttributeError),
    is_a_copied_class_collected: (True, False),
    does_a_copy_keep_the_dict: ([True, True], [False, False]),
    is_the_memo_used: (True, False),
    is_an_own_copy_method_kept: (True, False),
    does_replacing_keep_reset_at: (True, NO_REPLACE),
    what_an_invalid_response_gives: (ours.PayloadError, -1),
}


def result(observe: Observe, side: object) -> object:
    try:
        return observe(side)
    except (AttributeError, NameError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize("observe", DIFFERENCES)
def test_intended_differences(observe: Observe) -> None:
    found = result(observe, ours), result(observe, theirs)
    assert found == DIFFERENCES[observe]


def test_shards_with_one_rate_limit_key_do_not_start_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = make_info(ours)
    info.session_start_limit.max_concurrency = 16
    options: typing.Any = {"shard_count": 32, "shard_ids": [0, 16]}
    plan = ours.plan_startup(info, **options)
    assert [batch.shard_ids for batch in plan.batches] == [(0,), (16,)]

    begun_and_ended: list[int] = []

    async def start_one_shard(_bot: object, *, shard_id: int, **_: object) -> None:
        begun_and_ended.append(shard_id)
        await asyncio.sleep(0)
        begun_and_ended.append(shard_id)

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
    assert begun_and_ended == [0, 16, 0, 16]
