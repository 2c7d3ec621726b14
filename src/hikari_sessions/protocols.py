"""What the functions of this package take besides its own classes.

Any object with these members will do, hikari's own models among them. All
members are read-only, so that attributes and properties both satisfy them.
"""

from __future__ import annotations

__all__ = ("GatewayBotInfoLike", "SessionStartLimitLike")

import datetime
import typing


class SessionStartLimitLike(typing.Protocol):
    """Whatever has the members of `hikari_sessions.SessionStartLimit`."""

    @property
    def total(self) -> int:
        """The session starts that the bot is allowed in each window."""
        ...

    @property
    def remaining(self) -> int:
        """The session starts that are left in the current window."""
        ...

    @property
    def reset_after(self) -> datetime.timedelta:
        """How long after its creation the limit resets."""
        ...

    @property
    def max_concurrency(self) -> int:
        """How many shards may identify in any five seconds."""
        ...

    @property
    def used(self) -> int:
        """The session starts that the current window has used."""
        ...

    @property
    def reset_at(self) -> datetime.datetime:
        """The moment at which the limit resets; aware."""
        ...


class GatewayBotInfoLike(typing.Protocol):
    """Whatever has the members of `hikari_sessions.GatewayBotInfo`."""

    @property
    def url(self) -> str:
        """The WebSocket URL of the gateway."""
        ...

    @property
    def shard_count(self) -> int:
        """The number of shards that Discord recommends for the bot."""
        ...

    @property
    def session_start_limit(self) -> SessionStartLimitLike:
        """The session starts that the bot has."""
        ...
