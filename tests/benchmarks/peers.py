"""The same two models and the same decoder, written with other libraries."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import typing

import attrs
import cattrs.gen
import hikari
import msgspec
import pydantic
from hikari.impl import entity_factory

import hikari_sessions

Model: typing.TypeAlias = typing.Any
Call: typing.TypeAlias = typing.Callable[[], object]

PAYLOAD: hikari_sessions.GatewayBotInfoPayload = {
    "url": "wss://gateway.discord.gg/",
    "shards": 9,
    "session_start_limit": {
        "total": 1000,
        "remaining": 999,
        "reset_after": 14400000,
        "max_concurrency": 1,
    },
}
LIMIT = {
    "total": 1000,
    "remaining": 999,
    "reset_after": datetime.timedelta(hours=4),
    "max_concurrency": 1,
}
INFO = {"url": "wss://gateway.discord.gg/", "shard_count": 9}


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).astimezone()


def from_milliseconds(value: float) -> datetime.timedelta:
    return datetime.timedelta(milliseconds=value)


@attrs.define(kw_only=True)
class AttrsLimit:
    total: int
    remaining: int
    reset_after: datetime.timedelta
    max_concurrency: int
    _created_at: datetime.datetime = attrs.field(factory=now, init=False)


@attrs.define(kw_only=True)
class AttrsInfo:
    url: str
    shard_count: int
    session_start_limit: AttrsLimit


@dataclasses.dataclass(kw_only=True, slots=True)
class DataclassLimit:
    total: int
    remaining: int
    reset_after: datetime.timedelta
    max_concurrency: int
    _created_at: datetime.datetime = dataclasses.field(
        default_factory=now, init=False
    )


@dataclasses.dataclass(kw_only=True, slots=True)
class DataclassInfo:
    url: str
    shard_count: int
    session_start_limit: DataclassLimit


class MsgspecLimit(msgspec.Struct, kw_only=True):
    total: int
    remaining: int
    reset_after: datetime.timedelta
    max_concurrency: int
    created_at: datetime.datetime = msgspec.field(default_factory=now)


class MsgspecInfo(msgspec.Struct, kw_only=True):
    url: str
    shard_count: int
    session_start_limit: MsgspecLimit


class PydanticLimit(pydantic.BaseModel):
    total: typing.Annotated[int, pydantic.Field(ge=0)]
    remaining: typing.Annotated[int, pydantic.Field(ge=0)]
    reset_after: typing.Annotated[
        datetime.timedelta,
        pydantic.BeforeValidator(
            lambda value: (
                from_milliseconds(value) if isinstance(value, int) else value
            )
        ),
    ]
    max_concurrency: int = 1
    created_at: datetime.datetime = pydantic.Field(default_factory=now)


class PydanticInfo(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)

    url: pydantic.WebsocketUrl
    shard_count: typing.Annotated[int, pydantic.Field(ge=1, alias="shards")]
    session_start_limit: PydanticLimit


class HandWrittenLimit:
    __slots__ = (
        "_created_at",
        "max_concurrency",
        "remaining",
        "reset_after",
        "total",
    )

    def __init__(
        self,
        *,
        total: int,
        remaining: int,
        reset_after: datetime.timedelta,
        max_concurrency: int,
    ) -> None:
        self.total = total
        self.remaining = remaining
        self.reset_after = reset_after
        self.max_concurrency = max_concurrency
        self._created_at = now()

    def __copy__(self) -> HandWrittenLimit:
        new = object.__new__(HandWrittenLimit)
        new.total = self.total
        new.remaining = self.remaining
        new.reset_after = self.reset_after
        new.max_concurrency = self.max_concurrency
        new._created_at = self._created_at
        return new

    def __deepcopy__(self, memo: dict[int, object]) -> HandWrittenLimit:
        new = object.__new__(HandWrittenLimit)
        memo[id(self)] = new
        # None of the values can change.
        new.total = self.total
        new.remaining = self.remaining
        new.reset_after = self.reset_after
        new.max_concurrency = self.max_concurrency
        new._created_at = self._created_at
        return new


class HandWrittenInfo:
    __slots__ = ("session_start_limit", "shard_count", "url")

    def __init__(
        self, *, url: str, shard_count: int, session_start_limit: HandWrittenLimit
    ) -> None:
        self.url = url
        self.shard_count = shard_count
        self.session_start_limit = session_start_limit

    def __copy__(self) -> HandWrittenInfo:
        new = object.__new__(HandWrittenInfo)
        new.url = self.url
        new.shard_count = self.shard_count
        new.session_start_limit = self.session_start_limit
        return new

    def __deepcopy__(self, memo: dict[int, object]) -> HandWrittenInfo:
        new = object.__new__(HandWrittenInfo)
        memo[id(self)] = new
        new.url = self.url
        new.shard_count = self.shard_count
        new.session_start_limit = copy.deepcopy(self.session_start_limit, memo)
        return new


MODELS: dict[str, tuple[Model, Model]] = {
    "hikari-sessions": (
        hikari_sessions.SessionStartLimit,
        hikari_sessions.GatewayBotInfo,
    ),
    "hikari": (hikari.SessionStartLimit, hikari.GatewayBotInfo),
    "written by hand": (HandWrittenLimit, HandWrittenInfo),
    "msgspec": (MsgspecLimit, MsgspecInfo),
    "pydantic": (PydanticLimit, PydanticInfo),
    "dataclasses": (DataclassLimit, DataclassInfo),
    "attrs": (AttrsLimit, AttrsInfo),
}


@attrs.define(kw_only=True)
class CattrsLimit(AttrsLimit):
    total: int = attrs.field(validator=attrs.validators.ge(0))
    remaining: int = attrs.field(validator=attrs.validators.ge(0))


@attrs.define(kw_only=True)
class CattrsInfo(AttrsInfo):
    url: str = attrs.field(
        validator=attrs.validators.matches_re(r"wss?://[^/\s]+\S*")
    )
    shard_count: int = attrs.field(validator=attrs.validators.ge(1))
    session_start_limit: CattrsLimit  # pyright: ignore[reportIncompatibleVariableOverride]


def _cattrs_decoder() -> Call:
    converter = cattrs.Converter()
    converter.register_structure_hook(
        datetime.timedelta, lambda value, _: from_milliseconds(value)
    )
    converter.register_structure_hook(
        CattrsInfo,
        cattrs.gen.make_dict_structure_fn(
            CattrsInfo, converter, shard_count=cattrs.gen.override(rename="shards")
        ),
    )
    return lambda: converter.structure(PAYLOAD, CattrsInfo)


def decoders() -> dict[str, Call]:
    factory = entity_factory.EntityFactoryImpl(typing.cast("typing.Any", None))
    payload = typing.cast("typing.Any", PAYLOAD)
    return {
        "hikari-sessions": lambda: hikari_sessions.deserialize_gateway_bot_info(
            PAYLOAD
        ),
        "hikari": lambda: factory.deserialize_gateway_bot_info(payload),
        "cattrs": _cattrs_decoder(),
        "pydantic": lambda: PydanticInfo.model_validate(PAYLOAD),
    }
