"""Convert between the JSON of `GET /gateway/bot` and the models.

The functions take and return plain mappings, so any JSON library will do. This is
the only place that validates: a model made from a payload never raises later,
whether in a property, a comparison, a `repr` or a copy.
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
import contextlib
import datetime
import decimal
import re
import typing

from hikari_sessions import protocols, sessions
from hikari_sessions.internal import time

_Object: typing.TypeAlias = collections.abc.Mapping[str, object]
# Every integer is below this.
_INTEGERS: typing.Final = 2**63
_NUMBER: typing.Final = (int, float, decimal.Decimal)

_MILLISECOND: typing.Final = datetime.timedelta(milliseconds=1)
_SECOND: typing.Final = datetime.timedelta(seconds=1)
_UTC: typing.Final = datetime.timezone.utc
# A day before the year ends, so that the moment fits a `datetime` in every zone.
_LATEST: typing.Final = datetime.datetime(9999, 12, 31, tzinfo=_UTC)

_LIMIT: typing.Final = "session_start_limit"
_MISMATCH: typing.Final = "payload: expected the response to GET /gateway/bot, got"
_MILLISECONDS: typing.Final = "milliseconds, 0 or more, not beyond the year 9999"

# A host, or an address in brackets, then a port. User info can come before it.
_HOST: typing.Final = r"(\[[^] /?#@[]+\]|[^] /?#@:[]+)(:[0-9]*)?"
_URL: typing.Final = re.compile(
    rf"wss?://({_HOST}|[^ /?#@]*@{_HOST})([/?#][^ ]*)?", re.ASCII | re.IGNORECASE
)

# A problem shows at most this many characters of a text.
_SHOWN: typing.Final = 40


class SessionStartLimitPayload(typing.TypedDict):
    """The JSON of a `SessionStartLimit`; `reset_after` is in milliseconds.

    The source is Discord's gateway documentation, "Session Start Limit Object".
    """

    total: int
    remaining: int
    reset_after: int
    max_concurrency: int


class GatewayBotInfoPayload(typing.TypedDict):
    """The JSON of a `GatewayBotInfo`, the response to `GET /gateway/bot`.

    The source is Discord's gateway documentation, "Get Gateway Bot".
    """

    url: str
    shards: int
    session_start_limit: SessionStartLimitPayload


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


class ErrorResponseError(PayloadError):
    """The response is an error: Discord's own, or a problem document (RFC 9457)."""

    message: str
    """What the server said."""

    code: int | None
    """Discord's code for the error, or else the HTTP status."""

    retry_after: datetime.timedelta | None
    """How long to wait before another request, if the server said so."""

    def __init__(
        self,
        message: str,
        code: int | None = None,
        retry_after: datetime.timedelta | None = None,
    ) -> None:
        details = "" if code is None else f", code {code}"
        if retry_after is not None:
            details += f", retry after {retry_after / _SECOND:g} seconds"
        super().__init__([f"{_MISMATCH} the error {_describe(message)}{details}"])
        self.message, self.code, self.retry_after = message, code, retry_after
        # What pickle passes to `__init__`.
        self.args = message, code, retry_after


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
        If the payload is an error response. This is a `PayloadError`, too.
    PayloadError
        If the payload isn't what Discord documents.
    """
    fields = _object(payload)
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

    It follows the same rules as `deserialize_gateway_bot_info`.

    Parameters
    ----------
    payload
        The decoded JSON (`SessionStartLimitPayload`).

    Returns
    -------
    SessionStartLimit
        What the payload says, as of now.

    Raises
    ------
    PayloadError
        If the payload isn't what Discord documents.
    """
    fields = _object(payload)
    problems: list[str] = []
    total = _integer(fields, "total", 0, problems)
    remaining = _integer(fields, "remaining", 0, problems)
    reset_after = _duration(fields, "reset_after", problems)
    max_concurrency = 1
    if fields.get("max_concurrency") is not None:
        max_concurrency = _integer(fields, "max_concurrency", None, problems)
    if problems:
        raise PayloadError(problems)
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
    """Reject an error response, and the response to `GET /gateway`."""
    if set(fields) == {"url"}:
        raise PayloadError([f"{_MISMATCH} the response to GET /gateway"])
    message, status = fields.get("message"), _code(fields.get("status"))
    if not isinstance(message, str) and status is not None:
        message, detail = fields.get("title"), fields.get("detail")
        if isinstance(message, str) and isinstance(detail, str):
            message = detail
    if isinstance(message, str) and not fields.keys() & {"url", "shards"}:
        code = _code(fields.get("code"))
        code = status if code is None else code
        retry_after = _time_span(fields.get("retry_after"), _SECOND)
        raise ErrorResponseError(message, code, retry_after)


def _code(found: object) -> int | None:
    return found if type(found) is int and abs(found) < _INTEGERS else None


def _integer(
    fields: _Object, key: str, least: int | None, problems: list[str]
) -> int:
    found = fields.get(key)
    # A bool is an int, but not of this type.
    if (
        type(found) is int
        and found < _INTEGERS
        and (least is None or found >= least)
    ):
        return found
    expected = "an integer" if least is None else f"an integer of {least} or more"
    if isinstance(found, int) and found >= _INTEGERS:
        expected = "an integer below 2**63"
    _note(fields, key, expected, problems)
    return 0


def _duration(fields: _Object, key: str, problems: list[str]) -> datetime.timedelta:
    span = _time_span(fields.get(key), _MILLISECOND)
    if span is not None and span <= _LATEST - time.local_datetime():
        return span
    _note(fields, key, _MILLISECONDS, problems)
    return datetime.timedelta(0)


def _time_span(
    found: object, unit: datetime.timedelta
) -> datetime.timedelta | None:
    if isinstance(found, _NUMBER) and not isinstance(found, bool):
        # It can be too large, or a Decimal NaN.
        with contextlib.suppress(ArithmeticError):
            if found >= 0:
                number = found if isinstance(found, int) else float(found)
                return number * unit
    return None


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
    if isinstance(found, int) and found.bit_length() > 64:  # noqa: PLR2004
        return f"an integer of {found.bit_length()} bits"
    text = str(found)
    # Shorten before quoting, so that the closing quote stays.
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…"
    return repr(text) if isinstance(found, str) else text
