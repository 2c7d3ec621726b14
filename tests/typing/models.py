"""What a framework's author may write; checked by mypy, never run."""

from __future__ import annotations

import copy
import datetime
import typing

import attrs
from typing_extensions import assert_type

import hikari_sessions

limit = hikari_sessions.SessionStartLimit(
    total=1000, remaining=999, reset_after=datetime.timedelta(hours=4), max_concurrency=1
)
info = hikari_sessions.GatewayBotInfo(url="wss://a", shard_count=9, session_start_limit=limit)

assert_type(limit.used, int)
assert_type(limit.reset_at, datetime.datetime)
assert_type(info.session_start_limit, hikari_sessions.SessionStartLimit)
assert_type(copy.copy(limit), hikari_sessions.SessionStartLimit)
assert_type(copy.deepcopy(info), hikari_sessions.GatewayBotInfo)
assert_type(hikari_sessions.serialize_gateway_bot_info(info), hikari_sessions.GatewayBotInfoPayload)
assert_type(
    hikari_sessions.deserialize_gateway_bot_info({"url": "wss://a"}),
    hikari_sessions.GatewayBotInfo,
)

payload: hikari_sessions.SessionStartLimitPayload = {
    "total": 1000,
    "remaining": 999,
    "reset_after": 0,
    "max_concurrency": 1,
}
assert_type(hikari_sessions.deserialize_session_start_limit(payload), hikari_sessions.SessionStartLimit)

limit_like: hikari_sessions.SessionStartLimitLike = limit
info_like: hikari_sessions.GatewayBotInfoLike = info

clock: hikari_sessions.Clock = lambda: datetime.datetime.now(datetime.timezone.utc)  # noqa: E731
with hikari_sessions.use_clock(clock) as nothing:
    assert_type(nothing, None)

limit.used = 1  # type: ignore[misc]
limit.unknown = 1  # type: ignore[attr-defined]
limit < limit  # type: ignore[operator]  # noqa: B015, PLR0124
hikari_sessions.SessionStartLimit(1, 1, datetime.timedelta(0), 1)  # type: ignore[call-arg]
hikari_sessions.SessionStartLimit(total=1)  # type: ignore[call-arg]
hikari_sessions.deserialize_gateway_bot_info('{"url": "wss://a"}')  # type: ignore[arg-type]


@hikari_sessions.with_copy
@attrs.define
class Above:
    value: int


@attrs.define
@hikari_sessions.with_copy
class Below:
    value: int


assert_type(Above(value=1), Above)
assert_type(Below(1).value, int)
hashable: typing.Hashable = limit  # type: ignore[assignment]
