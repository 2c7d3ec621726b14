"""Wrong uses, and what each type checker says about them.

They never run. An ignore that isn't needed is an error.
"""

from __future__ import annotations

import collections.abc
import copy
import datetime
import sys

import attrs

import hikari_sessions

day = datetime.timedelta(1)
noon = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)
Limit, Info = hikari_sessions.SessionStartLimit, hikari_sessions.GatewayBotInfo
limit = Limit(total=1, remaining=1, reset_after=day, max_concurrency=1)
info = Info(url="wss://a", shard_count=9, session_start_limit=limit)
limiter = hikari_sessions.IdentifyLimiter(limit)
plan = hikari_sessions.plan_startup(info)

# The models.

Limit(1, 1, day, 1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[unexpected-positional-argument]  # ty: ignore[missing-argument, too-many-positional-arguments]
Limit(total=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[missing-argument]  # ty: ignore[missing-argument]
Limit(total=1, remaining=1, reset_after=3600, max_concurrency=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
Limit(total=1, remaining=1, reset_after=day, max_concurrency=1, created_at=noon)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[unexpected-keyword]  # ty: ignore[unknown-argument]
Info(url=b"wss://a", shard_count=9, session_start_limit=limit)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
limit.used = 1  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # pyrefly: ignore[read-only]  # ty: ignore[invalid-assignment]
limit.total = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]  # pyrefly: ignore[bad-assignment]  # ty: ignore[invalid-assignment]
limit.unknown = 1  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # pyrefly: ignore[missing-attribute]  # ty: ignore[missing-attribute]
limit < limit  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # pyrefly: ignore[unsupported-operation]  # ty: ignore[unsupported-operator]
hashable: collections.abc.Hashable = limit  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # pyrefly: ignore[bad-assignment]  # ty: ignore[invalid-assignment]

# Copies.

limit.__replace__(unknown=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[unexpected-keyword]  # ty: ignore[unknown-argument]
limit.__replace__(remaining="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
if sys.version_info >= (3, 13):
    # In the typeshed of pyright and basedpyright, the changes have the type Any.
    copy.replace(limit, unknown=1)  # type: ignore[call-arg]  # pyrefly: ignore[unexpected-keyword]  # ty: ignore[unknown-argument]
    copy.replace(limit, remaining="3")  # type: ignore[arg-type]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
# attrs gives the changes the type Any; pyright, basedpyright and ty go by that.
attrs.evolve(limit, unknown=1)  # type: ignore[call-arg]  # pyrefly: ignore[unexpected-keyword]


@hikari_sessions.with_copy
@attrs.define(kw_only=True)
class Above:
    value: int


@attrs.define(kw_only=True)
@hikari_sessions.with_copy
class Below:
    value: int


Above(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[unexpected-positional-argument]  # ty: ignore[missing-argument, too-many-positional-arguments]
above: Above = copy.copy(Below(value=1))  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # pyrefly: ignore[bad-assignment]  # ty: ignore[invalid-assignment]
below: Below = hikari_sessions.copy_attrs(above)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # pyrefly: ignore[bad-assignment]  # ty: ignore[invalid-assignment]
hikari_sessions.deep_copy_attrs(limit, [])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.with_copy(limit)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]

# Payloads.

hikari_sessions.deserialize_gateway_bot_info('{"url": "wss://a"}')  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.serialize_gateway_bot_info(limit)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
payload: hikari_sessions.SessionStartLimitPayload = {"total": 1}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]  # pyrefly: ignore[bad-typed-dict-key]  # ty: ignore[missing-typed-dict-key]
payload["max_concurrency"] = "1"  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]  # pyrefly: ignore[bad-assignment]  # ty: ignore[invalid-assignment]

# The clock.

hikari_sessions.use_clock(noon)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.use_clock(lambda: 1.5)  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]

# The limiter.

hikari_sessions.IdentifyLimiter(info)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.IdentifyLimiter(limit, day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[bad-argument-count]  # ty: ignore[too-many-positional-arguments]
hikari_sessions.IdentifyLimiter(limit, window_delay=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.IdentifyLimiter(limit, reserve=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
limiter.acquire("0")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
limiter.update(1000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
seconds: float = limiter.acquire(0)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # pyrefly: ignore[bad-assignment]  # ty: ignore[invalid-assignment]


async def forget_to_wait() -> None:
    limiter.wait(0)  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]  # pyrefly: ignore[unused-coroutine]  # ty: ignore[unused-awaitable]


# The start-up plan.

hikari_sessions.plan_startup(info, 9)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[bad-argument-count]  # ty: ignore[too-many-positional-arguments]
hikari_sessions.plan_startup(limit)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.plan_startup(info, window_delay=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.plan_startup(info, reserve=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.plan_startup(info, starts_at=datetime.date(2026, 11, 23))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
hikari_sessions.plan_startup(info, shard_count=9, shard_ids=["0"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
plan.windows[0].shard_ids = (1,)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # pyrefly: ignore[read-only]  # ty: ignore[invalid-assignment]
plan.windows = ()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # pyrefly: ignore[read-only]  # ty: ignore[invalid-assignment]
plan < plan  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # pyrefly: ignore[unsupported-operation]  # ty: ignore[unsupported-operator]
hikari_sessions.StartupWindow(noon, (0,))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # pyrefly: ignore[unexpected-positional-argument]  # ty: ignore[missing-argument, too-many-positional-arguments]
plan.for_shards(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
info_like: hikari_sessions.GatewayBotInfoLike = limit  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # pyrefly: ignore[bad-assignment]  # ty: ignore[invalid-assignment]
info_like.shard_count = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # pyrefly: ignore[read-only]  # ty: ignore[invalid-assignment]
