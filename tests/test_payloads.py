"""The boundary: the JSON of `GET /gateway/bot`, and whatever comes in its place."""

from __future__ import annotations

import collections
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

import hikari_sessions
from hikari_sessions import payloads

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
LIMIT = "session_start_limit"
INTEGERS = ("shards", "total", "remaining", "max_concurrency")
FOUR_HOURS = datetime.timedelta(hours=4)
Decimal = decimal.Decimal

# As Discord documents it.
EXAMPLE = """{"url": "wss://gateway.discord.gg/", "shards": 9,
"session_start_limit": {"total": 1000, "remaining": 999,
"reset_after": 14400000, "max_concurrency": 1}}"""


def response(**changes: typing.Any) -> dict[str, typing.Any]:
    """Return Discord's example with other values; `...` removes a key."""
    payload: dict[str, typing.Any] = json.loads(EXAMPLE)
    for key, value in changes.items():
        changed = payload[LIMIT] if key in payload[LIMIT] else payload
        changed[key] = value
        if value is ...:
            del changed[key]
    return payload


def info_of(**changes: typing.Any) -> hikari_sessions.GatewayBotInfo:
    return payloads.deserialize_gateway_bot_info(response(**changes))


def limit_of(**changes: typing.Any) -> hikari_sessions.SessionStartLimit:
    return info_of(**changes).session_start_limit


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
    assert path == (f"{LIMIT}.{key}" if key in response()[LIMIT] else key)
    return problem


@pytest.mark.usefixtures("now")
class TestDeserialize:
    def test_discords_example(self) -> None:
        info = info_of()
        assert (info.url, info.shard_count) == ("wss://gateway.discord.gg/", 9)
        limit = info.session_start_limit
        assert (limit.total, limit.remaining, limit.used) == (1000, 999, 1)
        assert limit.max_concurrency == 1
        assert limit.reset_after == FOUR_HOURS
        assert limit.reset_at == NOW + FOUR_HOURS

    def test_a_limit_alone(self) -> None:
        limit = payloads.deserialize_session_start_limit(response()[LIMIT])
        assert limit == limit_of()

    @pytest.mark.parametrize("value", [1, 16, 2**63 - 1])
    def test_integers(self, value: int) -> None:
        info = info_of(**dict.fromkeys(INTEGERS, value))
        limit = info.session_start_limit
        assert info.shard_count == value
        assert limit.total == limit.remaining == limit.max_concurrency == value

    @pytest.mark.parametrize(("total", "remaining"), [(0, 0), (1000, 1200)])
    def test_total_and_remaining(self, total: int, remaining: int) -> None:
        limit = limit_of(total=total, remaining=remaining)
        assert (limit.total, limit.remaining) == (total, remaining)
        assert limit.used == total - remaining

    @pytest.mark.parametrize("value", [..., 0, -1, -(2**100)])
    def test_max_concurrency_is_at_least_one(self, value: object) -> None:
        assert limit_of(max_concurrency=value).max_concurrency == 1

    @pytest.mark.parametrize(
        ("value", "microseconds"),
        [(0, 0), (1, 1000), (-0.0, 0), (1500.25, 1500250), (Decimal("0.5"), 500)],
    )
    def test_reset_after(self, value: object, microseconds: int) -> None:
        expected = datetime.timedelta(microseconds=microseconds)
        assert limit_of(reset_after=value).reset_after == expected

    def test_reset_at_ends_with_the_year_9999(self) -> None:
        last = datetime.datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
        longest = (last - NOW) // datetime.timedelta(milliseconds=1)
        assert limit_of(reset_after=longest).reset_at == last
        assert "year 10000" in problem_with("reset_after", longest + 1)

    @pytest.mark.parametrize("url", [
        "wss://gateway.discord.gg", "WSS://gateway.discord.gg/?v=10&encoding=json",
        "wss://gateway.discord.gg?v=10", "ws://localhost:7878/", "ws://[::1]:/",
        "ws://user:password@proxy/path#fragment", "wss://gät.example/",
    ])  # fmt: skip
    def test_urls(self, url: str) -> None:
        assert info_of(url=url).url == url

    def test_unknown_keys_are_ignored(self) -> None:
        payload = response(message="Discord adds keys", code=[1])
        payload[LIMIT]["new"] = None
        assert payloads.deserialize_gateway_bot_info(payload) == info_of()

    @pytest.mark.parametrize(
        "cls", [types.MappingProxyType, collections.UserDict, collections.ChainMap]
    )
    def test_any_mapping_will_do(self, cls: typing.Any) -> None:
        payload = cls(response(session_start_limit=cls(response()[LIMIT])))
        assert payloads.deserialize_gateway_bot_info(payload) == info_of()


class TestProblems:
    @pytest.mark.parametrize(
        ("key", "value", "problem"),
        [
            ("shards", 0, "expected an integer of 1 or more, got 0"),
            ("total", -1, "expected an integer of 0 or more, got -1"),
            ("remaining", -1, "expected an integer of 0 or more, got -1"),
            ("remaining", True, "expected an integer of 0 or more, got true"),
            ("max_concurrency", False, "expected an integer, got false"),
            ("max_concurrency", None, "expected an integer, got null"),
            ("total", "1000", "expected an integer of 0 or more, got '1000'"),
            ("total", 2**63, f"expected an integer below 2**63, got {2**63}"),
            ("shards", 9.0, "expected an integer of 1 or more, got 9.0"),
            ("shards", Decimal("9.0"), "expected an integer of 1 or more, got 9.0"),
            ("shards", [9], "expected an integer of 1 or more, got an array"),
            ("shards", {"n": 9}, "expected an integer of 1 or more, got an object"),
            ("shards", ..., "missing, expected an integer of 1 or more"),
            ("total", ..., "missing, expected an integer of 0 or more"),
            (LIMIT, ..., "missing, expected an object"),
            (LIMIT, None, "expected an object, got null"),
            (LIMIT, [1], "expected an object, got an array"),
        ],
    )
    def test_wording(self, key: str, value: object, problem: str) -> None:
        assert problem_with(key, value) == problem

    @pytest.mark.parametrize("key", INTEGERS)
    @pytest.mark.parametrize(
        "value", [None, True, 1.5, math.nan, math.inf, "1", [], {}, 2**63]
    )
    def test_integers(self, key: str, value: object) -> None:
        assert problem_with(key, value).startswith("expected an integer")

    @pytest.mark.parametrize("value", [
        -1, -0.001, math.nan, math.inf, 1e300, 10**15, None, True, "1", [1],
        *map(Decimal, ["-1e-999", "NaN", "sNaN", "Infinity", "1e20"]),
    ])  # fmt: skip
    def test_reset_after(self, value: object) -> None:
        expected = "expected milliseconds, 0 or more, that end before the year"
        assert problem_with("reset_after", value).startswith(expected)

    @pytest.mark.parametrize("key", [*INTEGERS, "reset_after"])
    def test_a_huge_integer(self, key: str) -> None:
        # log2(10) times 5000 is 16609.6.
        assert problem_with(key, 10**5000).endswith("an integer of 16610 bits")

    @pytest.mark.parametrize("url", [
        ..., None, 5, "", "gateway.discord.gg", "//gateway.discord.gg", "wss:host",
        "https://gateway.discord.gg", "w\u017fs://host", "wss:", "wss://",
        "wss:///path", "wss://:443", "wss://?v=10", "ws://user@", "wss://host:port",
        "ws://[::1", "ws://[a", "ws://[]", "ws://[::1]x", "ws://x[::1]", " wss://host",
    ])  # fmt: skip
    def test_urls(self, url: object) -> None:
        expected = "expected a wss: or ws: URL with a host, without white space"
        assert expected in problem_with("url", url)

    @pytest.mark.parametrize("character", " \t\n\x00\x7f\u3000\u2028\ud800\u202e")
    @pytest.mark.parametrize("url", ["wss://a{}", "wss://a{}b", "wss://a/{}b"])
    def test_white_space_in_urls(self, url: str, character: str) -> None:
        assert problem_with("url", url.format(character)).isprintable()

    @pytest.mark.parametrize("payload", [None, 5, "{}", [response()]])
    def test_a_payload_that_is_not_an_object(self, payload: object) -> None:
        (problem,) = problems_of(payload)
        assert problem.startswith("payload: expected an object, got ")
        read_limit = payloads.deserialize_session_start_limit
        assert problems_of(payload, read_limit) == (problem,)

    def test_all_are_reported_at_once(self) -> None:
        limit = {"remaining": None, "reset_after": -1, "max_concurrency": 1.5}
        problems = problems_of({"url": "ftp://x", "shards": 0, LIMIT: limit})
        keys = ("total", "remaining", "reset_after", "max_concurrency")
        paths = ["url", "shards", *(f"{LIMIT}.{key}" for key in keys)]
        assert [problem.partition(":")[0] for problem in problems] == paths

    def test_a_limit_alone_has_shorter_paths(self) -> None:
        read_limit = payloads.deserialize_session_start_limit
        limit = {**response()[LIMIT], "total": -1}
        problem = "total: expected an integer of 0 or more, got -1"
        assert problems_of(limit, read_limit) == (problem,)

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("x" * 40, f"'{'x' * 40}'"),
            ("x" * 41, f"'{'x' * 40}…'"),
            (Decimal(f"0.{'1' * 100}"), f"0.{'1' * 38}…"),
            (["x" * 100], "an array"),
            ({"x": "x" * 100}, "an object"),
        ],
    )
    def test_what_was_found_is_shortened(self, value: object, shown: str) -> None:
        assert problem_with("shards", value).endswith(f", got {shown}")

    def test_the_error_is_a_value_error_that_pickles(self) -> None:
        problems = ("a: expected x, got y", "b: missing, expected x")
        error = payloads.PayloadError(iter(problems))
        assert isinstance(error, ValueError)
        for each in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301
            assert each.problems == problems
            assert str(each) == "a: expected x, got y; b: missing, expected x"


class TestOtherResponses:
    @pytest.mark.parametrize(
        ("body", "found"),
        [
            ('{"message": "No", "code": 0}', "Discord's error 'No'"),
            (
                '{"message": "Slow down.", "retry_after": 64.57, "global": false}',
                "Discord's error 'Slow down.' (retry after 64.57 seconds)",
            ),
            (json.dumps({"message": "x" * 41}), f"Discord's error '{'x' * 40}…'"),
            ('{"url": "wss://gateway.discord.gg/"}', "that of GET /gateway"),
        ],
    )
    @pytest.mark.parametrize("parse_float", [float, Decimal])
    def test_found(self, body: str, found: str, parse_float: typing.Any) -> None:
        expected = "payload: expected the response of GET /gateway/bot"
        payload = json.loads(body, parse_float=parse_float)
        assert problems_of(payload) == (f"{expected}, got {found}",)

    @pytest.mark.parametrize("payload", [{}, {"message": None}, {"code": 0}])
    def test_anything_else_lacks_keys(self, payload: object) -> None:
        problems = [problem.partition(",")[0] for problem in problems_of(payload)]
        assert problems == ["url: missing", "shards: missing", f"{LIMIT}: missing"]


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
    @hypothesis.settings(max_examples=50)
    @hypothesis.given(answers.right)
    def test_a_right_one_is_accepted(self, payload: typing.Any) -> None:
        assert is_accepted(payload)

    @hypothesis.settings(max_examples=100)
    @hypothesis.given(answers.right | answers.nearly_right() | answers.anything)
    def test_only_payload_errors_are_raised(self, payload: typing.Any) -> None:
        is_accepted(payload)
        try:
            text = json.dumps(payload)
        except ValueError:
            return  # Python doesn't write integers of more than 4300 digits
        is_accepted(json.loads(text, parse_float=Decimal))

    @hypothesis.settings(max_examples=60)
    @hypothesis.given(
        key=st.sampled_from([*INTEGERS, "reset_after"]),
        number=st.from_regex(
            r"\A-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?(e[+-]?[0-9]{1,16})?\Z",
            alphabet=st.characters(codec="ascii"),
        ),
        parse_float=st.sampled_from([float, Decimal]),
    )
    def test_numbers(self, key: str, number: str, parse_float: typing.Any) -> None:
        payload = json.dumps(response(**{key: "?"})).replace('"?"', number)
        is_accepted(json.loads(payload, parse_float=parse_float))


def serialized(later: int, **changes: typing.Any) -> object:
    """Deserialize Discord's example, and serialize it some microseconds later."""
    info = info_of(**changes)
    with hikari_sessions.use_clock(lambda: NOW + datetime.timedelta(0, 0, later)):
        return payloads.serialize_gateway_bot_info(info)


@pytest.mark.usefixtures("now")
class TestSerialize:
    @pytest.mark.parametrize(
        ("later", "reset_after"),
        [(0, 14400000), (1, 14400000), (1001, 14399999), (14400000000, 0)],
    )
    def test_what_is_left_is_rounded_up(self, later: int, reset_after: int) -> None:
        assert serialized(later) == response(reset_after=reset_after)

    @pytest.mark.parametrize("remaining", [0, 1200])
    @pytest.mark.parametrize("later", [14400000001, 10**12])
    def test_after_the_reset_the_limit_is_full(
        self, later: int, remaining: int
    ) -> None:
        full = response(remaining=1000, reset_after=0)
        assert serialized(later, remaining=remaining) == full

    @hypothesis.settings(max_examples=50)
    @hypothesis.given(
        now=st.datetimes(
            min_value=datetime.datetime(2015, 1, 1),  # noqa: DTZ001
            max_value=datetime.datetime(2100, 1, 1),  # noqa: DTZ001
            timezones=st.timezones(),
        ),
        reset_after=st.integers(0, 2 * 10**14),
        **dict.fromkeys(INTEGERS, st.integers(1, 2**63 - 1)),
    )
    def test_with_a_pinned_clock_the_payload_comes_back(
        self, now: datetime.datetime, **changes: int
    ) -> None:
        with hikari_sessions.use_clock(lambda: now):
            payload = payloads.serialize_gateway_bot_info(info_of(**changes))
        assert json.loads(json.dumps(payload)) == response(**changes)

    def test_any_object_of_the_right_shape_will_do(self) -> None:
        reset_at = NOW.astimezone(datetime.timezone(FOUR_HOURS))
        limit: typing.Any = types.SimpleNamespace(total=1000, remaining=999)
        limit.reset_at, limit.max_concurrency = reset_at + FOUR_HOURS, 1
        info: typing.Any = types.SimpleNamespace(shard_count=9)
        info.url, info.session_start_limit = "wss://gateway.discord.gg/", limit
        assert payloads.serialize_gateway_bot_info(info) == response()
