"""The start-up plan: which shards identify when."""

from __future__ import annotations

import collections
import contextlib
import datetime
import pickle
import types
import typing
import zoneinfo

import attrs
import gateway
import hypothesis
import hypothesis.strategies as st
import pytest

import hikari_sessions
from hikari_sessions import startup

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
DAY = 24 * 60 * 60
# Whether a plan has to be told to wait for a reset.
WAITS = True
# As many as the profile has.
EXAMPLES: int = typing.cast("typing.Any", hypothesis.settings()).max_examples

Exceeded = hikari_sessions.SessionStartLimitExceededError
Times: typing.TypeAlias = list[tuple[float, tuple[int, ...]]]


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


def make_info(shards: int = 1, **changes: typing.Any) -> typing.Any:
    """Make what Discord would send at 18:00 UTC; by default with a full limit."""
    options = {"total": 1000, "max_concurrency": 1, "reset_after": 0, **changes}
    options.setdefault("remaining", options["total"])
    reset_after = seconds(options.pop("reset_after"))
    with hikari_sessions.use_clock(lambda: NOW):
        limit = hikari_sessions.SessionStartLimit(
            reset_after=reset_after, **options
        )
    return hikari_sessions.GatewayBotInfo(
        url="wss://a", shard_count=shards, session_start_limit=limit
    )


def plan(info: typing.Any, **options: typing.Any) -> startup.StartupPlan:
    options.setdefault("starts_at", NOW)
    return startup.plan_startup(info, **options)


def times(made: startup.StartupPlan) -> Times:
    """List the windows, with the seconds since 18:00 UTC."""
    return [
        ((window.starts_at - NOW).total_seconds(), window.shard_ids)
        for window in made.windows
    ]


def moments(made: startup.StartupPlan) -> list[float]:
    return [at for at, _ in times(made)]


class TestWindows:
    @pytest.mark.parametrize(
        ("shard_ids", "max_concurrency", "expected"),
        [
            # All shards of a bot: buckets of max_concurrency shards, in order.
            (range(3), 1, [(0, (0,)), (5.5, (1,)), (11, (2,))]),
            (range(5), 2, [(0, (0, 1)), (5.5, (2, 3)), (11, (4,))]),
            (range(4), 16, [(0, (0, 1, 2, 3))]),
            # Some shards: with one key, with different keys, with a crowded key.
            ([0, 16], 16, [(0, (0,)), (5.5, (16,))]),
            ([51, 0, 17, 34], 16, [(0, (0, 17, 34, 51))]),
            ([0, 2, 4, 3], 2, [(0, (0, 3)), (5.5, (2,)), (11, (4,))]),
        ],
    )
    def test_shards_start_together_if_their_keys_differ(
        self, shard_ids: list[int], max_concurrency: int, expected: Times
    ) -> None:
        info = make_info(max_concurrency=max_concurrency)
        assert times(plan(info, shard_count=64, shard_ids=shard_ids)) == expected

    @hypothesis.given(
        shard_ids=st.sets(st.integers(0, 200), min_size=1),
        max_concurrency=st.integers(1, 70),
        waits=st.booleans(),
    )
    def test_there_are_as_few_windows_as_the_most_crowded_key_needs(
        self, shard_ids: set[int], max_concurrency: int, *, waits: bool
    ) -> None:
        info = make_info(max_concurrency=max_concurrency)
        made = plan(
            info, shard_count=201, shard_ids=shard_ids, wait_for_reset=waits
        )
        crowds = collections.Counter(each % max_concurrency for each in shard_ids)
        assert len(made.windows) == max(crowds.values())
        assert made.duration == seconds(5.5 * (max(crowds.values()) - 1))
        assert made.shard_ids == tuple(sorted(shard_ids))
        for window in made.windows:
            assert window.shard_ids == tuple(sorted(window.shard_ids))
        # The shards of each key start in order.
        started = [each for window in made.windows for each in window.shard_ids]
        by_key = sorted(started, key=lambda each: each % max_concurrency)
        assert by_key == sorted(
            by_key, key=lambda each: (each % max_concurrency, each)
        )

    def test_window_delay_is_the_time_between_windows(self) -> None:
        made = plan(make_info(3), window_delay=seconds(5))
        assert moments(made) == [0, 5, 10]

    def test_a_max_concurrency_below_one_counts_as_one(self) -> None:
        made = plan(make_info(2, max_concurrency=0))
        assert times(made) == [(0, (0,)), (5.5, (1,))]
        assert made.max_concurrency == 1

    def test_the_plan_starts_now_by_default(self) -> None:
        with hikari_sessions.use_clock(lambda: NOW):
            assert startup.plan_startup(make_info()).starts_at == NOW

    def test_a_day_has_24_hours_when_the_clocks_change(self) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        noon = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=berlin)
        limit = types.SimpleNamespace(
            total=1, remaining=0, max_concurrency=1, reset_at=noon
        )
        info = types.SimpleNamespace(shard_count=2, session_start_limit=limit)
        made = plan(info, starts_at=noon.replace(hour=9), wait_for_reset=True)
        assert [window.starts_at.isoformat() for window in made.windows] == [
            "2026-03-28T12:00:00.500000+01:00",
            "2026-03-29T12:00:01+01:00",
        ]


class TestArguments:
    def test_shards_are_all_recommended_ones_by_default(self) -> None:
        assert plan(make_info(9)).shard_count == 9
        assert plan(make_info(9), shard_count=3).shard_ids == (0, 1, 2)
        made = plan(make_info(), shard_count=9, shard_ids=iter([3, 1, 3, 1]))
        assert made.shard_ids == (1, 3)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"shard_count": None, "shard_ids": [0]}, "need a shard_count"),
            ({"shard_count": 2.0}, "shard_count must be an integer, not 2.0"),
            ({"shard_ids": "01"}, "shard_ids must be an integer, not '0'"),
            ({"reserve": 1.0}, "reserve must be an integer, not 1.0"),
            ({"window_delay": 5}, "window_delay must be a timedelta, not 5"),
            ({"starts_at": 5}, "starts_at must be a timezone-aware datetime"),
        ],
    )
    def test_a_wrong_type_is_a_type_error_that_names_the_argument(
        self, options: dict[str, typing.Any], message: str
    ) -> None:
        with pytest.raises(TypeError, match=message):
            plan(make_info(3), **{"shard_count": 3, **options})

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"shard_count": 0}, "shard_count must be 1 or more, not 0"),
            ({"shard_count": 1_000_001}, "shard_count must be 1,000,000 or less"),
            ({"shard_ids": [0, 3]}, "shard_ids must be below 3, not 3"),
            ({"shard_ids": [0, -1]}, "shard_ids must be 0 or more, not -1"),
            ({"shard_ids": []}, "shard_ids must have at least one id"),
            ({"reserve": -1}, "reserve must be 0 or more, not -1"),
            ({"window_delay": seconds(4)}, "window_delay must be five seconds or"),
            ({"starts_at": NOW.replace(tzinfo=None)}, "not the naive"),
            ({"window_delay": seconds(DAY * 2_000_000)}, "after the year 9999"),
            ({"starts_at": NOW.replace(9999, 12, 31)}, "after the year 9999"),
        ],
    )
    def test_a_value_out_of_range_is_a_value_error(
        self, options: dict[str, typing.Any], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            plan(make_info(3), **{"shard_count": 3, **options})

    def test_a_payload_with_too_many_shards_is_a_value_error_at_once(self) -> None:
        with pytest.raises(ValueError, match="1,000,000 or less"):
            plan(make_info(2**62))


class TestBudget:
    def test_not_enough_session_starts_are_an_error(self) -> None:
        with pytest.raises(Exceeded, match="10 session starts needed, 2") as it:
            plan(make_info(10, remaining=3, reset_after=60), reserve=1)
        assert it.value.args == (10, 2, 1000, NOW + seconds(60), 1)

    @pytest.mark.parametrize(
        "case",
        [
            # Exactly enough, one too few, and none at all.
            (range(3), 1, 3, 60, [(0, (0,)), (5.5, (1,)), (11, (2,))], not WAITS),
            (range(3), 1, 2, 60, [(0, (0,)), (5.5, (1,)), (60.5, (2,))], WAITS),
            (range(3), 1, 0, 60, [(60.5, (0,)), (66, (1,)), (71.5, (2,))], WAITS),
            # A reset that passes between two windows, and one that passes too late.
            (range(3), 1, 2, 10, [(0, (0,)), (5.5, (1,)), (11, (2,))], not WAITS),
            (range(3), 1, 2, 12, [(0, (0,)), (5.5, (1,)), (12.5, (2,))], WAITS),
            # A reset within half a second of a window and of the start.
            (range(2), 1, 9, 5.7, [(0, (0,)), (6.2, (1,))], not WAITS),
            (range(2), 1, 0, 0.5, [(1, (0,)), (6.5, (1,))], not WAITS),
            # A plan that takes no longer for it may cut a window short …
            (range(5), 4, 3, 4, [(0, (0, 1, 2)), (5.5, (3, 4))], not WAITS),
            ([0, 1, 4], 3, 1, 4, [(0, (1,)), (5.5, (0, 4))], not WAITS),
            # … and one that takes a window more has to be told to wait.
            (range(4), 4, 3, 4, [(0, (0, 1, 2)), (5.5, (3,))], WAITS),
            # The most crowded key goes first.
            ([4, 6, 12], 3, 1, 60, [(0, (6,)), (60.5, (4, 12))], WAITS),
            ([0, 1, 3], 2, 1, 60, [(0, (1,)), (60.5, (0, 3))], WAITS),
        ],
    )
    def test_the_plan_waits_for_a_reset_if_it_has_to_and_may(
        self, case: tuple[list[int], int, int, float, Times, bool]
    ) -> None:
        shard_ids, keys, remaining, reset_after, expected, waits = case
        limit = {"max_concurrency": keys, "remaining": remaining}
        info = make_info(reset_after=reset_after, **limit)
        options = {"shard_count": 13, "shard_ids": shard_ids}
        assert times(plan(info, **options, wait_for_reset=True)) == expected
        with pytest.raises(Exceeded) if waits else contextlib.nullcontext():
            assert times(plan(info, **options)) == expected

    def test_the_reserve_is_never_used(self) -> None:
        info = make_info(3, total=4)
        assert moments(plan(info, reserve=1)) == [0, 5.5, 11]
        with pytest.raises(Exceeded, match="3 session starts needed, 2 left"):
            plan(info, reserve=2)
        made = plan(info, reserve=2, wait_for_reset=True)
        assert moments(made) == [0, 5.5, DAY + 0.5]

    def test_the_24_hours_begin_with_the_first_identify(self) -> None:
        info = make_info(3, total=1)
        made = plan(info, wait_for_reset=True)
        assert moments(made) == [0, DAY + 0.5, 2 * DAY + 1]
        with pytest.raises(Exceeded) as caught:
            plan(info)
        assert caught.value.args == (3, 1, 1, NOW + seconds(DAY), 0)

    @pytest.mark.parametrize("total", [0, 1])
    def test_what_is_left_above_the_total_may_be_used(self, total: int) -> None:
        info = make_info(2, total=total, remaining=2, reset_after=60)
        assert moments(plan(info)) == [0, 5.5]

    @pytest.mark.parametrize("waits", [True, False])
    @pytest.mark.parametrize("limit", [(0, 0, 0), (5, 5, 5), (5, 3, 5), (0, 1, 0)])
    def test_too_few_are_an_error_if_no_reset_brings_more(
        self, limit: tuple[int, int, int], *, waits: bool
    ) -> None:
        total, remaining, reserve = limit
        info = make_info(2, total=total, remaining=remaining, reset_after=60)
        message = (
            rf"^2 .* {max(0, remaining - reserve)} left.* no reset brings more"
        )
        with pytest.raises(Exceeded, match=message):
            plan(info, reserve=reserve, wait_for_reset=waits)

    @pytest.mark.parametrize(
        ("starts_at", "first"), [(60, 60.5), (60.2, 60.5), (60.5, 60.5), (DAY, DAY)]
    )
    def test_a_limit_whose_reset_has_passed_is_full(
        self, starts_at: float, first: float
    ) -> None:
        info = make_info(3, total=3, remaining=0, reset_after=60)
        made = plan(info, starts_at=NOW + seconds(starts_at))
        assert moments(made) == [first, first + 5.5, first + 11]
        with pytest.raises(Exceeded, match="4 session starts needed, 3 left"):
            plan(info, starts_at=NOW + seconds(starts_at), shard_count=4)

    @hypothesis.settings(max_examples=2 * EXAMPLES)
    @hypothesis.given(data=st.data())
    def test_the_gateway_accepts_every_fleet(self, data: st.DataObject) -> None:
        reserve = data.draw(st.integers(0, 5), "reserve")
        total = reserve + data.draw(st.integers(1, 200), "total over the reserve")
        info = make_info(
            data.draw(st.integers(1, 200), "shards"),
            max_concurrency=data.draw(st.sampled_from([1, 2, 3, 16, 64])),
            total=total,
            remaining=data.draw(st.integers(0, total + 20), "remaining"),
            reset_after=data.draw(st.floats(0, 300) | st.floats(0, DAY), "reset"),
        )
        ids = st.sets(st.integers(0, info.shard_count - 1), min_size=1)
        options: dict[str, typing.Any] = {
            "shard_count": info.shard_count,
            "shard_ids": data.draw(st.none() | ids, "ids"),
            "starts_at": NOW + seconds(data.draw(st.integers(0, 100_000), "start")),
            "window_delay": seconds(data.draw(st.sampled_from([5.5, 60, DAY]))),
            "reserve": reserve,
        }
        made = plan(info, **options, wait_for_reset=True)
        limit = info.session_start_limit
        server = gateway.Gateway(
            max_concurrency=limit.max_concurrency,
            total=limit.total,
            remaining=limit.remaining,
            reset_at=limit.reset_at,
            now=options["starts_at"],
        )
        latency = data.draw(st.randoms(use_true_random=False), "latency")
        arrivals = sorted(
            (window.starts_at + seconds(latency.uniform(0, 0.4)), shard_id)
            for window in made.windows
            for shard_id in window.shard_ids
        )
        least_left = server.left
        for moment, shard_id in arrivals:
            server.identify(shard_id, moment)
            least_left = min(least_left, server.left)
        wanted = options["shard_ids"] or range(info.shard_count)
        assert server.online == collections.Counter(wanted)
        assert least_left >= min(reserve, limit.remaining)
        crowds = collections.Counter(each % made.max_concurrency for each in wanted)
        assert len(made.windows) <= max(crowds.values()) + server.resets
        try:
            assert plan(info, **options) == made
        except Exceeded:
            assert server.resets


class TestValues:
    def test_they_compare_by_value_hash_and_pickle(self) -> None:
        made = plan(make_info(5, max_concurrency=2))
        again = pickle.loads(pickle.dumps(made))  # noqa: S301
        assert again == made
        assert hash(again) == hash(made)
        assert made != plan(make_info(6, max_concurrency=2))
        window = startup.StartupWindow(starts_at=NOW, shard_ids=(0, 1))
        assert made.windows[0] == window

    def test_they_are_frozen(self) -> None:
        made = plan(make_info())
        for value in (made, made.windows[0]):
            with pytest.raises(AttributeError):
                setattr(value, attrs.fields(type(value))[0].name, ())

    def test_their_repr_is_short(self) -> None:
        made = plan(make_info(999, max_concurrency=10))
        assert repr(made) == (
            "StartupPlan(windows=<100 in all>, shard_count=999, max_concurrency=10)"
        )
        shown = repr(made.windows[0])
        assert shown.endswith("shard_ids=(0, 1, 2, 3, … 10 in all))")
        assert repr(plan(make_info(2)).windows[1]).endswith("shard_ids=(1,))")


class TestForShards:
    def test_a_part_has_the_same_instants_and_only_its_shards(self) -> None:
        made = plan(make_info(6, max_concurrency=2))
        part = made.for_shards(iter([1, 4, 5, 1]))
        assert times(part) == [(0, (1,)), (11, (4, 5))]
        assert (part.shard_count, part.max_concurrency) == (6, 2)
        assert made.for_shards([5]).starts_at == NOW + seconds(11)
        assert made.for_shards(range(6)) == made

    def test_an_id_that_the_plan_lacks_or_no_id_is_a_value_error(self) -> None:
        made = plan(make_info(), shard_count=9, shard_ids=[2, 3])
        with pytest.raises(ValueError, match=r"no shard 4.*\(2, 3\)"):
            made.for_shards([2, 4])
        with pytest.raises(ValueError, match="at least one"):
            made.for_shards([])
