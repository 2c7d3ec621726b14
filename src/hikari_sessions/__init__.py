"""When each shard of a Discord bot may identify, and how many times.

Import every public name from here.
"""

from __future__ import annotations

__all__ = (
    "IDENTIFY_DELAY",
    "LIMIT_PERIOD",
    "MIN_IDENTIFY_DELAY",
    "RESET_MARGIN",
    "SKIP_DEEP_COPY",
    "Clock",
    "ErrorResponseError",
    "GatewayBotInfo",
    "GatewayBotInfoLike",
    "GatewayBotInfoPayload",
    "IdentifyLimiter",
    "IdentifyLimiterLike",
    "PayloadError",
    "SessionStartLimit",
    "SessionStartLimitExceededError",
    "SessionStartLimitLike",
    "SessionStartLimitPayload",
    "Sleep",
    "StartupBatch",
    "StartupPlan",
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
    Sleep,
    local_datetime,
    use_clock,
    utc_datetime,
)
from hikari_sessions.limiter import IdentifyLimiter
from hikari_sessions.payloads import (
    ErrorResponseError,
    GatewayBotInfoPayload,
    PayloadError,
    SessionStartLimitPayload,
    deserialize_gateway_bot_info,
    deserialize_session_start_limit,
    serialize_gateway_bot_info,
    serialize_session_start_limit,
)
from hikari_sessions.protocols import (
    GatewayBotInfoLike,
    IdentifyLimiterLike,
    SessionStartLimitLike,
)
from hikari_sessions.rules import (
    IDENTIFY_DELAY,
    LIMIT_PERIOD,
    MIN_IDENTIFY_DELAY,
    RESET_MARGIN,
    SessionStartLimitExceededError,
)
from hikari_sessions.sessions import GatewayBotInfo, SessionStartLimit
from hikari_sessions.startup import StartupBatch, StartupPlan, plan_startup

__version__: str = "0.1.0"
