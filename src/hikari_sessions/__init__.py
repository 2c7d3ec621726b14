"""How many gateway sessions a Discord bot may start, and when.

Everything that users of the package need is here, under one name each.
"""

from __future__ import annotations

__all__ = (
    "SKIP_DEEP_COPY",
    "Clock",
    "GatewayBotInfo",
    "GatewayBotInfoLike",
    "GatewayBotInfoPayload",
    "PayloadError",
    "SessionStartLimit",
    "SessionStartLimitLike",
    "SessionStartLimitPayload",
    "__version__",
    "deserialize_gateway_bot_info",
    "deserialize_session_start_limit",
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

__version__ = "0.1.0"
