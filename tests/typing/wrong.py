"""Wrong uses, and what mypy and pyright say about them.

They never run. An ignore that isn't needed is an error.
"""

from __future__ import annotations

import asyncio
import collections.abc
import copy
import datetime

import attrs

import hikari_sessions as hs

day = datetime.timedelta(1)
noon = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)
Limit, Info = hs.SessionStartLimit, hs.GatewayBotInfo
limit = Limit(total=1, remaining=1, reset_after=day, max_concurrency=1)
info = Info(url="wss://a", shard_count=9, session_start_limit=limit)
limiter = hs.IdentifyLimiter(limit)
plan = hs.plan_startup(info)

# The models.

Limit(1, 1, day, 1)  # type: ignore[call-arg]
Limit(total=1)  # type: ignore[call-arg]
Limit(total=1, remaining=1, reset_after=9, max_concurrency=1)  # type: ignore[arg-type]
Limit(total=1, remaining=1, created_at=noon)  # type: ignore[call-arg]
Info(url=b"", shard_count=9, session_start_limit=limit)  # type: ignore[arg-type]
limit.used = 1  # type: ignore[misc]
limit.total = None  # type: ignore[assignment]
limit.unknown = 1  # type: ignore[attr-defined]
limit < limit  # type: ignore[operator]
hashable: collections.abc.Hashable = limit  # type: ignore[assignment]

# Copies.

limit.__replace__(unknown=1)  # type: ignore[call-arg]
limit.__replace__(remaining="3")  # type: ignore[arg-type]


@hs.with_copy
@attrs.define(kw_only=True)
class Above:
    value: int


@attrs.define(kw_only=True)
@hs.with_copy
class Below:
    value: int


Above(1)  # type: ignore[call-arg]
above: Above = copy.copy(Below(value=1))  # type: ignore[assignment]
below: Below = hs.copy_attrs(above)  # type: ignore[assignment]
hs.deep_copy_attrs(limit, [])  # type: ignore[arg-type]
hs.with_copy(limit)  # type: ignore[arg-type]

# Payloads.

hs.deserialize_gateway_bot_info('{"url": "wss://a"}')  # type: ignore[arg-type]
hs.serialize_gateway_bot_info(limit)  # type: ignore[arg-type]
payload: hs.SessionStartLimitPayload = {"total": 1}  # type: ignore[typeddict-item]
payload["max_concurrency"] = "1"  # type: ignore[typeddict-item]

# The clock.

hs.use_clock(noon)  # type: ignore[arg-type]
hs.use_clock(lambda: noon, sleep=asyncio.run)  # type: ignore[arg-type]
hs.use_clock(lambda: 1.5)  # type: ignore[arg-type, return-value]

# The limiter.

hs.IdentifyLimiter(info)  # type: ignore[arg-type]
hs.IdentifyLimiter(limit, day)  # type: ignore[call-arg]
hs.IdentifyLimiter(limit, identify_delay=5)  # type: ignore[arg-type]
hs.IdentifyLimiter(limit, reserve=0.5)  # type: ignore[arg-type]
limiter.acquire("0")  # type: ignore[arg-type]
limiter.update(1000)  # type: ignore[arg-type]
seconds: float = limiter.acquire(0)  # type: ignore[assignment]


async def forget_to_wait() -> None:
    limiter.wait(0)  # type: ignore[unused-coroutine]


# The start-up plan.

hs.plan_startup(info, 9)  # type: ignore[call-arg]
hs.plan_startup(limit)  # type: ignore[arg-type]
hs.plan_startup(info, identify_delay=5)  # type: ignore[arg-type]
hs.plan_startup(info, reserve=None)  # type: ignore[arg-type]
hs.plan_startup(info, starts_at=noon.date())  # type: ignore[arg-type]
hs.plan_startup(info, shard_count=9, shard_ids=["0"])  # type: ignore[list-item]
plan.batches[0].shard_ids = (1,)  # type: ignore[misc]
plan.batches = ()  # type: ignore[misc]
plan < plan  # type: ignore[operator]
hs.StartupBatch(noon, (0,))  # type: ignore[call-arg]
plan.for_shards(3)  # type: ignore[arg-type]
info_like: hs.GatewayBotInfoLike = limit  # type: ignore[assignment]
info_like.shard_count = 3  # type: ignore[misc]
