"""Correct uses of every public name, as in a framework.

Type checkers check them; they never run.
"""

from __future__ import annotations

import collections.abc
import copy
import datetime
import sys
import typing

import attrs
import redis.asyncio
from typing_extensions import assert_type

import hikari_sessions
import hikari_sessions.redis

# The models.

limit = hikari_sessions.SessionStartLimit(
    total=1000,
    remaining=999,
    reset_after=datetime.timedelta(hours=4),
    max_concurrency=1,
)
info = hikari_sessions.GatewayBotInfo(
    url="wss://a", shard_count=9, session_start_limit=limit
)

assert_type(limit, hikari_sessions.SessionStartLimit)
assert_type(limit.total, int)
assert_type(limit.remaining, int)
assert_type(limit.reset_after, datetime.timedelta)
assert_type(limit.max_concurrency, int)
assert_type(limit.used, int)
assert_type(limit.reset_at, datetime.datetime)
assert_type(limit == copy.copy(limit), bool)
assert_type(info.url, str)
assert_type(info.shard_count, int)
assert_type(info.session_start_limit, hikari_sessions.SessionStartLimit)
limit.remaining = 3
info.session_start_limit = limit

# Copies.

assert_type(copy.copy(limit), hikari_sessions.SessionStartLimit)
assert_type(copy.copy(info), hikari_sessions.GatewayBotInfo)
assert_type(copy.deepcopy(limit), hikari_sessions.SessionStartLimit)
assert_type(copy.deepcopy(info), hikari_sessions.GatewayBotInfo)
assert_type(limit.__replace__(remaining=3), hikari_sessions.SessionStartLimit)
assert_type(attrs.evolve(limit, remaining=3), hikari_sessions.SessionStartLimit)
if sys.version_info >= (3, 13):
    assert_type(copy.replace(limit, remaining=3), hikari_sessions.SessionStartLimit)
    assert_type(
        copy.replace(info, session_start_limit=limit),
        hikari_sessions.GatewayBotInfo,
    )


class Subclass(hikari_sessions.SessionStartLimit):
    """A framework's own."""


sub = Subclass(
    total=1, remaining=1, reset_after=datetime.timedelta(0), max_concurrency=1
)
assert_type(copy.copy(sub), Subclass)
assert_type(sub.__replace__(total=2), Subclass)


shared = {hikari_sessions.SKIP_DEEP_COPY: True}


@hikari_sessions.with_copy
@attrs.define(kw_only=True)
class Above:
    value: int
    cache: list[str] = attrs.field(factory=list[str], metadata=shared)


@attrs.define(kw_only=True)
@hikari_sessions.with_copy
class Below:
    value: int

    def __deepcopy__(self, memo: dict[int, object]) -> Below:
        return hikari_sessions.deep_copy_attrs(self, memo)


Item = typing.TypeVar("Item")


@hikari_sessions.with_copy
@attrs.frozen()
class Generic(typing.Generic[Item]):
    items: list[Item]


above, below, generic = Above(value=1), Below(value=1), Generic([1])
assert_type(above, Above)
assert_type(above.value, int)
assert_type(below, Below)
assert_type(generic, Generic[int])
assert_type(copy.copy(above), Above)
assert_type(copy.deepcopy(below), Below)
assert_type(copy.copy(generic).items, list[int])
assert_type(attrs.evolve(above, value=2), Above)
assert_type(attrs.evolve(below, value=2), Below)
assert_type(hikari_sessions.copy_attrs(above), Above)
assert_type(hikari_sessions.deep_copy_attrs(generic), Generic[int])
assert_type(hikari_sessions.SKIP_DEEP_COPY, typing.Literal["skip_deep_copy"])
above_class: type[Above] = Above

# Payloads.

payload: hikari_sessions.GatewayBotInfoPayload = {
    "url": "wss://gateway.discord.gg/",
    "shards": 9,
    "session_start_limit": {
        "total": 1000,
        "remaining": 999,
        "reset_after": 14400000,
        "max_concurrency": 1,
    },
}
limit_payload: hikari_sessions.SessionStartLimitPayload = payload[
    "session_start_limit"
]
decoded: dict[str, object] = {"url": "wss://a"}

assert_type(
    hikari_sessions.deserialize_gateway_bot_info(payload),
    hikari_sessions.GatewayBotInfo,
)
assert_type(
    hikari_sessions.deserialize_gateway_bot_info(decoded),
    hikari_sessions.GatewayBotInfo,
)
assert_type(
    hikari_sessions.deserialize_session_start_limit(limit_payload),
    hikari_sessions.SessionStartLimit,
)
assert_type(
    hikari_sessions.serialize_gateway_bot_info(info),
    hikari_sessions.GatewayBotInfoPayload,
)
assert_type(
    hikari_sessions.serialize_session_start_limit(limit),
    hikari_sessions.SessionStartLimitPayload,
)
assert_type(hikari_sessions.serialize_gateway_bot_info(info)["shards"], int)
try:
    hikari_sessions.deserialize_session_start_limit(decoded)
except hikari_sessions.PayloadError as payload_error:
    assert_type(payload_error.problems, tuple[str, ...])
    value_error: ValueError = payload_error

# The clock.


def noon() -> datetime.datetime:
    return datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)


clock: hikari_sessions.Clock = noon
with hikari_sessions.use_clock(clock) as nothing:
    assert_type(nothing, None)
assert_type(hikari_sessions.local_datetime(), datetime.datetime)
assert_type(hikari_sessions.utc_datetime(), datetime.datetime)

# The limiter.

limiter = hikari_sessions.IdentifyLimiter(limit)
limiter = hikari_sessions.IdentifyLimiter(
    limit, window_delay=hikari_sessions.IDENTIFY_WINDOW, reserve=10
)
assert_type(limiter.acquire(0), datetime.timedelta)
limiter.update(limit)
assert_type(hikari_sessions.SESSION_START_WINDOW, datetime.timedelta)


class Client:
    async def before_identify_hook(self, shard_id: int) -> None:
        await limiter.wait(shard_id)


# The limiter in Redis.


async def share(client: redis.asyncio.Redis | redis.asyncio.RedisCluster) -> None:
    shared = hikari_sessions.redis.RedisIdentifyLimiter(
        client,
        limit,
        name="bot",
        window_delay=hikari_sessions.IDENTIFY_WINDOW,
        reserve=10,
    )
    await shared.update(limit)
    assert_type(await shared.acquire(0), datetime.timedelta)
    await shared.wait(0)


# The start-up plan.

plan = hikari_sessions.plan_startup(
    info,
    shard_count=9,
    shard_ids=range(3),
    starts_at=noon(),
    window_delay=hikari_sessions.IDENTIFY_WINDOW,
    reserve=10,
    wait_for_reset=True,
)
assert_type(plan, hikari_sessions.StartupPlan)
assert_type(plan.windows, tuple[hikari_sessions.StartupWindow, ...])
assert_type(plan.windows[0].starts_at, datetime.datetime)
assert_type(plan.windows[0].shard_ids, tuple[int, ...])
assert_type(plan.shard_count, int)
assert_type(plan.max_concurrency, int)
assert_type(plan.shard_ids, tuple[int, ...])
assert_type(plan.starts_at, datetime.datetime)
assert_type(plan.duration, datetime.timedelta)
assert_type(plan.for_shards({1, 2}), hikari_sessions.StartupPlan)
hashable: tuple[collections.abc.Hashable, collections.abc.Hashable] = (
    plan,
    plan.windows[0],
)
window = hikari_sessions.StartupWindow(starts_at=noon(), shard_ids=(0,))
made_by_hand = hikari_sessions.StartupPlan(
    windows=(window,), shard_count=1, max_concurrency=1
)
try:
    hikari_sessions.plan_startup(info)
except hikari_sessions.SessionStartLimitExceededError as error:
    assert_type(error.required, int)
    assert_type(error.remaining, int)
    assert_type(error.total, int)
    assert_type(error.reserve, int)
    assert_type(error.reset_at, datetime.datetime)

# What is accepted besides our own classes.


@attrs.frozen()
class ProxyLimit:
    total: int
    remaining: int
    reset_after: datetime.timedelta
    max_concurrency: int
    reset_at: datetime.datetime

    @property
    def used(self) -> int:
        return self.total - self.remaining


class ProxyInfo(typing.NamedTuple):
    url: str
    shard_count: int
    session_start_limit: ProxyLimit


proxy = ProxyInfo("ws://a", 1, ProxyLimit(1, 1, datetime.timedelta(0), 1, noon()))


def shards_of(any_info: hikari_sessions.GatewayBotInfoLike) -> int:
    any_limit: hikari_sessions.SessionStartLimitLike = any_info.session_start_limit
    return min(any_info.shard_count, any_limit.remaining)


assert_type(shards_of(info) + shards_of(proxy), int)
assert_type(hikari_sessions.plan_startup(proxy), hikari_sessions.StartupPlan)
hikari_sessions.IdentifyLimiter(proxy.session_start_limit).update(limit)
assert_type(
    hikari_sessions.serialize_gateway_bot_info(proxy),
    hikari_sessions.GatewayBotInfoPayload,
)
assert_type(hikari_sessions.__version__, str)
