"""The boundary: the JSON of `GET /gateway/bot`, and whatever comes in its place."""

from __future__ import annotations

import collections
import contextlib
import copy
import datetime
import decimal
import json
import math
import pickle
import types
import typing

import answers
import hypothesis
import hypothesis.strategies as st
import pytest
from given import EXAMPLE, NOW

import hikari_sessions
from hikari_sessions import payloads

UTC = datetime.timezone.utc
# A day before the end of the last year that a datetime can hold.
LAST = datetime.datetime(9999, 12, 31, tzinfo=UTC)
MILLISECOND = datetime.timedelta(milliseconds=1)
FOUR_HOURS = datetime.timedelta(hours=4)
LONGEST = (LAST - NOW) // MILLISECOND
Decimal = decimal.Decimal
read_limit = payloads.deserialize_session_start_limit

LIMIT = "session_start_limit"
INTEGERS = ("shards", "total", "remaining", "max_concurrency")
EXPECTED = {
    "url": "a wss: or ws: URL with a host, without white space",
    "shards": "an integer of 1 or more",
    LIMIT: "an object",
    "total": "an integer of 0 or more",
    "remaining": "an integer of 0 or more",
    "reset_after": "milliseconds, 0 or more, not beyond the year 9999",
    "max_concurrency": "an integer",
}


def response(**changes: typing.Any) -> dict[str, typing.Any]:
    """Return Discord's example with other values; `...` removes a key."""
    payload = copy.deepcopy(EXAMPLE)
    for key, value in changes.items():
        changed = payload[LIMIT] if key in payload[LIMIT] else payload
        changed[key] = value
        if value is ...:
            del changed[key]
    return payload


def info_of(**changes: typing.Any) -> hikari_sessions.GatewayBotInfo:
    return payloads.deserialize_gateway_bot_info(response(**changes))


def problems_of(
    payload: typing.Any, read: typing.Any = payloads.deserialize_gateway_bot_info
) -> tuple[str, ...]:
    with pytest.raises(payloads.PayloadError) as caught:
        read(payload)
    return caught.value.problems


def problem_with(key: str, value: object) -> str:
    """Return the only problem with Discord's example, without its path."""
    (problem,) = problems_of(response(**{key: value}))
    path, _, problem = problem.partition(": ")
    assert path == (f"{LIMIT}.{key}" if key in EXAMPLE[LIMIT] else key)
    return problem


@pytest.mark.usefixtures("now")
class TestWhatIsAccepted:
    def test_discords_example(self) -> None:
        limit = hikari_sessions.SessionStartLimit(
            total=1000, remaining=999, reset_after=FOUR_HOURS, max_concurrency=1
        )
        assert limit == read_limit(EXAMPLE[LIMIT])
        assert info_of() == hikari_sessions.GatewayBotInfo(
            url="wss://gateway.discord.gg/",
            shard_count=9,
            session_start_limit=limit,
        )

    @pytest.mark.parametrize(("key", "value", "expected"), [
        *((key, value, value) for key in INTEGERS for value in (1, 2, 2**63 - 1)),
        ("total", 0, 0), ("remaining", 0, 0), ("remaining", 1200, 1200),
        *(("max_concurrency", value, 1) for value in (..., None, 0, -1, -(2**100))),
        ("reset_after", 0, 0 * MILLISECOND), ("reset_after", -0.0, 0 * MILLISECOND),
        ("reset_after", 1500.25, 1500.25 * MILLISECOND),
        ("reset_after", Decimal("0.5"), 0.5 * MILLISECOND),
        ("reset_after", LONGEST, LAST - NOW),
        *(("url", url, url) for url in (
            "wss://gateway.discord.gg", "WSS://gateway.discord.gg/?v=10&e=json",
            "wss://gateway.discord.gg?v=10", "ws://localhost:7878#a", "ws://[::1]:/",
            "ws://user:password@proxy/path#fragment", "wss://gät.example/",
        )),
    ])  # fmt: skip
    def test_a_value(self, key: str, value: object, expected: object) -> None:
        info = info_of(**{key: value})
        model = info.session_start_limit if key in EXAMPLE[LIMIT] else info
        assert getattr(model, key.replace("shards", "shard_count")) == expected

    @pytest.mark.parametrize(
        "cls", [types.MappingProxyType, collections.UserDict, collections.ChainMap]
    )
    def test_any_mapping_with_unknown_keys(self, cls: typing.Any) -> None:
        limit = cls({**EXAMPLE[LIMIT], "new": None})
        payload = response(session_start_limit=limit, message="Discord adds keys")
        assert payloads.deserialize_gateway_bot_info(cls(payload)) == info_of()


class TestProblems:
    @pytest.mark.parametrize(("keys", "value", "shown"), [
        (INTEGERS[:3], None, "null"), (INTEGERS, True, "true"),
        (INTEGERS, "9", "'9'"),
        (INTEGERS, 9.0, "9.0"), (INTEGERS, math.nan, "nan"),
        (INTEGERS, [1], "an array"), (INTEGERS, Decimal("9.0"), "9.0"),
        (INTEGERS, (), "an array"), (INTEGERS, {"n": 9}, "an object"),
        (INTEGERS, False, "false"),
        (["shards"], 0, "0"), (["total", "remaining"], -1, "-1"),
        ([LIMIT], None, "null"), ([LIMIT], [1], "an array"),
        # What was found is shortened.
        ([LIMIT], "x" * 40, f"'{'x' * 40}'"), ([LIMIT], "x" * 41, f"'{'x' * 40}…'"),
        ([LIMIT], Decimal(f"0.{'1' * 99}"), f"0.{'1' * 38}…"),
    ])  # fmt: skip
    def test_an_invalid_value(
        self, keys: typing.Sequence[str], value: object, shown: str
    ) -> None:
        for key in keys:
            problem = f"expected {EXPECTED[key]}, got {shown}"
            assert problem_with(key, value) == problem

    @pytest.mark.parametrize("key", INTEGERS)
    def test_an_integer_that_is_too_large(self, key: str) -> None:
        expected = "expected an integer below 2**63, got"
        assert problem_with(key, 2**63) == f"{expected} 9223372036854775808"
        assert problem_with(key, 2**64) == f"{expected} an integer of 65 bits"
        # log2(10) times 5000 is 16609.6.
        assert problem_with(key, 10**5000) == f"{expected} an integer of 16610 bits"

    @pytest.mark.parametrize("value", [
        -1, -0.001, math.nan, math.inf, 1e300, LONGEST + 1, 10**19, 2**64, None,
        True, "1", [1],
        *map(Decimal, ["-1e-999", "NaN", "sNaN", "Infinity", "1e20", "1e999999"]),
    ])  # fmt: skip
    @pytest.mark.usefixtures("now")
    def test_not_a_duration(self, value: object) -> None:
        expected = f"expected {EXPECTED['reset_after']}, got "
        assert problem_with("reset_after", value).startswith(expected)

    @pytest.mark.parametrize("url", [
        None, 5, b"wss://a", "", "gateway.discord.gg", "//gateway.discord.gg",
        "wss:host", "https://gateway.discord.gg", "w\u017fs://host", "wss:", "wss://",
        "wss:///path", "wss://:443", "wss://?v=10", "ws://user@", "wss://host:port",
        "ws://[::1", "ws://[]", "ws://[::1]x", "ws://x[::1]", " wss://a",
        "wss://a ", "wss://a b", "wss://a/ b", "wss://a b@c",
        *(f"wss://a/{each}" for each in "\t\n\x00\x7f\u3000\u2028\ud800\u202e"),
    ])  # fmt: skip
    def test_not_a_url(self, url: object) -> None:
        problem = problem_with("url", url)
        assert problem.startswith(f"expected {EXPECTED['url']}, got ")
        assert problem.isprintable()

    @pytest.mark.parametrize("key", EXPECTED.keys() - {"max_concurrency"})
    def test_a_missing_key(self, key: str) -> None:
        assert problem_with(key, ...) == f"missing, expected {EXPECTED[key]}"

    @pytest.mark.parametrize(
        "payload",
        [{"message": "No"}, {"url": "wss://a"}, {"title": "", "status": 5}],
    )
    def test_another_response_is_the_only_problem(self, payload: object) -> None:
        (problem,) = problems_of(payload)
        assert problem.startswith(
            "payload: expected the response to GET /gateway/bot, got the "
        )

    @pytest.mark.parametrize("payload", [
        {}, {"message": None}, {"url": "wss://a", "code": 0}, {"title": "A page"},
        {"message": "a new key", "url": "wss://a"}, {"message": "", "shards": 9},
        {"title": "", "status": "500"}, {"title": None, "status": 500},
        {"url": "wss://a", "title": "", "status": 500},
    ])  # fmt: skip
    def test_any_other_object_lacks_keys(self, payload: object) -> None:
        problem = f"{LIMIT}: missing, expected an object"
        assert problems_of(payload)[-1] == problem

    def test_not_an_object(self) -> None:
        problems = ("payload: expected an object, got an array",)
        assert problems_of([response()]) == problems
        assert problems_of([response()[LIMIT]], read_limit) == problems

    def test_all_are_reported_at_once(self) -> None:
        limit = {"remaining": None, "reset_after": -1, "max_concurrency": 1.5}
        problems = problems_of({"url": "ftp://x", "shards": 0, LIMIT: limit})
        paths = [problem.partition(":")[0] for problem in problems]
        keys = ["total", "remaining", "reset_after", "max_concurrency"]
        assert paths == ["url", "shards", *(f"{LIMIT}.{key}" for key in keys)]
        # A limit alone has shorter paths.
        problems = problems_of(limit, read_limit)
        assert [problem.partition(":")[0] for problem in problems] == keys

    def test_the_error_is_a_value_error_that_pickles(self) -> None:
        error = payloads.PayloadError(iter(["a: missing", "b: expected c"]))
        assert isinstance(error, ValueError)
        for each in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
            assert each.problems == ("a: missing", "b: expected c")
            assert str(each) == "a: missing; b: expected c"


class TestErrorResponses:
    @pytest.mark.parametrize(("payload", "message", "code", "seconds"), [
        # Discord's documentation: "Error Messages", "Rate Limits".
        ({"message": "401: Unauthorized", "code": 0}, "401: Unauthorized", 0, None),
        ({"message": "You are being rate limited.", "retry_after": 64.57,
          "global": False}, "You are being rate limited.", None, 64.57),
        ({"message": "", "code": None, "status": 500}, "", 500, None),
        ({"message": "Slow down.", "retry_after": Decimal("0.5"), "code": 20016},
         "Slow down.", 20016, 0.5),
        # RFC 9457.
        ({"title": "Forbidden", "status": 403, "detail": "Your address is banned."},
         "Your address is banned.", 403, None),
        ({"title": "Rate limited", "status": 429, "retry_after": 30,
          "type": "about:blank"}, "Rate limited", 429, 30),
        ({"title": "No", "status": 400, "code": 7, "detail": None}, "No", 7, None),
        # What isn't usable is left out.
        ({"message": "No", "code": 2**63}, "No", None, None),
        *(({"message": "No", "code": "0", "retry_after": wrong}, "No", None, None)
          for wrong in (None, True, "5", -1, math.nan, math.inf, 1e300)),
    ])  # fmt: skip
    def test_what_the_server_said(
        self,
        payload: typing.Any,
        message: str,
        code: int | None,
        seconds: float | None,
    ) -> None:
        with pytest.raises(payloads.ErrorResponseError) as caught:
            payloads.deserialize_gateway_bot_info(payload)
        error = caught.value
        for each in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
            assert (each.message, each.code) == (message, code)
            assert each.retry_after == (
                None if seconds is None else datetime.timedelta(seconds=seconds)
            )
            assert str(each) == str(error) == error.problems[0]

    def test_its_text_has_what_the_server_said(self) -> None:
        expected = (
            "payload: expected the response to GET /gateway/bot, got the error"
        )
        error = payloads.ErrorResponseError("No")
        assert str(error) == f"{expected} 'No'"
        error = payloads.ErrorResponseError("x" * 41, code=0)
        assert str(error) == f"{expected} '{'x' * 40}…', code 0"
        wait = datetime.timedelta(seconds=64.5)
        error = payloads.ErrorResponseError("Slow down.", 429, wait)
        assert str(error) == (
            f"{expected} 'Slow down.', code 429, retry after 64.5 seconds"
        )

    def test_a_limit_alone_is_no_error_response(self) -> None:
        problems = problems_of({"message": "No", "code": 0}, read_limit)
        assert problems[0] == "total: missing, expected an integer of 0 or more"


def is_accepted(payload: typing.Any) -> bool:
    """Deserialize a payload, and do with the result whatever a program may do."""
    problems: tuple[str, ...] = ()
    try:
        info = payloads.deserialize_gateway_bot_info(payload)
    except payloads.PayloadError as error:
        problems = error.problems
    else:
        limit = info.session_start_limit
        assert limit.used == limit.total - limit.remaining
        assert limit.reset_at.utcoffset() is not None
        assert limit.max_concurrency >= 1
        assert repr(info)
        assert info == copy.copy(info) == copy.deepcopy(info)
        assert info == pickle.loads(pickle.dumps(info))  # noqa: S301
        assert payloads.serialize_gateway_bot_info(info)["url"] == info.url
    assert len(problems) <= 6
    # 40 characters at most are shown, and ten for a character that isn't printable.
    assert all(len(each) < 600 and each.isprintable() for each in problems)
    return not problems


class TestAnyDocument:
    @hypothesis.given(answers.right)
    def test_a_valid_one_is_accepted(self, payload: object) -> None:
        assert is_accepted(payload)

    @hypothesis.given(answers.nearly_right() | answers.errors | answers.anything)
    def test_only_payload_errors_are_raised(self, payload: object) -> None:
        is_accepted(payload)
        # Python doesn't write integers of more than 4300 digits.
        with contextlib.suppress(ValueError):
            is_accepted(json.loads(json.dumps(payload), parse_float=Decimal))


@pytest.mark.usefixtures("now")
class TestSerialize:
    @pytest.mark.parametrize(("later", "remaining", "expected"), [
        (0, 999, {}), (1, 999, {}), (1001, 999, {"reset_after": 14399999}),
        (14400000000, 999, {"reset_after": 0}),
        # After the reset, the limit is full.
        (14400000001, 0, {"reset_after": 0, "remaining": 1000}),
        (10**12, 1200, {"reset_after": 0, "remaining": 1000}),
    ])  # fmt: skip
    def test_the_payload_is_true_when_it_is_made(
        self, later: int, remaining: int, expected: dict[str, int]
    ) -> None:
        info = info_of(remaining=remaining)
        now = NOW + datetime.timedelta(microseconds=later)
        with hikari_sessions.use_clock(lambda: now):
            payload = payloads.serialize_gateway_bot_info(info)
        assert payload == response(**expected)

    @hypothesis.given(
        now=st.timezones().map(NOW.astimezone),
        reset_after=st.integers(0, 2 * 10**14),
        **dict.fromkeys(INTEGERS, st.integers(1, 2**63 - 1)),
    )
    def test_with_a_pinned_clock_the_payload_comes_back(
        self, now: datetime.datetime, **changes: int
    ) -> None:
        with hikari_sessions.use_clock(lambda: now):
            payload = payloads.serialize_gateway_bot_info(info_of(**changes))
        assert json.loads(json.dumps(payload)) == response(**changes)
