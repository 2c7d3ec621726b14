"""The boundary: the JSON of `GET /gateway/bot`, and the models.

Plain mappings come in and go out, so that any JSON library will do. What comes
in is checked here and nowhere else: what is accepted never makes a property, a
comparison, a `repr` or a copy of the models raise.
"""

from __future__ import annotations

__all__ = (
    "GatewayBotInfoPayload",
    "PayloadError",
    "SessionStartLimitPayload",
    "deserialize_gateway_bot_info",
    "deserialize_session_start_limit",
    "serialize_gateway_bot_info",
    "serialize_session_start_limit",
)

import collections.abc
import contextlib
import datetime
import decimal
import functools
import math
import re
import typing

from hikari_sessions import protocols, sessions
from hikari_sessions.internal import time


class SessionStartLimitPayload(typing.TypedDict):
    """The JSON of a session start limit (Discord's gateway documentation, "Session Start Limit Object")."""

    total: int
    """The session starts that the bot is allowed in each window of 24 hours."""
    remaining: int
    """The session starts that are left in the current window."""
    reset_after: int
    """How long until the limit resets, in milliseconds."""
    max_concurrency: int
    """How many identify requests are allowed per five seconds."""


class GatewayBotInfoPayload(typing.TypedDict):
    """The JSON that answers `GET /gateway/bot` (Discord's gateway documentation, "Get Gateway Bot")."""

    url: str
    """The WebSocket URL of the gateway."""
    shards: int
    """The recommended number of shards."""
    session_start_limit: SessionStartLimitPayload
    """The session starts that the bot has."""


class PayloadError(ValueError):
    """A payload is not what Discord documents.

    Parameters
    ----------
    problems
        All that is wrong with it: for each problem the path into the payload,
        what was expected there and what was found, as in
        `session_start_limit.remaining: expected an integer of 0 or more, got -1`.
    """

    problems: tuple[str, ...]
    """All that is wrong with the payload; for the form see the class."""

    def __init__(self, problems: collections.abc.Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(self.problems)


def deserialize_gateway_bot_info(payload: collections.abc.Mapping[str, object]) -> sessions.GatewayBotInfo:
    """Make a `GatewayBotInfo` from the JSON of `GET /gateway/bot`.

    Parameters
    ----------
    payload
        The JSON object, decoded (`GatewayBotInfoPayload`). Keys that are not
        known are ignored; a `max_concurrency` that is missing or below 1 is
        taken for 1.

    Returns
    -------
    GatewayBotInfo
        What the payload says, as of now.

    Raises
    ------
    PayloadError
        If the payload is not what Discord documents.
    """
    problems: list[str] = []
    fields = _object(payload, "payload", problems)
    info = sessions.GatewayBotInfo(
        url=_url(_read(fields, "url"), "url", problems),
        shard_count=_integer(_read(fields, "shards"), "", "shards", 1, problems),
        session_start_limit=_session_start_limit(
            _read(fields, "session_start_limit"), "session_start_limit", "session_start_limit.", problems
        ),
    )
    if problems:
        raise PayloadError([*_error_of_discord(fields), *problems])
    return info


def deserialize_session_start_limit(payload: collections.abc.Mapping[str, object]) -> sessions.SessionStartLimit:
    """Make a `SessionStartLimit` from the JSON object of that name.

    Parameters
    ----------
    payload
        The JSON object, decoded (`SessionStartLimitPayload`). Keys that are not
        known are ignored; a `max_concurrency` that is missing or below 1 is
        taken for 1.

    Returns
    -------
    SessionStartLimit
        What the payload says, as of now.

    Raises
    ------
    PayloadError
        If the payload is not what Discord documents.
    """
    problems: list[str] = []
    limit = _session_start_limit(payload, "payload", "", problems)
    if problems:
        raise PayloadError(problems)
    return limit


def serialize_gateway_bot_info(info: protocols.GatewayBotInfoLike) -> GatewayBotInfoPayload:
    """Make the JSON of `GET /gateway/bot` from a `GatewayBotInfo`.

    Parameters
    ----------
    info
        Our own object, or any other with its members.

    Returns
    -------
    GatewayBotInfoPayload
        What is true now: see `serialize_session_start_limit`.
    """
    return {
        "url": info.url,
        "shards": info.shard_count,
        "session_start_limit": serialize_session_start_limit(info.session_start_limit),
    }


def serialize_session_start_limit(limit: protocols.SessionStartLimitLike) -> SessionStartLimitPayload:
    """Make the JSON of a `SessionStartLimit`, as it is now.

    Another process that reads it, at once, gets the same `reset_at`; but see
    `use_clock` for clocks in zones with summer time.

    Parameters
    ----------
    limit
        Our own object, or any other with its members.

    Returns
    -------
    SessionStartLimitPayload
        `reset_after` is the time still to go, in whole milliseconds, rounded
        up. Once `reset_at` lies in the past it is 0, and `remaining` is `total`.
    """
    to_go = limit.reset_at - time.local_datetime()
    has_reset = to_go < datetime.timedelta(0)
    return {
        "total": limit.total,
        "remaining": limit.total if has_reset else limit.remaining,
        # Floor division of what is negated rounds up.
        "reset_after": 0 if has_reset else -(-to_go // _MILLISECOND),
        "max_concurrency": limit.max_concurrency,
    }


_Fields: typing.TypeAlias = collections.abc.Mapping[typing.Any, object] | None

_MISSING: typing.Final = object()
_UNREADABLE: typing.Final = object()
# What is read from something that is no object, which is a problem only once.
_NOT_READ: typing.Final = object()

# Every Python converts integers of up to 640 digits to text, and may refuse longer ones.
_TOO_LARGE: typing.Final = 10**640

# How much is shown of what was found.
_SHOWN: typing.Final = 40

_NAMES: typing.Final = (
    (_MISSING, "nothing"),
    (_UNREADABLE, "what can't be read"),
    (None, "null"),
    (False, "false"),
    (True, "true"),
)

_MILLISECOND: typing.Final = datetime.timedelta(milliseconds=1)

_IN_TIME: typing.Final = "milliseconds that end before the year 10000"


def _session_start_limit(payload: object, path: str, prefix: str, problems: list[str]) -> sessions.SessionStartLimit:
    fields = _object(payload, path, problems)
    total = _integer(_read(fields, "total"), prefix, "total", 0, problems)
    remaining = _integer(_read(fields, "remaining"), prefix, "remaining", 0, problems)
    reset_after = _duration(_read(fields, "reset_after"), prefix, "reset_after", problems)
    concurrency = _integer(_read(fields, "max_concurrency", 1), prefix, "max_concurrency", None, problems)
    limit = sessions.SessionStartLimit(
        total=total,
        remaining=remaining,
        reset_after=reset_after,
        max_concurrency=concurrency if concurrency > 1 else 1,  # noqa: FURB136 - max() takes five times as long
    )
    try:
        limit.reset_at  # noqa: B018
    except OverflowError:
        _add(problems, f"{prefix}reset_after", _IN_TIME, _read(fields, "reset_after"))
    return limit


def _integer(found: object, prefix: str, key: str, least: int | None, problems: list[str]) -> int:
    value = found if type(found) is int else _number(found)
    if type(value) is not int or (least is not None and value < least):
        expected = "an integer" if least is None else f"an integer of {least} or more"
        _add(problems, prefix + key, expected, found)
        return 0
    if value >= _TOO_LARGE:
        _add(problems, prefix + key, "an integer of 640 digits at most", found)
        return 0
    return value


def _duration(found: object, prefix: str, key: str, problems: list[str]) -> datetime.timedelta:
    value = found if type(found) is int else _number(found)
    if value is None or value < 0:
        _add(problems, prefix + key, "a finite number of milliseconds, 0 or more", found)
        return datetime.timedelta(0)
    try:
        return value * _MILLISECOND
    except OverflowError:
        _add(problems, prefix + key, _IN_TIME, found)
        return datetime.timedelta(0)


def _url(found: object, key: str, problems: list[str]) -> str:
    value = found if type(found) is str else _text(found)
    if not _is_gateway_url(value):
        _add(problems, key, "a wss: or ws: URL with a host, without white space", found)
    return value


# Brackets may stand around the address of a host, and nowhere else.
_NETLOC: typing.Final = re.compile(r"([^][@]*@)?([^][]+|\[(?P<address>[^][]+)\](:[0-9]*)?)")


def _check_url(value: str) -> bool:
    # Together a third of what importing this package would cost.
    import ipaddress  # noqa: PLC0415
    import urllib.parse  # noqa: PLC0415

    # What is printable, but for the space, is neither white space, a control character nor half a surrogate pair.
    if not value.isprintable() or " " in value:
        return False
    try:
        parts = urllib.parse.urlsplit(value)
        parts.port  # noqa: B018
        # Which brackets urllib takes depends on the version of Python.
        match = _NETLOC.fullmatch(parts.netloc)
        if match and match["address"]:
            ipaddress.IPv6Address(match["address"])
    except ValueError:
        return False
    return match is not None and parts.scheme in {"ws", "wss"} and bool(parts.hostname)


_is_gateway_url: collections.abc.Callable[[str], bool] = functools.lru_cache(maxsize=1)(_check_url)


def _text(found: object) -> str:
    """Make a plain string, past what a subclass may override, or an empty one of what is none."""
    return str.__str__(typing.cast("str", found)) if issubclass(type(found), str) else ""


def _number(found: object) -> int | float | None:
    """Make a plain number of any that is finite, but of no `bool`, past what a subclass may override."""
    cls = type(found)
    if cls is bool:
        return None
    if issubclass(cls, int):
        return int.__int__(typing.cast("int", found))
    if issubclass(cls, float):
        number = float.__float__(typing.cast("float", found))
    elif issubclass(cls, decimal.Decimal):
        # Some JSON parsers are told to make these of fractions.
        number = _float(typing.cast("decimal.Decimal", found))
    else:
        return None
    return number if math.isfinite(number) else None


def _float(found: decimal.Decimal) -> float:
    # Signalling ones can't be converted.
    if decimal.Decimal.is_nan(found):
        return math.nan
    # The smallest negative ones are zero as floats.
    is_negative = decimal.Decimal.is_signed(found) and not decimal.Decimal.is_zero(found)
    return -math.inf if is_negative else decimal.Decimal.__float__(found)


def _object(found: object, path: str, problems: list[str]) -> _Fields:
    if type(found) is dict or _is_object(found):
        return typing.cast("_Fields", found)
    _add(problems, path, "an object", found)
    return None


def _is_object(found: object) -> bool:
    # A class can be such that asking about it raises.
    with contextlib.suppress(Exception):
        return issubclass(type(found), collections.abc.Mapping)
    return False


def _read(fields: _Fields, key: str, default: object = _MISSING) -> object:
    if fields is None:
        return _NOT_READ
    try:
        return fields.get(key, default)
    except Exception:  # noqa: BLE001
        return _UNREADABLE


def _add(problems: list[str], path: str, expected: str, found: object) -> None:
    if found is not _NOT_READ:
        problems.append(f"{path}: expected {expected}, got {_describe(found)}")


def _error_of_discord(fields: _Fields) -> list[str]:
    """Tell what Discord said, if it answered with an error."""
    message = _read(fields, "message")
    if not issubclass(type(message), str):
        return []
    return [f"payload: expected an answer of GET /gateway/bot, got the error {_describe(message)}"]


def _describe(found: object) -> str:
    """Say what was found, in the terms of JSON where it has some, and in few words whatever it is."""
    for value, name in _NAMES:
        if found is value:
            return name
    cls = type(found)
    if _is_object(found):
        return "an object"
    if issubclass(cls, (list, tuple)):
        return "an array"
    if issubclass(cls, int) and abs(number := int.__int__(typing.cast("int", found))) >= _TOO_LARGE:
        return f"an integer of {number.bit_length()} bits"
    if issubclass(cls, str):
        return repr(_shorten(str.__str__(typing.cast("str", found))))
    for plain in (int, float, decimal.Decimal):
        if issubclass(cls, plain):
            return _shorten(typing.cast("typing.Any", plain).__repr__(found))
    return f"something of type {_shorten(vars(type)['__name__'].__get__(cls))!r}"


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
