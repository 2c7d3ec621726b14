"""When each shard of a Discord bot may identify, and how many times.

Import every public name from here.
"""

from __future__ import annotations

__all__ = (
    "IDENTIFY_WINDOW",
    "SESSION_START_WINDOW",
    "SKIP_DEEP_COPY",
    "Clock",
    "GatewayBotInfo",
    "GatewayBotInfoLike",
    "GatewayBotInfoPayload",
    "IdentifyLimiter",
    "PayloadError",
    "SessionStartLimit",
    "SessionStartLimitExceededError",
    "SessionStartLimitLike",
    "SessionStartLimitPayload",
    "StartupPlan",
    "StartupWindow",
    "__version__",
    "copy_attrs",
    "deep_copy_attrs",
    "deserialize_gateway_bot_info",
    "deserialize_session_start_limit",
    "local_datetime",
    "plan_startup",
    "serialize_gateway_bot_info",
    "serialize_session_start_limit",
    "use_clock",
    "utc_datetime",
    "with_copy",
)

from hikari_sessions.internal.attr_extensions import (
    SKIP_DEEP_COPY,
    copy_attrs,
    deep_copy_attrs,
    with_copy,
)
from hikari_sessions.internal.time import (
    Clock,
    local_datetime,
    use_clock,
    utc_datetime,
)
from hikari_sessions.limiter import (
    IDENTIFY_WINDOW,
    SESSION_START_WINDOW,
    IdentifyLimiter,
    SessionStartLimitExceededError,
)
from hikari_sessions.payloads import (
    GatewayBotInfoPayload,
    PayloadError,
    SessionStartLimitPayload,
    deserialize_gateway_bot_info,
    deserialize_session_start_limit,
    serialize_gateway_bot_info,
    serialize_session_start_limit,
)
from hikari_sessions.protocols import GatewayBotInfoLike, SessionStartLimitLike
from hikari_sessions.sessions import GatewayBotInfo, SessionStartLimit
from hikari_sessions.startup import StartupPlan, StartupWindow, plan_startup

__version__: str = "0.1.0"
