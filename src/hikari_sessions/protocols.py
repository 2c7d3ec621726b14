"""Protocols for what this package accepts besides its own classes.

They list what is read; the models say what it means. All members are read-only, so
attributes and properties both satisfy them, and so do hikari's models.
"""

from __future__ import annotations

__all__ = ("GatewayBotInfoLike", "IdentifyLimiterLike", "SessionStartLimitLike")

import datetime
import typing


class SessionStartLimitLike(typing.Protocol):
    """Any object with these members of a `hikari_sessions.SessionStartLimit`."""

    @property
    def total(self) -> int: ...
    @property
    def remaining(self) -> int: ...
    @property
    def reset_after(self) -> datetime.timedelta: ...
    @property
    def max_concurrency(self) -> int: ...
    @property
    def reset_at(self) -> datetime.datetime: ...


class GatewayBotInfoLike(typing.Protocol):
    """Any object with these members of a `hikari_sessions.GatewayBotInfo`."""

    @property
    def url(self) -> str: ...
    @property
    def shard_count(self) -> int: ...
    @property
    def session_start_limit(self) -> SessionStartLimitLike: ...


class IdentifyLimiterLike(typing.Protocol):
    """Any limiter: in one process, in a file, in Redis, or your own."""

    async def wait(self, shard_id: int, /) -> None:
        """Wait until a shard may identify."""
