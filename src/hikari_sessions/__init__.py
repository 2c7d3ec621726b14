"""How many gateway sessions a Discord bot may start, and when.

Everything that users of the package need is here, under one name each.
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
    "PayloadError",
    "SessionStartLimit",
    "SessionStartLimitExceededError",
    "SessionStartLimitLike",
    "SessionStartLimitPayload",
    "StartupPlan",
    "StartupWindow",
    "__version__",
    "deserialize_gateway_bot_info",
    "deserialize_session_start_limit",
    "plan_startup",
    "serialize_gateway_bot_info",
    "serialize_session_start_limit",
    "use_clock",
    "with_copy",
)

from hikari_sessions.internal.attr_extensions import SKIP_DEEP_COPY, with_copy
from hikari_sessions.internal.time import Clock, use_clock
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
from hikari_sessions.startup import (
    IDENTIFY_WINDOW,
    SESSION_START_WINDOW,
    SessionStartLimitExceededError,
    StartupPlan,
    StartupWindow,
    plan_startup,
)

__version__: str = "0.1.0"
