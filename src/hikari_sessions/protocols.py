"""Protocols for what this package accepts besides its own classes.

Any object with these members will do, including hikari's models. All members are
read-only, so attributes and properties both satisfy them.
"""

from __future__ import annotations

__all__ = ("GatewayBotInfoLike", "SessionStartLimitLike")

import datetime
import typing


class SessionStartLimitLike(typing.Protocol):
    """Any object with the members of `hikari_sessions.SessionStartLimit`."""

    @property
    def total(self) -> int:
        """The session starts that the bot is allowed per 24 hours."""
        ...

    @property
    def remaining(self) -> int:
        """The session starts left in the current 24 hours."""
        ...

    @property
    def reset_after(self) -> datetime.timedelta:
        """How long after the object's creation the limit resets."""
        ...

    @property
    def max_concurrency(self) -> int:
        """How many shards may identify in any five seconds."""
        ...

    @property
    def used(self) -> int:
        """The session starts used in the current 24 hours."""
        ...

    @property
    def reset_at(self) -> datetime.datetime:
        """When the limit resets; timezone-aware."""
        ...


class GatewayBotInfoLike(typing.Protocol):
    """Any object with the members of `hikari_sessions.GatewayBotInfo`."""

    @property
    def url(self) -> str:
        """The WebSocket URL of the gateway."""
        ...

    @property
    def shard_count(self) -> int:
        """The number of shards that Discord recommends."""
        ...

    @property
    def session_start_limit(self) -> SessionStartLimitLike:
        """The session starts that the bot has."""
        ...
