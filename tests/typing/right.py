"""Correct uses of every public name, as in a framework.

Type checkers check them; they never run.
"""

# mypy: disallow-any-decorated, disallow-any-explicit, disallow-any-expr

from __future__ import annotations

import asyncio
import collections.abc
import copy
import datetime
import pathlib
import sys
import typing

import attrs
import redis.asyncio
from typing_extensions import assert_type

import hikari_sessions as hs
import hikari_sessions.redis as hs_redis
import hikari_sessions.sqlite as hs_sqlite
import hikari_sessions.testing as hs_testing

# The models.

hour = datetime.timedelta(hours=1)
limit = hs.SessionStartLimit(
    total=1000, remaining=999, reset_after=hour, max_concurrency=1
)
info = hs.GatewayBotInfo(url="wss://a", shard_count=9, session_start_limit=limit)

assert_type(limit, hs.SessionStartLimit)
assert_type(limit.total + limit.remaining + limit.used + limit.max_concurrency, int)
assert_type(limit.reset_after, datetime.timedelta)
assert_type(limit.reset_at, datetime.datetime)
assert_type((info.url, info.shard_count), tuple[str, int])
assert_type(info.session_start_limit, hs.SessionStartLimit)
limit.remaining = 3
info.session_start_limit = limit

# Copies.

assert_type(copy.copy(limit), hs.SessionStartLimit)
assert_type(copy.deepcopy(info), hs.GatewayBotInfo)
assert_type(limit.__replace__(remaining=3), hs.SessionStartLimit)
assert_type(attrs.evolve(limit, remaining=3), hs.SessionStartLimit)
if sys.version_info >= (3, 13):
    assert_type(copy.replace(limit, remaining=3), hs.SessionStartLimit)
    assert_type(copy.replace(info, session_start_limit=limit), hs.GatewayBotInfo)


class Subclass(hs.SessionStartLimit):
    """A framework's own."""


sub = Subclass(total=1, remaining=1, reset_after=hour, max_concurrency=1)
assert_type(copy.copy(sub), Subclass)
assert_type(sub.__replace__(total=2), Subclass)


shared = {hs.SKIP_DEEP_COPY: True}


@hs.with_copy
@attrs.define(kw_only=True)
class Above:
    value: int
    cache: list[str] = attrs.field(factory=list[str], metadata=shared)


@attrs.define(kw_only=True)
@hs.with_copy
class Below:
    value: int

    def __deepcopy__(self, memo: dict[int, object]) -> Below:
        return hs.deep_copy_attrs(self, memo)


Item = typing.TypeVar("Item")


@hs.with_copy
@attrs.frozen()
class Generic(typing.Generic[Item]):
    items: list[Item]


above, below, generic = Above(value=1), Below(value=1), Generic([1])
above_class: type[Above] = Above
assert_type((above, above.value), tuple[Above, int])
assert_type(copy.deepcopy(below), Below)
assert_type(copy.copy(generic).items, list[int])
assert_type(attrs.evolve(above, value=2), Above)
assert_type(hs.copy_attrs(above), Above)
assert_type(hs.deep_copy_attrs(generic), Generic[int])

# Payloads.

limit_payload = hs.serialize_session_start_limit(limit)
payload: hs.GatewayBotInfoPayload = {
    "url": "wss://gateway.discord.gg/",
    "shards": 9,
    "session_start_limit": limit_payload,
}
decoded: dict[str, object] = {"url": "wss://a"}

assert_type(hs.deserialize_gateway_bot_info(payload), hs.GatewayBotInfo)
assert_type(hs.deserialize_gateway_bot_info(decoded), hs.GatewayBotInfo)
assert_type(hs.serialize_gateway_bot_info(info), hs.GatewayBotInfoPayload)
assert_type(limit_payload, hs.SessionStartLimitPayload)
try:
    limit = hs.deserialize_session_start_limit(limit_payload)
except hs.PayloadError as payload_error:
    assert_type(payload_error.problems, tuple[str, ...])
    value_error: ValueError = payload_error

# The clock.


def noon() -> datetime.datetime:
    return datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)


clock: hs.Clock = noon
with hs.use_clock(clock, sleep=asyncio.sleep) as nothing:
    assert_type(nothing, None)
sleep: hs.Sleep = asyncio.sleep
assert_type(hs.local_datetime() - hs.utc_datetime(), datetime.timedelta)

# The limiters.

assert_type(hs.LIMIT_PERIOD + hs.RESET_MARGIN, datetime.timedelta)
assert_type(hs.IDENTIFY_DELAY - hs.MIN_IDENTIFY_DELAY, datetime.timedelta)
limiter = hs.IdentifyLimiter(limit)
limiter = hs.IdentifyLimiter(limit, identify_delay=hs.IDENTIFY_DELAY, reserve=10)
assert_type(limiter.acquire(0), datetime.timedelta)
assert_type(limiter.session_start_limit(), hs.SessionStartLimit)
limiter.update(limit)
limiter = hs_sqlite.SQLiteIdentifyLimiter(
    "bot.db", limit, identify_delay=hs.IDENTIFY_DELAY, reserve=10
)
limiter = hs_sqlite.SQLiteIdentifyLimiter(pathlib.Path("bot.db"), limit)


async def share(client: redis.asyncio.Redis | redis.asyncio.RedisCluster) -> None:
    await limiter.wait(0)
    shared = hs_redis.RedisIdentifyLimiter(
        client, limit, name="bot", identify_delay=hs.IDENTIFY_DELAY, reserve=10
    )
    await shared.update(limit)
    assert_type(await shared.acquire(0), datetime.timedelta)
    assert_type(await shared.session_start_limit(), hs.SessionStartLimit)
    await shared.wait(0)
    for either in (limiter, shared):
        await identify(either)


async def identify(any_limiter: hs.IdentifyLimiterLike) -> None:
    await any_limiter.wait(0)


async def test() -> None:
    with hs_testing.ManualClock() as manual_clock:
        assert_type(manual_clock, hs_testing.ManualClock)
        assert_type(manual_clock.now - manual_clock(), datetime.timedelta)
        manual_clock.now = noon()
        await manual_clock.advance(5.5)
        await manual_clock.advance(hour)


# The start-up plan.

try:
    plan = hs.plan_startup(
        info,
        shard_count=9,
        shard_ids=range(3),
        starts_at=noon(),
        identify_delay=hs.IDENTIFY_DELAY,
        reserve=10,
        wait_for_reset=True,
    )
except hs.SessionStartLimitExceededError as error:
    assert_type(error.required + error.remaining + error.total + error.reserve, int)
    assert_type(error.reset_at, datetime.datetime)
    batch = hs.StartupBatch(starts_at=noon(), shard_ids=(0,))
    plan = hs.StartupPlan(batches=(batch,), shard_count=1, max_concurrency=1)
assert_type(plan.batches, tuple[hs.StartupBatch, ...])
assert_type(plan.batches[0].starts_at, datetime.datetime)
assert_type(plan.batches[0].shard_ids, tuple[int, ...])
assert_type(plan.shard_count + plan.max_concurrency, int)
assert_type(plan.shard_ids, tuple[int, ...])
assert_type(plan.starts_at + plan.duration, datetime.datetime)
assert_type(plan.for_shards({1, 2}), hs.StartupPlan)
hashable: list[collections.abc.Hashable] = [plan, plan.batches[0]]

# What is accepted besides our own classes.


class ProxyLimit(typing.NamedTuple):
    total: int
    remaining: int
    max_concurrency: int
    reset_after: datetime.timedelta
    reset_at: datetime.datetime


class ProxyInfo(typing.NamedTuple):
    url: str
    shard_count: int
    session_start_limit: ProxyLimit


def shards_of(any_info: hs.GatewayBotInfoLike) -> int:
    any_limit: hs.SessionStartLimitLike = any_info.session_start_limit
    return min(any_info.shard_count, any_limit.remaining)


proxy = ProxyInfo("ws://a", 1, ProxyLimit(1, 1, 1, hour, noon()))
assert_type(shards_of(info) + shards_of(proxy), int)
assert_type(hs.plan_startup(proxy), hs.StartupPlan)
assert_type(hs.serialize_gateway_bot_info(proxy), hs.GatewayBotInfoPayload)
hs.IdentifyLimiter(proxy.session_start_limit).update(limit)
assert_type(hs.__version__, str)
