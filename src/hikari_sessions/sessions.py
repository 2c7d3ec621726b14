"""The models: how many gateway sessions a bot may start, and when."""

from __future__ import annotations

__all__ = ("GatewayBotInfo", "SessionStartLimit")

import datetime
import typing

import attrs

from hikari_sessions.internal import attr_extensions, time

if typing.TYPE_CHECKING:
    import typing_extensions


@attr_extensions.with_copy
@attrs.define(kw_only=True, order=False, weakref_slot=False)
class SessionStartLimit:
    """How many sessions a bot may start, as Discord reported at one moment.

    A session starts with an identify; a resume starts none (Discord's gateway
    documentation, "Session Start Limit Object"). The class validates nothing;
    `deserialize_session_start_limit` validates what Discord sends.
    """

    total: int
    """The session starts that the bot is allowed per 24 hours."""

    remaining: int
    """The session starts that are left in the current 24 hours."""

    reset_after: datetime.timedelta
    """How long, from the creation of this object, until the limit resets."""

    max_concurrency: int
    """How many shards may identify in any five seconds, one per rate limit key."""

    _created_at: datetime.datetime = attrs.field(
        factory=time.local_datetime, init=False
    )

    @property
    def used(self) -> int:
        """The session starts used in the current 24 hours: `total - remaining`."""
        return self.total - self.remaining

    @property
    def reset_at(self) -> datetime.datetime:
        """When `remaining` becomes `total` again; timezone-aware."""
        return self._created_at + self.reset_after

    if typing.TYPE_CHECKING:
        # Declares what `with_copy` adds, so that type checkers reject a
        # `copy.replace` with any other name.
        def __replace__(
            self,
            /,
            *,
            total: int = ...,
            remaining: int = ...,
            reset_after: datetime.timedelta = ...,
            max_concurrency: int = ...,
        ) -> typing_extensions.Self: ...


@attr_extensions.with_copy
@attrs.define(kw_only=True, order=False, weakref_slot=False)
class GatewayBotInfo:
    """Where a bot connects, with how many shards and how many session starts.

    The response to `GET /gateway/bot` (Discord's gateway documentation, "Get
    Gateway Bot").
    """

    url: str
    """The WebSocket URL of the gateway."""

    shard_count: int
    """The number of shards that Discord recommends for the bot."""

    session_start_limit: SessionStartLimit
    """The session starts that the bot has."""

    if typing.TYPE_CHECKING:

        def __replace__(
            self,
            /,
            *,
            url: str = ...,
            shard_count: int = ...,
            session_start_limit: SessionStartLimit = ...,
        ) -> typing_extensions.Self: ...
