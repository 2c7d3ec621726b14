"""Convert between the JSON of `GET /gateway/bot` and the models.

The functions take and return plain mappings, so any JSON library will do. This is
the only place that validates: a model made from a payload never raises later,
whether in a property, a comparison, a `repr` or a copy.
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
import datetime
import decimal
import re
import typing

from hikari_sessions import protocols, sessions
from hikari_sessions.internal import time

_Object: typing.TypeAlias = collections.abc.Mapping[str, object]

_MILLISECOND: typing.Final = datetime.timedelta(milliseconds=1)
_NUMBER: typing.Final = (int, float, decimal.Decimal)

_LIMIT: typing.Final = "session_start_limit"
_MILLISECONDS: typing.Final = "milliseconds, 0 or more, not beyond the year 9999"

# A host, or an address in brackets, then a port. User info can come before it.
_HOST: typing.Final = r"(\[[^] /?#@[]+\]|[^] /?#@:[]+)(:[0-9]*)?"
_URL: typing.Final = re.compile(
    rf"wss?://({_HOST}|[^ /?#@]*@{_HOST})([/?#][^ ]*)?", re.ASCII | re.IGNORECASE
)

# A problem shows at most this many characters of a text, and bits of an integer.
_SHOWN: typing.Final = 40
_BITS: typing.Final = 64


class SessionStartLimitPayload(typing.TypedDict):
    """The JSON of a session start limit.

    The source is Discord's gateway documentation, "Session Start Limit Object".
    """

    total: int
    """The session starts that the bot is allowed per 24 hours."""
    remaining: int
    """The session starts left in the current 24 hours."""
    reset_after: int
    """How long until the limit resets, in milliseconds."""
    max_concurrency: int
    """How many shards may identify in any five seconds."""


class GatewayBotInfoPayload(typing.TypedDict):
    """The JSON of `GET /gateway/bot`.

    The source is Discord's gateway documentation, "Get Gateway Bot".
    """

    url: str
    """The WebSocket URL of the gateway."""
    shards: int
    """The number of shards that Discord recommends."""
    session_start_limit: SessionStartLimitPayload
    """The session starts that the bot has."""


class PayloadError(ValueError):
    """A payload isn't what Discord documents."""

    problems: tuple[str, ...]
    """Everything that's wrong: where, what was expected, and what was found.

    For example,
    `session_start_limit.remaining: expected an integer of 0 or more, got -1`.
    """

    def __init__(self, problems: collections.abc.Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(self.problems)


def deserialize_gateway_bot_info(payload: _Object) -> sessions.GatewayBotInfo:
    """Make a `GatewayBotInfo` from the JSON of `GET /gateway/bot`.

    Parameters
    ----------
    payload
        The decoded JSON (`GatewayBotInfoPayload`). Unknown keys are ignored, and a
        `max_concurrency` that is missing or below 1 counts as 1.

    Returns
    -------
    GatewayBotInfo
        What the payload says, as of now.

    Raises
    ------
    PayloadError
        If the payload isn't what Discord documents.
    """
    fields = _object(payload)
    if _LIMIT not in fields:
        _refuse_other_responses(fields)
    problems: list[str] = []
    url = _url(fields, "url", problems)
    shard_count = _integer(fields, "shards", 1, problems)
    limit = None
    if not _is_object(found := fields.get(_LIMIT)):
        _note(fields, _LIMIT, "an object", problems)
    else:
        try:
            limit = deserialize_session_start_limit(found)
        except PayloadError as error:
            problems += [f"{_LIMIT}.{problem}" for problem in error.problems]
    if problems or limit is None:
        raise PayloadError(problems)
    return sessions.GatewayBotInfo(
        url=url, shard_count=shard_count, session_start_limit=limit
    )


def deserialize_session_start_limit(payload: _Object) -> sessions.SessionStartLimit:
    """Make a `SessionStartLimit` from the JSON object of that name.

    The rules and the errors are those of `deserialize_gateway_bot_info`.

    Parameters
    ----------
    payload
        The decoded JSON (`SessionStartLimitPayload`).

    Returns
    -------
    SessionStartLimit
        What the payload says, as of now.
    """
    fields = _object(payload)
    problems: list[str] = []
    total = _integer(fields, "total", 0, problems)
    remaining = _integer(fields, "remaining", 0, problems)
    reset_after = _duration(fields, "reset_after", problems)
    max_concurrency = 1
    if "max_concurrency" in fields:
        max_concurrency = _integer(fields, "max_concurrency", None, problems)
    limit = sessions.SessionStartLimit(
        total=total,
        remaining=remaining,
        reset_after=reset_after,
        # With 0, a start-up would hang.
        max_concurrency=max_concurrency if max_concurrency > 1 else 1,  # noqa: FURB136
    )
    try:
        limit.reset_at  # noqa: B018
    except OverflowError:
        _note(fields, "reset_after", _MILLISECONDS, problems)
    if problems:
        raise PayloadError(problems)
    return limit


def serialize_gateway_bot_info(
    info: protocols.GatewayBotInfoLike,
) -> GatewayBotInfoPayload:
    """Make the JSON of `GET /gateway/bot`, as it would be now.

    Parameters
    ----------
    info
        A `GatewayBotInfo`, or any object with its attributes.

    Returns
    -------
    GatewayBotInfoPayload
        The JSON, including that of `serialize_session_start_limit`.
    """
    limit = serialize_session_start_limit(info.session_start_limit)
    return {"url": info.url, "shards": info.shard_count, _LIMIT: limit}


def serialize_session_start_limit(
    limit: protocols.SessionStartLimitLike,
) -> SessionStartLimitPayload:
    """Make the JSON of a session start limit, as it would be now.

    Parameters
    ----------
    limit
        A `SessionStartLimit`, or any object with its attributes.

    Returns
    -------
    SessionStartLimitPayload
        The JSON. `reset_after` is the time left until the reset, in whole
        milliseconds, rounded up. After the reset it is 0, and `remaining` is
        `total`.
    """
    until_reset = limit.reset_at - time.local_datetime()
    has_reset = until_reset < datetime.timedelta(0)
    return {
        "total": limit.total,
        "remaining": limit.total if has_reset else limit.remaining,
        "reset_after": 0 if has_reset else time.round_up(until_reset, _MILLISECOND),
        "max_concurrency": limit.max_concurrency,
    }


def _is_object(found: object) -> typing.TypeGuard[_Object]:
    # Checking for a dict first is much faster.
    return isinstance(found, (dict, collections.abc.Mapping))


def _object(found: object) -> _Object:
    if not _is_object(found):
        raise PayloadError([f"payload: expected an object, got {_describe(found)}"])
    return found


def _refuse_other_responses(fields: _Object) -> None:
    """Reject an error from Discord, and the response of `GET /gateway`."""
    message = fields.get("message")
    if isinstance(message, str) and not fields.keys() & {"url", "shards"}:
        other = f"Discord's error {_describe(message)}"
        if "retry_after" in fields:
            other += f" (retry after {_describe(fields['retry_after'])} seconds)"
    elif set(fields) == {"url"}:
        other = "the response of GET /gateway"
    else:
        return
    expected = "expected the response of GET /gateway/bot"
    raise PayloadError([f"payload: {expected}, got {other}"])


def _integer(
    fields: _Object, key: str, least: int | None, problems: list[str]
) -> int:
    found = fields.get(key)
    # A bool is an int, but not of this type.
    if type(found) is int and found < 2**63 and (least is None or found >= least):
        return found
    expected = "an integer" if least is None else f"an integer of {least} or more"
    if isinstance(found, int) and found >= 2**63:
        expected = "an integer below 2**63"
    _note(fields, key, expected, problems)
    return 0


def _duration(fields: _Object, key: str, problems: list[str]) -> datetime.timedelta:
    found = fields.get(key)
    if isinstance(found, _NUMBER) and not isinstance(found, bool):
        try:
            if found >= 0:
                number = found if isinstance(found, int) else float(found)
                return number * _MILLISECOND
        except ArithmeticError:  # too large, or a Decimal NaN
            pass
    _note(fields, key, _MILLISECONDS, problems)
    return datetime.timedelta(0)


def _url(fields: _Object, key: str, problems: list[str]) -> str:
    found = fields.get(key)
    # Control characters aren't printable, nor is any white space but the space.
    if isinstance(found, str) and found.isprintable() and _URL.fullmatch(found):
        return found
    expected = "a wss: or ws: URL with a host, without white space"
    _note(fields, key, expected, problems)
    return ""


def _note(fields: _Object, key: str, expected: str, problems: list[str]) -> None:
    problem = f"missing, expected {expected}"
    if key in fields:
        problem = f"expected {expected}, got {_describe(fields[key])}"
    problems.append(f"{key}: {problem}")


def _describe(found: object) -> str:
    """Describe what was found, briefly and in JSON's terms."""
    if found is None or isinstance(found, bool):
        return {None: "null", True: "true", False: "false"}[found]
    if _is_object(found):
        return "an object"
    if isinstance(found, (list, tuple)):
        return "an array"
    if isinstance(found, int) and found.bit_length() > _BITS:
        return f"an integer of {found.bit_length()} bits"
    text = str(found)
    # Shorten before quoting, so that the closing quote stays.
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…"
    return repr(text) if isinstance(found, str) else text
