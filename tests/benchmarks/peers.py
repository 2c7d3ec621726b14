"""The same two models and the same decoder, made with other libraries."""

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

LIMIT: dict[str, typing.Any] = {
    "total": 1000,
    "remaining": 999,
    "reset_after": datetime.timedelta(hours=4),
    "max_concurrency": 1,
}
INFO: dict[str, typing.Any] = {"url": "wss://gateway.discord.gg/", "shard_count": 9}
PAYLOAD: typing.Any = {
    "url": "wss://gateway.discord.gg/",
    "shards": 9,
    "session_start_limit": {**LIMIT, "reset_after": 14400000},
}
Types: typing.TypeAlias = dict[str, typing.Any]
LIMIT_TYPES: Types = {name: type(value) for name, value in LIMIT.items()}
INFO_TYPES: Types = {name: type(value) for name, value in INFO.items()}


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).astimezone()


def from_milliseconds(value: typing.Any, _: object = None) -> typing.Any:
    is_number = isinstance(value, int)
    return datetime.timedelta(milliseconds=value) if is_number else value


def attrs_models(**validators: typing.Any) -> tuple[Model, Model]:
    def make(types: Types, **more: typing.Any) -> Model:
        fields = {
            name: attrs.field(type=type_, validator=validators.get(name))
            for name, type_ in types.items()
        }
        return attrs.make_class("Model", fields | more, kw_only=True, slots=True)

    limit = make(LIMIT_TYPES, _created_at=attrs.field(factory=now, init=False))
    return limit, make(INFO_TYPES | {"session_start_limit": limit})


def dataclasses_models() -> tuple[Model, Model]:
    def make(types: Types, *more: typing.Any) -> Model:
        fields = [*types.items(), *more]
        options: typing.Any = {"kw_only": True, "slots": True}
        return dataclasses.make_dataclass("Model", fields, **options)

    created_at = dataclasses.field(default_factory=now, init=False)
    limit = make(LIMIT_TYPES, ("_created_at", datetime.datetime, created_at))
    return limit, make(INFO_TYPES | {"session_start_limit": limit})


def msgspec_models() -> tuple[Model, Model]:
    def make(types: Types, *more: typing.Any) -> Model:
        return msgspec.defstruct("Model", [*types.items(), *more], kw_only=True)

    created_at = msgspec.field(default_factory=now)
    limit = make(LIMIT_TYPES, ("created_at", datetime.datetime, created_at))
    return limit, make(INFO_TYPES | {"session_start_limit": limit})


class PydanticLimit(pydantic.BaseModel):
    total: typing.Annotated[int, pydantic.Field(ge=0)]
    remaining: typing.Annotated[int, pydantic.Field(ge=0)]
    reset_after: typing.Annotated[
        datetime.timedelta, pydantic.BeforeValidator(from_milliseconds)
    ]
    max_concurrency: int = 1
    created_at: datetime.datetime = pydantic.Field(default_factory=now)


class PydanticInfo(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)

    url: pydantic.WebsocketUrl
    shard_count: typing.Annotated[int, pydantic.Field(ge=1, alias="shards")]
    session_start_limit: PydanticLimit


class HandWrittenLimit:
    __slots__ = (*LIMIT, "_created_at")

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
    __slots__ = (*INFO, "session_start_limit")

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


OURS = "hikari-sessions"
MODELS: dict[str, tuple[Model, Model]] = {
    OURS: (hikari_sessions.SessionStartLimit, hikari_sessions.GatewayBotInfo),
    "hikari": (hikari.SessionStartLimit, hikari.GatewayBotInfo),
    "written by hand": (HandWrittenLimit, HandWrittenInfo),
    "msgspec": msgspec_models(),
    "pydantic": (PydanticLimit, PydanticInfo),
    "dataclasses": dataclasses_models(),
    "attrs": attrs_models(),
}


def decoders() -> dict[str, Call]:
    app: typing.Any = None
    factory = entity_factory.EntityFactoryImpl(app)
    ge = attrs.validators.ge
    url = attrs.validators.matches_re(r"wss?://[^/\s]+\S*")
    _, info = attrs_models(total=ge(0), remaining=ge(0), shard_count=ge(1), url=url)
    converter = cattrs.Converter()
    converter.register_structure_hook(datetime.timedelta, from_milliseconds)
    rename = cattrs.gen.override(rename="shards")
    structure = cattrs.gen.make_dict_structure_fn(
        info, converter, shard_count=rename
    )
    converter.register_structure_hook(info, structure)
    return {
        OURS: lambda: hikari_sessions.deserialize_gateway_bot_info(PAYLOAD),
        "hikari": lambda: factory.deserialize_gateway_bot_info(PAYLOAD),
        "cattrs": lambda: converter.structure(PAYLOAD, info),
        "pydantic": lambda: PydanticInfo.model_validate(PAYLOAD),
    }
