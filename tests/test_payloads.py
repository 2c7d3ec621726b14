"""The boundary: Discord's JSON, and whatever else comes in its place."""

from __future__ import annotations

import collections
import copy
import datetime
import decimal
import enum
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
# As many as the profile has.
EXAMPLES: int = typing.cast("typing.Any", hypothesis.settings()).max_examples


class Pair(typing.NamedTuple):
    url: str
    shards: int


def answer(**changes: typing.Any) -> dict[str, typing.Any]:
    """Give the example of Discord's documentation; changes to the limit go by their names."""
    limit = {"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1}
    payload = {"url": "wss://gateway.discord.gg/", "shards": 9, "session_start_limit": limit}
    for name, value in changes.items():
        (limit if name in limit else payload)[name] = value
    return payload


def problems_of(payload: typing.Any) -> tuple[str, ...]:
    with pytest.raises(payloads.PayloadError) as caught:
        payloads.deserialize_gateway_bot_info(payload)
    return caught.value.problems


class TestDeserialize:
    @pytest.mark.usefixtures("now")
    def test_discords_example(self) -> None:
        info = payloads.deserialize_gateway_bot_info(answer())
        assert info.url == "wss://gateway.discord.gg/"
        assert info.shard_count == 9
        limit = info.session_start_limit
        assert (limit.total, limit.remaining, limit.used, limit.max_concurrency) == (1000, 999, 1, 1)
        assert limit.reset_after == datetime.timedelta(hours=4)
        assert limit.reset_at == datetime.datetime(2026, 11, 23, 22, 0, tzinfo=UTC)

    @pytest.mark.usefixtures("now")
    def test_a_limit_alone(self) -> None:
        limit = payloads.deserialize_session_start_limit(answer()["session_start_limit"])
        assert limit == payloads.deserialize_gateway_bot_info(answer()).session_start_limit

    def test_the_models_are_our_own(self) -> None:
        info = payloads.deserialize_gateway_bot_info(answer())
        assert type(info) is hikari_sessions.GatewayBotInfo
        assert type(info.session_start_limit) is hikari_sessions.SessionStartLimit

    def test_unknown_keys_are_ignored(self) -> None:
        payload = answer(added_by_discord=[1])
        payload["session_start_limit"]["added_by_discord"] = None
        assert payloads.deserialize_gateway_bot_info(payload).shard_count == 9

    def test_remaining_above_total_is_taken(self) -> None:
        limit = payloads.deserialize_gateway_bot_info(answer(remaining=1200)).session_start_limit
        assert (limit.remaining, limit.used) == (1200, -200)

    @pytest.mark.parametrize("max_concurrency", [0, -1, -(10**5000)], ids=["zero", "negative", "huge"])
    def test_a_max_concurrency_below_one_gives_one(self, max_concurrency: int) -> None:
        info = payloads.deserialize_gateway_bot_info(answer(max_concurrency=max_concurrency))
        assert info.session_start_limit.max_concurrency == 1

    def test_a_missing_max_concurrency_gives_one(self) -> None:
        payload = answer()
        del payload["session_start_limit"]["max_concurrency"]
        assert payloads.deserialize_gateway_bot_info(payload).session_start_limit.max_concurrency == 1

    @pytest.mark.parametrize("max_concurrency", [1, 2, 16, 64])
    def test_a_max_concurrency_of_very_large_bots(self, max_concurrency: int) -> None:
        info = payloads.deserialize_gateway_bot_info(answer(max_concurrency=max_concurrency))
        assert info.session_start_limit.max_concurrency == max_concurrency

    @pytest.mark.parametrize(
        ("milliseconds", "expected"),
        [
            (0, datetime.timedelta(0)),
            (-0.0, datetime.timedelta(0)),
            (1, datetime.timedelta(milliseconds=1)),
            (1500.25, datetime.timedelta(seconds=1, microseconds=500250)),
            (decimal.Decimal("0.5"), datetime.timedelta(microseconds=500)),
            (decimal.Decimal("-0.0"), datetime.timedelta(0)),
            (86_400_000, datetime.timedelta(days=1)),
        ],
    )
    def test_reset_after_is_in_milliseconds(self, milliseconds: object, expected: datetime.timedelta) -> None:
        info = payloads.deserialize_gateway_bot_info(answer(reset_after=milliseconds))
        assert info.session_start_limit.reset_after == expected

    @pytest.mark.parametrize(
        "url",
        [
            "wss://gateway.discord.gg",
            "ws://localhost:7878/",
            "WSS://gateway.discord.gg/?v=10&encoding=json",
            "ws://[::1]:7878",
            "ws://user@proxy/path#fragment",
            "ws://user:word@[fe80::1%25eth0]:",
            "wss://gät.example/",
        ],
    )
    def test_urls_that_are_accepted(self, url: str) -> None:
        assert payloads.deserialize_gateway_bot_info(answer(url=url)).url == url

    @pytest.mark.parametrize(
        "mapping", [types.MappingProxyType, collections.UserDict, collections.OrderedDict, collections.ChainMap]
    )
    def test_any_mapping_will_do(self, mapping: typing.Callable[[typing.Any], typing.Any]) -> None:
        payload = answer()
        payload["session_start_limit"] = mapping(payload["session_start_limit"])
        assert payloads.deserialize_gateway_bot_info(mapping(payload)).shard_count == 9

    def test_what_a_defaultdict_would_make_up_is_missing(self) -> None:
        payload = collections.defaultdict(int, answer())
        del payload["shards"]
        assert problems_of(payload) == ("shards: expected an integer of 1 or more, got nothing",)
        assert "shards" not in payload


class TestProblems:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"remaining": -1}, "session_start_limit.remaining: expected an integer of 0 or more, got -1"),
            ({"total": True}, "session_start_limit.total: expected an integer of 0 or more, got true"),
            ({"total": 1.0}, "session_start_limit.total: expected an integer of 0 or more, got 1.0"),
            ({"total": "1000"}, "session_start_limit.total: expected an integer of 0 or more, got '1000'"),
            ({"max_concurrency": None}, "session_start_limit.max_concurrency: expected an integer, got null"),
            ({"max_concurrency": 1.5}, "session_start_limit.max_concurrency: expected an integer, got 1.5"),
            ({"max_concurrency": False}, "session_start_limit.max_concurrency: expected an integer, got false"),
            ({"shards": 0}, "shards: expected an integer of 1 or more, got 0"),
            ({"shards": [9]}, "shards: expected an integer of 1 or more, got an array"),
            ({"shards": {"n": 9}}, "shards: expected an integer of 1 or more, got an object"),
            ({"shards": decimal.Decimal(9)}, "shards: expected an integer of 1 or more, got Decimal('9')"),
            ({"shards": {9}}, "shards: expected an integer of 1 or more, got something of type 'set'"),
            ({"session_start_limit": None}, "session_start_limit: expected an object, got null"),
            ({"session_start_limit": [1]}, "session_start_limit: expected an object, got an array"),
            ({"session_start_limit": (1,)}, "session_start_limit: expected an object, got an array"),
            ({"shards": 10**5000}, "shards: expected an integer of 640 digits at most, got an integer of 16610 bits"),
            ({"shards": -(10**5000)}, "shards: expected an integer of 1 or more, got an integer of 16610 bits"),
        ],
    )
    def test_each_has_its_path_and_what_was_expected_and_found(self, changes: dict[str, object], problem: str) -> None:
        assert problems_of(answer(**changes)) == (problem,)

    @pytest.mark.parametrize(
        "value",
        [
            -1,
            -0.001,
            decimal.Decimal("-1e-999"),
            math.nan,
            math.inf,
            -math.inf,
            True,
            None,
            "1",
            [],
            decimal.Decimal("sNaN"),
        ],
        ids=repr,
    )
    def test_a_reset_after_that_is_no_duration(self, value: object) -> None:
        (problem,) = problems_of(answer(reset_after=value))
        path = "session_start_limit.reset_after"
        assert problem.startswith(f"{path}: expected a finite number of milliseconds, 0 or more, got ")

    @pytest.mark.parametrize("value", [1e300, 10**400, 10**15, 253402300800000, decimal.Decimal("1e20")])
    def test_a_reset_after_beyond_the_last_datetime(self, value: object) -> None:
        (problem,) = problems_of(answer(reset_after=value))
        path = "session_start_limit.reset_after"
        assert problem.startswith(f"{path}: expected milliseconds that end before the year 10000, got ")

    # The second is milliseconds from 1970 to the year 10000, which is beyond it from any later moment on.
    @pytest.mark.parametrize(("value", "shown"), [(1e300, "1e+300"), (253402300800000, "253402300800000")])
    def test_a_reset_after_beyond_the_last_datetime_is_shown(self, value: object, shown: str) -> None:
        (problem,) = problems_of(answer(reset_after=value))
        assert problem.endswith(f", got {shown}")

    @pytest.mark.parametrize("value", [-1, 1e300])
    def test_a_refused_reset_after_is_one_problem_even_at_the_end_of_time(self, value: object) -> None:
        with hikari_sessions.use_clock(lambda: datetime.datetime(9999, 12, 31, 23, 59, tzinfo=UTC)):
            assert len(problems_of(answer(reset_after=value))) == 1

    # log2(10) times 640 is 2126.03, so that 10**640 takes 2127 bits.
    @pytest.mark.parametrize(("key", "path"), [("shards", ""), ("max_concurrency", "session_start_limit.")])
    def test_an_integer_may_have_640_digits_and_no_more(self, key: str, path: str) -> None:
        payloads.deserialize_gateway_bot_info(answer(**{key: 10**640 - 1}))
        assert problems_of(answer(**{key: 10**640})) == (
            f"{path}{key}: expected an integer of 640 digits at most, got an integer of 2127 bits",
        )

    @pytest.mark.usefixtures("now")
    def test_a_reset_after_until_the_last_millisecond_is_taken(self) -> None:
        # 6 hours to midnight, and the days after that.
        days = (datetime.date(9999, 12, 31) - datetime.date(2026, 11, 23)).days
        last = (days * 24 + 6) * 3_600_000 - 1
        info = payloads.deserialize_gateway_bot_info(answer(reset_after=last))
        assert info.session_start_limit.reset_at.isoformat() == "9999-12-31T23:59:59.999000+00:00"
        assert problems_of(answer(reset_after=last + 1))

    @pytest.mark.parametrize(
        "url",
        [
            None, 5, b"wss://gateway.discord.gg", "", "gateway.discord.gg", "https://gateway.discord.gg", "wss:",
            "wss://", "wss:///path", "wss://:443", "wss://[::1", "wss://host:port", "wss://host:99999", "//host",
            "wss://gateway.discord.gg ", " wss://gateway.discord.gg", "wss://a b", "wss://a\tb", "wss://a\nb", "wss://a\x00",
            "wss://a\x7f", "wss://a\u3000b", "wss://a\u2028b", "wss://a\ud800", "wss://a\u202eb",
            # What older versions of Python take for addresses.
            "ws://[abc]", "ws://[1.2.3.4]", "ws://[v1.x]", "ws://[]", "ws://[[::1]]", "ws://[::1]]", "ws://x[::1]",
            "ws://[::1]x:80", "ws://[::1]:8:0", "ws://a[b]@c", "ws://" + "@" * 60_000 + "[::1]x",
        ],
        ids=ascii,
    )  # fmt: skip
    def test_urls_that_are_refused(self, url: object) -> None:
        (problem,) = problems_of(answer(url=url))
        assert problem.startswith("url: expected a wss: or ws: URL with a host, without white space, got ")
        assert problem.isprintable()

    @pytest.mark.parametrize("payload", [None, 5, "{}", b"{}", [answer()], Pair("wss://a", 1), object()], ids=repr)
    def test_what_is_no_object_is_one_problem(self, payload: typing.Any) -> None:
        (problem,) = problems_of(payload)
        assert problem.startswith("payload: expected an object, got ")
        with pytest.raises(payloads.PayloadError, match=r"^payload: expected an object, got "):
            payloads.deserialize_session_start_limit(payload)

    def test_all_of_them_are_reported_at_once(self) -> None:
        payload = {"url": "ftp://x", "shards": 0, "session_start_limit": {"remaining": None, "reset_after": -1}}
        assert problems_of(payload) == (
            "url: expected a wss: or ws: URL with a host, without white space, got 'ftp://x'",
            "shards: expected an integer of 1 or more, got 0",
            "session_start_limit.total: expected an integer of 0 or more, got nothing",
            "session_start_limit.remaining: expected an integer of 0 or more, got null",
            "session_start_limit.reset_after: expected a finite number of milliseconds, 0 or more, got -1",
        )

    def test_a_limit_alone_has_paths_of_its_own(self) -> None:
        with pytest.raises(payloads.PayloadError) as caught:
            payloads.deserialize_session_start_limit({"total": 1, "remaining": -1, "reset_after": 0})
        assert caught.value.problems == ("remaining: expected an integer of 0 or more, got -1",)

    @pytest.mark.parametrize(
        "body",
        [
            {"message": "401: Unauthorized", "code": 0},
            {"message": "You are being rate limited.", "retry_after": 64.57, "global": False},
        ],
    )
    def test_an_error_of_discord_is_told(self, body: dict[str, object]) -> None:
        first, *rest = problems_of(body)
        assert first == f"payload: expected an answer of GET /gateway/bot, got the error {body['message']!r}"
        assert [problem.partition(":")[0] for problem in rest] == ["url", "shards", "session_start_limit"]

    @pytest.mark.system
    def test_what_was_found_is_shortened(self) -> None:
        (problem,) = problems_of(answer(shards="x" * 1_000_000))
        assert problem == f"shards: expected an integer of 1 or more, got '{'x' * 40}…'"
        assert problems_of(answer(shards="x" * 41))[0].endswith(f", got '{'x' * 40}…'")
        assert problems_of(answer(shards="x" * 40))[0].endswith(f", got '{'x' * 40}'")
        deep: list[object] = []
        for _ in range(100_000):
            deep = [deep]
        assert problems_of(answer(shards=deep)) == ("shards: expected an integer of 1 or more, got an array",)
        name = "N" * 1000
        assert problems_of(answer(shards=type(name, (), {})())) == (
            f"shards: expected an integer of 1 or more, got something of type '{name[:40]}…'",
        )

    def test_the_error_is_a_value_error_that_reads_well_and_pickles(self) -> None:
        error = payloads.PayloadError(["a: expected x, got y", "b: expected x, got z"])
        assert isinstance(error, ValueError)
        assert str(error) == "a: expected x, got y; b: expected x, got z"
        assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301

    def test_an_error_made_of_a_generator_pickles(self) -> None:
        error = payloads.PayloadError(f"{name}: expected x, got y" for name in "a")
        assert pickle.loads(pickle.dumps(error)).problems == ("a: expected x, got y",)  # noqa: S301

    def test_not_every_url_that_was_ever_read_is_kept(self) -> None:
        for number in range(1000):
            payloads.deserialize_gateway_bot_info(answer(url=f"ws://host-{number}"))
        check = vars(payloads)["_is_gateway_url"]
        assert check.cache_info().currsize < 1000


def refuse(*args: object) -> typing.Any:
    raise RuntimeError


class Hostile:
    """Raises whatever is asked of it."""

    __getattribute__: typing.Any = refuse
    __bool__ = __eq__ = __ge__ = __hash__ = __lt__ = __len__ = __repr__ = __str__ = __iter__ = __getattribute__


class HostileMeta(type):
    __hash__: typing.Any = refuse
    __eq__ = __instancecheck__ = __subclasscheck__ = __hash__

    @property
    def __name__(cls) -> str:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride] - hostile
        raise RuntimeError


class HostileInt(int):
    __sub__: typing.Any = refuse
    __repr__ = __str__ = __ge__ = __lt__ = __eq__ = __add__ = __int__ = __index__ = __sub__
    __hash__ = int.__hash__


class HostileFloat(float):
    __sub__: typing.Any = refuse
    __repr__ = __str__ = __ge__ = __le__ = __lt__ = __eq__ = __float__ = __sub__
    __hash__ = float.__hash__


class HostileStr(str):
    __slots__ = ()
    __len__: typing.Any = refuse
    __repr__ = __str__ = __eq__ = __contains__ = __getitem__ = isprintable = __len__
    __hash__ = str.__hash__


class HostileDict(dict[str, object]):
    def get(self, *args: object) -> typing.Any:
        raise RuntimeError


class Shards(enum.IntEnum):
    MANY = 9


class TestObjectsThatNeverCameFromJson:
    @pytest.mark.parametrize("kind", ["plain", "meta", "dict", "function"])
    @pytest.mark.parametrize("key", ["url", "shards", "session_start_limit", "total", "reset_after"])
    def test_nothing_but_a_payload_error_leaves(self, key: str, kind: str) -> None:
        # pytest could not even name these.
        odd: type[object] = HostileMeta("Odd", (), {})
        values = {"plain": Hostile(), "meta": odd(), "dict": HostileDict(), "function": len}
        assert problems_of(answer(**{key: values[kind]}))

    def test_what_cannot_even_be_asked_is_no_object(self) -> None:
        odd: type[object] = HostileMeta("Odd", (), {})
        assert problems_of(answer(session_start_limit=odd())) == (
            "session_start_limit: expected an object, got something of type 'Odd'",
        )

    def test_a_mapping_that_cannot_be_read_is_told(self) -> None:
        assert problems_of(HostileDict())[1] == ("shards: expected an integer of 1 or more, got what can't be read")

    def test_a_key_that_raises_when_it_is_compared(self) -> None:
        class Key:
            def __hash__(self) -> int:
                return hash("url")

            def __eq__(self, other: object) -> bool:
                raise RuntimeError

        payload: dict[typing.Any, object] = {Key(): 1}
        assert problems_of(payload)[0].endswith("got what can't be read")

    def test_subclasses_of_numbers_and_strings_become_plain_ones(self) -> None:
        info = payloads.deserialize_gateway_bot_info(
            answer(url=HostileStr("wss://a"), shards=HostileInt(9), total=Shards.MANY, reset_after=HostileFloat(1500.0))
        )
        assert (type(info.url), type(info.shard_count)) == (str, int)
        assert type(info.session_start_limit.total) is int
        assert (info.url, info.shard_count, info.session_start_limit.total) == ("wss://a", 9, 9)
        assert info.session_start_limit.reset_after == datetime.timedelta(seconds=1.5)

    @pytest.mark.parametrize(
        ("cls", "value", "shown"), [(HostileInt, -1, "-1"), (HostileFloat, -1.0, "-1.0"), (HostileStr, "x", "'x'")]
    )
    def test_subclasses_that_are_refused_are_shown(self, cls: type[typing.Any], value: object, shown: str) -> None:
        assert problems_of(answer(shards=cls(value))) == (f"shards: expected an integer of 1 or more, got {shown}",)


class TestLaws:
    @hypothesis.given(answers.right)
    def test_what_is_accepted_never_raises_later(self, payload: typing.Any) -> None:
        info = payloads.deserialize_gateway_bot_info(payload)
        limit = info.session_start_limit
        assert (info.url, info.shard_count, limit.total) == (
            payload["url"],
            payload["shards"],
            limit.used + limit.remaining,
        )
        assert limit.max_concurrency == max(1, payload["session_start_limit"].get("max_concurrency", 1))
        assert limit.reset_at.utcoffset() is not None
        assert repr(info)
        assert info == copy.copy(info) == copy.deepcopy(info) == pickle.loads(pickle.dumps(info))  # noqa: S301
        assert payloads.deserialize_gateway_bot_info(payloads.serialize_gateway_bot_info(info)).url == info.url

    @hypothesis.settings(max_examples=5 * EXAMPLES)
    @hypothesis.given(answers.nearly_right())
    def test_what_is_not_accepted_is_a_payload_error(self, payload: typing.Any) -> None:
        problems: tuple[str, ...] = ()
        try:
            info = payloads.deserialize_gateway_bot_info(payload)
        except payloads.PayloadError as error:
            problems = error.problems
            assert problems
        else:
            assert (info.url, info.shard_count) == (payload["url"], payload["shards"])
        assert len(problems) <= 7
        assert all(len(problem) < 400 and problem.isprintable() for problem in problems)

    @hypothesis.given(answers.anything)
    def test_anything_else_is_a_payload_error(self, payload: typing.Any) -> None:
        assert 1 <= len(problems_of(payload)) <= 4

    @hypothesis.given(
        shards=st.integers(1, 10**6),
        total=st.integers(0, 10**6),
        remaining=st.integers(0, 10**6),
        reset_after=st.integers(0, 10**13),
        max_concurrency=st.integers(1, 1000),
        now=st.datetimes(datetime.datetime(2015, 1, 1), datetime.datetime(2100, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    )
    def test_with_a_pinned_clock_serializing_gives_the_same_payload_back(
        self, shards: int, now: datetime.datetime, **limit: int
    ) -> None:
        payload = answer(shards=shards, **limit)
        with hikari_sessions.use_clock(lambda: now):
            assert payloads.serialize_gateway_bot_info(payloads.deserialize_gateway_bot_info(payload)) == payload

    @hypothesis.given(
        reset_after=st.integers(0, 10**10), waited=st.integers(0, 10**10), other_offset=st.integers(-1439, 1439)
    )
    def test_another_process_gets_the_same_reset_at_minutes_later(
        self, reset_after: int, waited: int, other_offset: int
    ) -> None:
        hypothesis.assume(waited <= reset_after)
        later = NOW + datetime.timedelta(milliseconds=waited)
        with hikari_sessions.use_clock(lambda: NOW):
            info = payloads.deserialize_gateway_bot_info(answer(reset_after=reset_after))
        with hikari_sessions.use_clock(lambda: later):
            text = json.dumps(payloads.serialize_gateway_bot_info(info))
        elsewhere = later.astimezone(datetime.timezone(datetime.timedelta(minutes=other_offset)))
        with hikari_sessions.use_clock(lambda: elsewhere):
            other = payloads.deserialize_gateway_bot_info(json.loads(text))
        assert other.session_start_limit.reset_at == info.session_start_limit.reset_at


class TestSerialize:
    def limit(self, **changes: int) -> hikari_sessions.SessionStartLimit:
        with hikari_sessions.use_clock(lambda: NOW):
            return payloads.deserialize_gateway_bot_info(answer(**changes)).session_start_limit

    @pytest.mark.parametrize(
        ("later", "reset_after"),
        [
            (datetime.timedelta(0), 14_400_000),
            (datetime.timedelta(minutes=3), 14_220_000),
            (datetime.timedelta(microseconds=1), 14_400_000),
            (datetime.timedelta(microseconds=1001), 14_399_999),
            (datetime.timedelta(hours=4), 0),
        ],
    )
    def test_reset_after_is_what_is_still_to_go_in_milliseconds_rounded_up(
        self, later: datetime.timedelta, reset_after: int
    ) -> None:
        limit = self.limit()
        with hikari_sessions.use_clock(lambda: NOW + later):
            assert payloads.serialize_session_start_limit(limit) == {
                "total": 1000,
                "remaining": 999,
                "reset_after": reset_after,
                "max_concurrency": 1,
            }

    def test_long_after_reset_at_reset_after_is_zero(self) -> None:
        limit = self.limit()
        with hikari_sessions.use_clock(lambda: NOW + datetime.timedelta(days=3)):
            assert payloads.serialize_session_start_limit(limit)["reset_after"] == 0

    @pytest.mark.parametrize("remaining", [0, 999, 1200])
    def test_once_reset_at_has_passed_the_limit_is_full(self, remaining: int) -> None:
        limit = self.limit(remaining=remaining)
        with hikari_sessions.use_clock(lambda: NOW + datetime.timedelta(hours=4, microseconds=1)):
            assert payloads.serialize_session_start_limit(limit) == {
                "total": 1000,
                "remaining": 1000,
                "reset_after": 0,
                "max_concurrency": 1,
            }

    def test_any_object_of_the_right_shape_will_do(self) -> None:
        limit = types.SimpleNamespace(
            total=10, remaining=3, reset_after=datetime.timedelta(1), max_concurrency=16, used=7, reset_at=NOW
        )
        info: typing.Any = types.SimpleNamespace(url="ws://a", shard_count=2, session_start_limit=limit)
        with hikari_sessions.use_clock(lambda: NOW - datetime.timedelta(seconds=1)):
            assert payloads.serialize_gateway_bot_info(info) == {
                "url": "ws://a",
                "shards": 2,
                "session_start_limit": {"total": 10, "remaining": 3, "reset_after": 1000, "max_concurrency": 16},
            }

    def test_it_is_json(self) -> None:
        info = payloads.deserialize_gateway_bot_info(answer())
        assert json.loads(json.dumps(payloads.serialize_gateway_bot_info(info)))["shards"] == 9
