"""Convert between the JSON of `GET /gateway/bot` and the models.

The functions take and return plain mappings, so any JSON library will do. This is
the only place that validates: a model made from a payload never raises later. The
source is "Get Gateway Bot" in Discord's gateway documentation.
"""

from __future__ import annotations

__all__ = (
    "ErrorResponseError",
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

import attrs

from hikari_sessions import protocols, sessions
from hikari_sessions.internal import time

_Object: typing.TypeAlias = collections.abc.Mapping[str, object]
_NUMBER: typing.Final = (int, float, decimal.Decimal)

_MILLISECOND: typing.Final = datetime.timedelta(milliseconds=1)
_SECOND: typing.Final = datetime.timedelta(seconds=1)
# A day before the year ends, so that the moment fits a `datetime` in every zone.
_LATEST: typing.Final = datetime.datetime(
    9999, 12, 31, tzinfo=datetime.timezone.utc
)

_LIMIT: typing.Final = "session_start_limit"
_MISMATCH: typing.Final = "payload: expected the response to GET /gateway/bot, got"

# A host, or an address in brackets, then a port. User info can come before it.
_HOST: typing.Final = r"(\[[^] /?#@[]+\]|[^] /?#@:[]+)(:[0-9]*)?"
_URL: typing.Final = re.compile(
    rf"wss?://({_HOST}|[^ /?#@]*@{_HOST})([/?#][^ ]*)?", re.ASCII | re.IGNORECASE
)

# A problem shows at most this many characters of a text.
_SHOWN: typing.Final = 40


class SessionStartLimitPayload(typing.TypedDict):
    """The JSON of a `SessionStartLimit`; `reset_after` is in milliseconds."""

    total: int
    remaining: int
    reset_after: int
    max_concurrency: int


class GatewayBotInfoPayload(typing.TypedDict):
    """The JSON of a `GatewayBotInfo`, the response to `GET /gateway/bot`."""

    url: str
    shards: int
    session_start_limit: SessionStartLimitPayload


class PayloadError(ValueError):
    """A payload isn't what Discord documents."""

    problems: tuple[str, ...]
    """Everything that's wrong: where, what was expected, and what was found."""

    def __init__(self, problems: collections.abc.Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(self.problems)


@attrs.define(eq=False, slots=False)
class ErrorResponseError(PayloadError):
    """The response is an error: Discord's own, or a problem document (RFC 9457)."""

    message: str
    """What the server said."""
    code: int | None = None
    """Discord's code for the error, or else the HTTP status."""
    retry_after: datetime.timedelta | None = None
    """How long to wait before another request, if the server said so."""

    def __attrs_post_init__(self) -> None:
        problem = f"{_MISMATCH} the error {_describe(self.message)}"
        if self.code is not None:
            problem += f", code {self.code}"
        if self.retry_after is not None:
            problem += f", retry after {self.retry_after / _SECOND:g} seconds"
        self.problems: tuple[str, ...] = (problem,)


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
    ErrorResponseError
        If the payload is an error response. The error is also a `PayloadError`.
    PayloadError
        If the payload isn't what Discord documents.
    """
    reader = _Reader(payload)
    _refuse_other_responses(reader.fields)
    url, shard_count = reader.url("url"), reader.integer("shards", 1)
    limit = None
    if not _is_object(found := reader.fields.get(_LIMIT)):
        reader.note(_LIMIT, "an object")
    else:
        try:
            limit = deserialize_session_start_limit(found)
        except PayloadError as error:
            reader.problems += [f"{_LIMIT}.{each}" for each in error.problems]
    if reader.problems or limit is None:
        raise PayloadError(reader.problems)
    return sessions.GatewayBotInfo(
        url=url, shard_count=shard_count, session_start_limit=limit
    )


def deserialize_session_start_limit(payload: _Object) -> sessions.SessionStartLimit:
    """Make a `SessionStartLimit` from the JSON object `session_start_limit`.

    It follows the same rules as `deserialize_gateway_bot_info`, and raises a
    `PayloadError` as well.

    Parameters
    ----------
    payload
        The decoded JSON (`SessionStartLimitPayload`).

    Returns
    -------
    SessionStartLimit
        What the payload says, as of now.
    """
    reader = _Reader(payload)
    total, remaining = reader.integer("total", 0), reader.integer("remaining", 0)
    reset_after = reader.duration("reset_after")
    max_concurrency = 1
    if reader.fields.get("max_concurrency") is not None:
        max_concurrency = reader.integer("max_concurrency")
    if reader.problems:
        raise PayloadError(reader.problems)
    return sessions.SessionStartLimit(
        total=total,
        remaining=remaining,
        reset_after=reset_after,
        # With 0, a start-up would hang.
        max_concurrency=max(1, max_concurrency),
    )


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
        The JSON. Its `session_start_limit` comes from
        `serialize_session_start_limit`.
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


def _refuse_other_responses(fields: _Object) -> None:
    """Reject an error response, and the response to `GET /gateway`."""
    if [*fields] == ["url"]:
        raise PayloadError([f"{_MISMATCH} the response to GET /gateway"])
    if "url" in fields or "shards" in fields:
        return
    message = fields.get("message")
    if not isinstance(message, str) and type(fields.get("status")) is int:
        message, detail = fields.get("title"), fields.get("detail")
        if isinstance(message, str) and isinstance(detail, str):
            message = detail
    if isinstance(message, str):
        codes = fields.get("code"), fields.get("status")
        valid = (each for each in codes if type(each) is int and abs(each) < 2**63)
        code = next(valid, None)
        retry_after = _span(fields.get("retry_after"), _SECOND)
        raise ErrorResponseError(message, code, retry_after)


class _Reader:
    """Reads the values of a JSON object, and collects what's wrong with them."""

    def __init__(self, payload: object) -> None:
        if not _is_object(payload):
            problem = f"payload: expected an object, got {_describe(payload)}"
            raise PayloadError([problem])
        self.fields = payload
        self.problems: list[str] = []

    def integer(self, key: str, least: int | None = None) -> int:
        found = self.fields.get(key)
        # A bool is an int, but not of this type.
        if type(found) is int and found < 2**63:  # noqa: SIM102
            if least is None or found >= least:
                return found
        expected = (
            "an integer" if least is None else f"an integer of {least} or more"
        )
        if isinstance(found, int) and found >= 2**63:
            expected = "an integer below 2**63"
        self.note(key, expected)
        return 0

    def duration(self, key: str) -> datetime.timedelta:
        span = _span(self.fields.get(key), _MILLISECOND)
        if span is not None and span <= _LATEST - time.local_datetime():
            return span
        self.note(key, "milliseconds, 0 or more, not beyond the year 9999")
        return datetime.timedelta(0)

    def url(self, key: str) -> str:
        found = self.fields.get(key)
        # Control characters aren't printable, nor is any white space but the space.
        if isinstance(found, str) and found.isprintable() and _URL.fullmatch(found):
            return found
        self.note(key, "a wss: or ws: URL with a host, without white space")
        return ""

    def note(self, key: str, expected: str) -> None:
        problem = f"missing, expected {expected}"
        if key in self.fields:
            problem = f"expected {expected}, got {_describe(self.fields[key])}"
        self.problems.append(f"{key}: {problem}")


def _span(found: object, unit: datetime.timedelta) -> datetime.timedelta | None:
    if isinstance(found, _NUMBER) and not isinstance(found, bool):
        try:
            if found >= 0:
                return (found if isinstance(found, int) else float(found)) * unit
        except ArithmeticError:  # too large, or a Decimal NaN
            pass
    return None


def _is_object(found: object) -> typing.TypeGuard[_Object]:
    # Checking for a dict first is much faster.
    return isinstance(found, (dict, collections.abc.Mapping))


def _describe(found: object) -> str:
    """Describe what was found, briefly and in JSON's terms."""
    if found is None or isinstance(found, bool):
        return {None: "null", True: "true", False: "false"}[found]
    if _is_object(found):
        return "an object"
    if isinstance(found, (list, tuple)):
        return "an array"
    if isinstance(found, int) and found.bit_length() > 64:  # noqa: PLR2004
        return f"an integer of {found.bit_length()} bits"
    text = str(found)
    # Shorten before quoting, so that the closing quote stays.
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…"
    return repr(text) if isinstance(found, str) else text
