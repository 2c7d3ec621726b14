"""The start-up plan: which shards identify when."""

from __future__ import annotations

import collections
import collections.abc
import copy
import datetime
import gc
import inspect
import multiprocessing
import multiprocessing.pool
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
DAY = datetime.timedelta(hours=24)
# As many as the profile has.
EXAMPLES: int = typing.cast("typing.Any", hypothesis.settings()).max_examples

Identifies: typing.TypeAlias = list[tuple[datetime.datetime, int]]


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


def make_info(
    shards: int = 1,
    *,
    max_concurrency: int = 1,
    total: int = 1000,
    remaining: int | None = None,
    reset_after: datetime.timedelta = datetime.timedelta(0),
) -> hikari_sessions.GatewayBotInfo:
    with hikari_sessions.use_clock(lambda: NOW):
        limit = hikari_sessions.SessionStartLimit(
            total=total,
            remaining=total if remaining is None else remaining,
            reset_after=reset_after,
            max_concurrency=max_concurrency,
        )
    return hikari_sessions.GatewayBotInfo(url="wss://a", shard_count=shards, session_start_limit=limit)


def plan(info: typing.Any, **options: typing.Any) -> startup.StartupPlan:
    options.setdefault("starts_at", NOW)
    return startup.plan_startup(info, **options)


def times(made: startup.StartupPlan) -> list[tuple[float, tuple[int, ...]]]:
    """List the windows, with the seconds since 18:00 UTC."""
    return [((window.starts_at - NOW).total_seconds(), window.shard_ids) for window in made.windows]


def replay(info: hikari_sessions.GatewayBotInfo, identifies: Identifies) -> gateway.Gateway:
    """Let a gateway that enforces Discord's rules see every identify."""
    limit = info.session_start_limit
    server = gateway.Gateway(
        max_concurrency=limit.max_concurrency,
        total=limit.total,
        remaining=limit.remaining,
        reset_at=limit.reset_at,
        now=min(identifies)[0],
    )
    for moment, shard_id in sorted(identifies):
        server.identify(shard_id, moment)
    return server


@st.composite
def fleets(
    draw: st.DrawFn,
) -> tuple[hikari_sessions.GatewayBotInfo, startup.StartupPlan, list[list[int]]]:
    """Draw a limit, the plan of a fleet that waits for its resets, and the shards of each of its machines."""
    shard_count = draw(st.integers(1, 300))
    total = draw(st.integers(1, 400))
    info = make_info(
        shard_count,
        max_concurrency=draw(st.sampled_from([1, 2, 3, 16, 64])),
        total=total,
        remaining=draw(st.integers(0, total + 20)),
        reset_after=seconds(draw(st.floats(0, 90000))),
    )
    ids = draw(st.none() | st.sets(st.integers(0, shard_count - 1), min_size=1))
    made = plan(
        info,
        shard_count=shard_count,
        shard_ids=ids,
        starts_at=NOW + seconds(draw(st.integers(0, 100000))),
        window_delay=seconds(draw(st.sampled_from([5, 5.5, 60]))),
        wait_for_reset=True,
    )
    owners = draw(st.randoms(use_true_random=False))
    machines: dict[int, list[int]] = {}
    for shard_id in range(shard_count) if ids is None else ids:
        machines.setdefault(owners.randrange(3), []).append(shard_id)
    return info, made, list(machines.values())


class TestWindows:
    @pytest.mark.parametrize(
        ("shards", "max_concurrency", "expected"),
        [
            (1, 1, [(0, (0,))]),
            (3, 1, [(0, (0,)), (5, (1,)), (10, (2,))]),
            (4, 16, [(0, (0, 1, 2, 3))]),
            (5, 2, [(0, (0, 1)), (5, (2, 3)), (10, (4,))]),
            (20, 16, [(0, tuple(range(16))), (5, (16, 17, 18, 19))]),
        ],
    )
    def test_buckets_of_max_concurrency_shards_start_in_order(
        self, shards: int, max_concurrency: int, expected: list[tuple[float, tuple[int, ...]]]
    ) -> None:
        assert times(plan(make_info(shards, max_concurrency=max_concurrency))) == expected

    def test_shards_with_one_rate_limit_key_never_start_together(self) -> None:
        made = plan(make_info(32, max_concurrency=16), shard_count=32, shard_ids=[0, 16])
        assert times(made) == [(0, (0,)), (5, (16,))]

    def test_shards_with_different_keys_start_together_whatever_their_ids(self) -> None:
        made = plan(make_info(64, max_concurrency=16), shard_count=64, shard_ids=[0, 17, 34, 51])
        assert times(made) == [(0, (0, 17, 34, 51))]

    def test_a_key_with_few_shards_does_not_wait_for_a_crowded_one(self) -> None:
        made = plan(make_info(6, max_concurrency=2), shard_count=6, shard_ids=[0, 2, 3, 5])
        assert times(made) == [(0, (0, 3)), (5, (2, 5))]

    @hypothesis.given(
        shard_ids=st.sets(st.integers(0, 200), min_size=1), max_concurrency=st.integers(1, 70), waits=st.booleans()
    )
    def test_there_are_as_few_windows_as_the_most_crowded_key_needs(
        self, shard_ids: set[int], max_concurrency: int, *, waits: bool
    ) -> None:
        info = make_info(201, max_concurrency=max_concurrency)
        made = plan(info, shard_count=201, shard_ids=shard_ids, wait_for_reset=waits)
        crowds = collections.Counter(shard_id % max_concurrency for shard_id in shard_ids)
        assert len(made.windows) == max(crowds.values())
        assert made.duration == seconds(5 * (max(crowds.values()) - 1))
        assert made.shard_ids == tuple(sorted(shard_ids))
        for key in crowds:
            order = [shard for window in made.windows for shard in window.shard_ids if shard % max_concurrency == key]
            assert order == sorted(order)
        assert all(window.shard_ids == tuple(sorted(window.shard_ids)) for window in made.windows)

    def test_window_delay_is_the_time_between_windows(self) -> None:
        assert [at for at, _ in times(plan(make_info(3), window_delay=seconds(7.5)))] == [0, 7.5, 15]

    def test_one_window_has_no_use_for_its_delay(self) -> None:
        made = plan(make_info(4, max_concurrency=16), window_delay=datetime.timedelta.max)
        assert times(made) == [(0, (0, 1, 2, 3))]

    def test_a_max_concurrency_below_one_is_one(self) -> None:
        made = plan(make_info(2, max_concurrency=0))
        assert times(made) == [(0, (0,)), (5, (1,))]
        assert made.max_concurrency == 1

    def test_the_plan_starts_now_by_default(self) -> None:
        with hikari_sessions.use_clock(lambda: NOW):
            assert startup.plan_startup(make_info()).starts_at == NOW

    @pytest.mark.parametrize("total", [1000, 3])
    def test_windows_are_five_seconds_apart_across_a_change_of_summer_time(self, total: int) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        before = datetime.datetime(2026, 3, 29, 1, 59, 55, tzinfo=berlin)
        made = plan(make_info(3, total=total), starts_at=before, shard_count=3)
        assert [window.starts_at.isoformat() for window in made.windows] == [
            "2026-03-29T01:59:55+01:00",
            "2026-03-29T02:00:00+01:00",
            "2026-03-29T02:00:05+01:00",
        ]
        assert made.duration == made.windows[2].starts_at - made.windows[0].starts_at == seconds(10)

    def test_resets_are_24_hours_apart_whatever_the_zone_of_the_limit(self) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        limit = types.SimpleNamespace(
            total=1,
            remaining=0,
            reset_after=seconds(0),
            max_concurrency=1,
            used=1,
            reset_at=datetime.datetime(2026, 3, 28, 12, 0, tzinfo=berlin),
        )
        info = types.SimpleNamespace(url="ws://a", shard_count=3, session_start_limit=limit)
        made = plan(info, starts_at=datetime.datetime(2026, 3, 28, 9, 0, tzinfo=UTC), wait_for_reset=True)
        assert [window.starts_at.isoformat() for window in made.windows] == [
            "2026-03-28T11:00:00+00:00",
            "2026-03-29T11:00:00+00:00",
            "2026-03-30T11:00:00+00:00",
        ]

    def test_an_hour_that_comes_twice_is_two_hours(self) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        second = datetime.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
        limit = types.SimpleNamespace(
            total=9, remaining=0, max_concurrency=1, reset_at=second, reset_after=seconds(0), used=9
        )
        info = types.SimpleNamespace(url="wss://a", shard_count=1, session_start_limit=limit)
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(info, starts_at=datetime.datetime(2026, 10, 25, 2, 40, tzinfo=berlin))

    def test_one_crowded_key_among_many_costs_no_more_than_its_shards(self) -> None:
        crowd = 20_000
        ids = [*range(crowd), *(number * crowd for number in range(1, crowd))]
        made = plan(make_info(1, max_concurrency=crowd, total=10**9), shard_count=crowd * crowd, shard_ids=ids)
        assert len(made.windows) == crowd
        assert len(made.shard_ids) == 2 * crowd - 1

    def test_windows_after_a_reset_are_in_the_zone_of_the_plan(self) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        # Five seconds before the clocks go forward.
        with hikari_sessions.use_clock(lambda: datetime.datetime(2026, 3, 29, 1, 59, 0, tzinfo=berlin)):
            limit = hikari_sessions.SessionStartLimit(total=10, remaining=0, reset_after=seconds(55), max_concurrency=1)
        info = hikari_sessions.GatewayBotInfo(url="wss://a", shard_count=2, session_start_limit=limit)
        made = plan(info, starts_at=datetime.datetime(2026, 3, 29, 0, 59, 0, tzinfo=UTC), wait_for_reset=True)
        assert [window.starts_at.isoformat() for window in made.windows] == [
            "2026-03-29T00:59:55+00:00",
            "2026-03-29T01:00:00+00:00",
        ]

    def test_windows_after_a_reset_have_the_offset_of_the_start(self) -> None:
        india = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        info = make_info(1, remaining=0, reset_after=seconds(60))
        made = plan(info, starts_at=NOW.astimezone(india), wait_for_reset=True)
        assert made.starts_at.isoformat() == "2026-11-23T23:31:00+05:30"

    def test_a_fixed_offset_keeps_its_name(self) -> None:
        cet = datetime.timezone(datetime.timedelta(hours=1), "CET")
        assert plan(make_info(), starts_at=NOW.astimezone(cet)).starts_at.tzname() == "CET"

    @pytest.mark.parametrize(("fold", "hours"), [(0, 2), (1, 1)])
    def test_a_start_in_an_hour_that_comes_twice_is_told_by_its_offset_alone(self, fold: int, hours: int) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        at = datetime.datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=fold)
        made = plan(make_info(), starts_at=at)
        assert made.starts_at.utcoffset() == datetime.timedelta(hours=hours)
        assert made.starts_at.fold == 0


NOT_IN_TIME = "the plan would have too many shards, or not be within the years 1 to 9999"


class TestArguments:
    def test_shard_count_is_the_recommended_one_by_default(self) -> None:
        assert plan(make_info(9)).shard_count == 9
        assert plan(make_info(9), shard_count=3).shard_ids == (0, 1, 2)

    def test_shard_ids_without_shard_count_are_a_type_error(self) -> None:
        with pytest.raises(TypeError, match="shard_ids need a shard_count"):
            plan(make_info(9), shard_ids=[0])

    def test_duplicates_are_dropped(self) -> None:
        assert plan(make_info(), shard_count=9, shard_ids=iter([3, 1, 3, 1])).shard_ids == (1, 3)

    @pytest.mark.parametrize(
        "options", [{"shard_count": 2.0}, {"shard_count": 2, "shard_ids": [1.0]}, {"shard_count": 2, "shard_ids": "01"}]
    )
    def test_what_is_no_integer_is_a_type_error(self, options: dict[str, typing.Any]) -> None:
        with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
            plan(make_info(3), **options)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"shard_count": 0}, "the shard_count has to be 1 or more, not 0"),
            ({"shard_ids": [3]}, "a shard id has to be from 0 to 2, with a shard_count of 3, not 3"),
            ({"shard_ids": [0, -1]}, "a shard id has to be from 0 to 2, with a shard_count of 3, not -1"),
            ({"shard_ids": []}, "there are no shard_ids: give at least one, or None for all"),
            (
                {"window_delay": seconds(4.5)},
                "the window_delay has to be 5 seconds or more, as Discord has it, not 0:00:04.500000",
            ),
            (
                {"starts_at": datetime.datetime(2026, 11, 23)},  # noqa: DTZ001
                "starts_at has to be aware, not the naive datetime.datetime(2026, 11, 23, 0, 0): give it a tzinfo",
            ),
            ({"window_delay": datetime.timedelta(days=2_000_000)}, NOT_IN_TIME),
            ({"shard_count": 2**64}, NOT_IN_TIME),
        ],
    )
    def test_what_is_out_of_range_is_a_value_error_that_says_what_to_do(
        self, options: dict[str, typing.Any], message: str
    ) -> None:
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            plan(make_info(3), **{"shard_count": 3, **options})
        assert str(caught.value) == message

    def test_a_missing_shard_count_says_why_it_is_needed(self) -> None:
        with pytest.raises(TypeError) as caught:
            plan(make_info(9), shard_ids=[0])
        assert str(caught.value) == (
            "shard_ids need a shard_count: the recommended one may change between machines, and with time"
        )

    def test_the_last_moment_of_all_is_in_time(self) -> None:
        last = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
        assert plan(make_info(2), starts_at=last - seconds(5)).duration == seconds(5)
        with pytest.raises(ValueError, match="the years 1 to 9999"):
            plan(make_info(2), starts_at=last)

    def test_any_object_of_the_right_shape_will_do(self) -> None:
        ours = make_info(3, max_concurrency=2)
        limit = types.SimpleNamespace(
            **{name: getattr(ours.session_start_limit, name) for name in ("total", "remaining", "reset_after")},
            max_concurrency=2,
            used=0,
            reset_at=NOW,
        )
        info = types.SimpleNamespace(url="ws://a", shard_count=3, session_start_limit=limit)
        assert plan(info) == plan(ours)


class TestBudget:
    def test_not_enough_session_starts_are_an_error_that_says_what_to_do(self) -> None:
        with pytest.raises(startup.SessionStartLimitExceededError) as caught:
            plan(make_info(10, remaining=3, reset_after=datetime.timedelta(hours=4)))
        error = caught.value
        assert (error.required, error.remaining, error.total) == (10, 3, 1000)
        assert error.reset_at == datetime.datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
        assert str(error) == (
            "the plan takes 10 session starts, and 3 are left until the limit resets to 1,000 at "
            "2026-11-23 22:00:00 UTC: start at most 3 before then, or plan with wait_for_reset=True"
        )
        again = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert (str(again), again.required) == (str(error), 10)

    def test_an_error_made_of_keywords_pickles_and_has_its_args(self) -> None:
        error = startup.SessionStartLimitExceededError(required=10, remaining=3, total=1000, reset_at=NOW)
        assert error.args == (10, 3, 1000, NOW)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301

    @pytest.mark.parametrize(
        ("required", "remaining", "words"),
        [
            (1, 0, "the plan takes 1 session start, and 0 are left until the limit resets to 1 at "),
            (2, 1, "the plan takes 2 session starts, and 1 is left until the limit resets to 1 at "),
        ],
    )
    def test_one_session_start_is_not_many(self, required: int, remaining: int, words: str) -> None:
        error = startup.SessionStartLimitExceededError(required, remaining, 1, NOW)
        allowed = "at most 1" if remaining else "none"
        assert str(error) == (
            f"{words}2026-11-23 18:00:00 UTC: start {allowed} before then, or plan with wait_for_reset=True"
        )

    def test_a_limit_that_is_full_again_at_the_start_resets_24_hours_later(self) -> None:
        info = make_info(5, total=2, remaining=0, reset_after=seconds(60))
        with pytest.raises(startup.SessionStartLimitExceededError) as caught:
            plan(info, starts_at=NOW + seconds(60))
        assert (caught.value.remaining, caught.value.reset_at) == (2, NOW + seconds(60) + DAY)

    def test_windows_a_day_apart_need_no_waiting(self) -> None:
        made = plan(make_info(5, total=1), window_delay=DAY)
        assert [at for at, _ in times(made)] == [day * 86400 for day in range(5)]

    def test_what_remains_of_a_total_of_zero_may_start(self) -> None:
        info = make_info(5, total=0, remaining=5, reset_after=seconds(60))
        assert len(plan(info).windows) == 5

    def test_nothing_left_is_told_as_nothing(self) -> None:
        with pytest.raises(
            startup.SessionStartLimitExceededError, match=r"0 are left until .*: start none before then"
        ):
            plan(make_info(1, remaining=0, reset_after=seconds(1)))

    def test_more_session_starts_than_the_total_last_until_the_reset(self) -> None:
        info = make_info(8, total=5, remaining=10, reset_after=seconds(10))
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(info)
        # Two before the reset, five from it on, and the last 24 hours after the first of those.
        assert [at for at, _ in times(plan(info, wait_for_reset=True))] == [0, 5, 10, 15, 20, 25, 30, 10 + 86400]

    def test_a_hopeless_number_of_shards_is_told_at_once(self) -> None:
        with pytest.raises(startup.SessionStartLimitExceededError) as caught:
            plan(make_info(10**9))
        assert (caught.value.required, caught.value.reset_at) == (10**9, NOW + DAY)

    @pytest.mark.parametrize("enabled", [True, False])
    def test_the_garbage_collector_is_left_as_it_was(self, *, enabled: bool) -> None:
        was_enabled = gc.isenabled()
        try:
            (gc.enable if enabled else gc.disable)()
            plan(make_info(3))
            assert gc.isenabled() is enabled
            with pytest.raises(startup.SessionStartLimitExceededError):
                plan(make_info(3, remaining=1, reset_after=seconds(60)))
            assert gc.isenabled() is enabled
        finally:
            (gc.enable if was_enabled else gc.disable)()

    def test_exactly_enough_session_starts_are_enough(self) -> None:
        info = make_info(3, remaining=3, reset_after=datetime.timedelta(hours=4))
        assert times(plan(info)) == [(0, (0,)), (5, (1,)), (10, (2,))]

    def test_a_reset_that_falls_inside_the_plan_counts(self) -> None:
        # Two windows fit before the reset, and only two session starts are left.
        info = make_info(5, remaining=2, reset_after=seconds(10))
        assert [at for at, _ in times(plan(info))] == [0, 5, 10, 15, 20]
        assert replay(info, gateway.identifies_of(pickle.dumps(plan(info)), range(5))).left == 997

    def test_only_what_remains_is_used_before_a_reset_inside_the_plan(self) -> None:
        info = make_info(5, remaining=2, reset_after=seconds(11))
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(info)
        assert [at for at, _ in times(plan(info, wait_for_reset=True))] == [0, 5, 11, 16, 21]

    @pytest.mark.parametrize(
        ("shard_ids", "max_concurrency", "remaining", "expected"),
        [
            (range(17), 16, 10, [(0, tuple(range(10))), (5, tuple(range(10, 17)))]),
            ([0, 4, 6], 3, 1, [(0, (0,)), (5, (4, 6))]),
            ([0, 1, 4], 3, 1, [(0, (1,)), (5, (0, 4))]),
        ],
    )
    def test_a_window_may_be_cut_short_before_a_reset_if_the_plan_takes_no_longer(
        self,
        shard_ids: typing.Sequence[int],
        max_concurrency: int,
        remaining: int,
        expected: list[tuple[float, tuple[int, ...]]],
    ) -> None:
        info = make_info(17, max_concurrency=max_concurrency, remaining=remaining, reset_after=seconds(5))
        made = plan(info, shard_count=17, shard_ids=shard_ids)
        assert times(made) == expected
        replay(info, gateway.identifies_of(pickle.dumps(made), shard_ids))

    def test_a_plan_that_would_take_a_window_more_has_to_be_told_to_wait(self) -> None:
        info = make_info(9, max_concurrency=16, remaining=8, reset_after=seconds(5))
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(info)
        assert times(plan(info, wait_for_reset=True)) == [(0, tuple(range(8))), (5, (8,))]

    @pytest.mark.parametrize("reset_at", ["9999-12-31T23:00-05:00", "0001-01-01T00:00+14:00"])
    def test_a_reset_at_either_end_of_time(self, reset_at: str) -> None:
        # Neither is within the years 1 to 9999 in UTC.
        at = datetime.datetime.fromisoformat(reset_at)
        limit = types.SimpleNamespace(total=5, remaining=3, max_concurrency=1, reset_at=at)
        info = types.SimpleNamespace(shard_count=2, session_start_limit=limit)
        assert times(plan(info)) == [(0, (0,)), (5, (1,))]

    def test_the_last_day_of_all_has_session_starts_too(self) -> None:
        noon = datetime.datetime(9999, 12, 31, 12, tzinfo=UTC)
        assert plan(make_info(total=1), starts_at=noon).duration == seconds(0)

        late = datetime.datetime(9999, 12, 31, 23, 59, 57, tzinfo=UTC)
        limit = types.SimpleNamespace(total=5, remaining=4, max_concurrency=1, reset_at=late + seconds(1))
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(types.SimpleNamespace(shard_count=15, session_start_limit=limit), starts_at=late)

    def test_a_limit_beyond_any_float(self) -> None:
        info = make_info(9, total=10**400, remaining=0, reset_after=datetime.timedelta(hours=4))
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(info)

    @pytest.mark.parametrize("ago", [datetime.timedelta(0), datetime.timedelta(days=3)])
    def test_a_limit_whose_reset_has_passed_by_the_start_is_full(self, ago: datetime.timedelta) -> None:
        info = make_info(3, remaining=0, reset_after=datetime.timedelta(hours=4))
        at = info.session_start_limit.reset_at + ago
        assert plan(info, starts_at=at).starts_at == at
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(info, starts_at=info.session_start_limit.reset_at - datetime.timedelta(microseconds=1))

    def test_waiting_starts_what_remains_and_the_rest_from_the_reset_on(self) -> None:
        info = make_info(4, remaining=2, reset_after=datetime.timedelta(hours=4))
        made = plan(info, wait_for_reset=True)
        assert times(made) == [(0, (0,)), (5, (1,)), (14400, (2,)), (14405, (3,))]

    def test_a_window_is_cut_short_where_the_session_starts_run_out(self) -> None:
        info = make_info(32, max_concurrency=16, remaining=10, reset_after=seconds(60))
        assert times(plan(info, wait_for_reset=True)) == [
            (0, tuple(range(10))),
            (60, tuple(range(10, 26))),
            (65, tuple(range(26, 32))),
        ]

    @pytest.mark.parametrize(
        ("shard_ids", "max_concurrency", "expected"),
        [
            ([4, 6, 12], 3, [(0, (6,)), (60, (4, 12))]),
            ([0, 1, 3, 5], 2, [(0, (1,)), (60, (0, 3)), (65, (5,))]),
        ],
    )
    def test_the_most_crowded_key_goes_first_where_a_window_is_cut_short(
        self, shard_ids: list[int], max_concurrency: int, expected: list[tuple[float, tuple[int, ...]]]
    ) -> None:
        info = make_info(13, max_concurrency=max_concurrency, total=10, remaining=1, reset_after=seconds(60))
        assert times(plan(info, shard_count=13, shard_ids=shard_ids, wait_for_reset=True)) == expected

    def test_nothing_left_waits_at_once(self) -> None:
        info = make_info(2, remaining=0, reset_after=seconds(60))
        assert times(plan(info, wait_for_reset=True)) == [(60, (0,)), (65, (1,))]

    def test_a_reset_right_after_a_window_keeps_the_five_seconds(self) -> None:
        info = make_info(2, remaining=1, reset_after=seconds(1))
        assert times(plan(info, wait_for_reset=True)) == [(0, (0,)), (5, (1,))]

    def test_a_full_limit_resets_24_hours_after_the_first_identify(self) -> None:
        made = plan(make_info(5, total=2), wait_for_reset=True)
        day = 86400
        assert [at for at, _ in times(made)] == [0, 5, day, day + 5, 2 * day]

    def test_the_24_hours_after_a_reset_begin_with_the_first_identify_after_it(self) -> None:
        info = make_info(4, total=2, remaining=1, reset_after=seconds(3))
        made = plan(info, wait_for_reset=True)
        assert [at for at, _ in times(made)] == [0, 5, 10, 5 + 86400]

    def test_a_full_limit_that_is_too_small_tells_when_it_would_reset(self) -> None:
        with pytest.raises(startup.SessionStartLimitExceededError) as caught:
            plan(make_info(5, total=1))
        assert caught.value.reset_at == NOW + DAY
        assert "1 is left" in str(caught.value)

    def test_the_next_reset_is_told_even_if_another_one_has_to_be_waited_for(self) -> None:
        info = make_info(8, max_concurrency=2, total=5, remaining=3, reset_after=seconds(1))
        with pytest.raises(startup.SessionStartLimitExceededError) as caught:
            plan(info)
        assert (caught.value.remaining, caught.value.reset_at) == (3, NOW + seconds(1))

    @pytest.mark.parametrize("waits", [True, False])
    def test_a_total_of_zero_is_an_error_however_long_one_waits(self, *, waits: bool) -> None:
        message = "the plan takes 1 session start, and 0 are left; no reset brings more, since the limit is 0"
        with pytest.raises(startup.SessionStartLimitExceededError, match=f"^{message}$"):
            plan(make_info(1, total=0), wait_for_reset=waits)

    def test_waiting_is_an_error_with_a_total_of_zero_whatever_remains(self) -> None:
        with pytest.raises(startup.SessionStartLimitExceededError):
            plan(make_info(1, total=0, remaining=5, reset_after=seconds(60)), wait_for_reset=True)

    @hypothesis.settings(max_examples=3 * EXAMPLES)
    @hypothesis.given(fleet=fleets())
    def test_a_gateway_that_enforces_the_rules_accepts_every_fleet(
        self, fleet: tuple[hikari_sessions.GatewayBotInfo, startup.StartupPlan, list[list[int]]]
    ) -> None:
        info, made, machines = fleet
        pickled = pickle.dumps(made)
        server = replay(info, [identify for ids in machines for identify in gateway.identifies_of(pickled, ids)])
        assert server.online == collections.Counter(shard_id for ids in machines for shard_id in ids)
        # A window that has not a shard of each key that is left is one before a reset.
        crowds = collections.Counter(shard_id % made.max_concurrency for shard_id in server.online)
        assert len(made.windows) <= max(crowds.values()) + server.resets


class TestValues:
    def test_they_compare_by_value_hash_and_pickle(self) -> None:
        made = plan(make_info(5, max_concurrency=2))
        for new in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):  # noqa: S301
            assert new == made
            assert hash(new) == hash(made)
        assert made != plan(make_info(6, max_concurrency=2))
        assert len({made.windows[0], copy.copy(made.windows[0]), made.windows[1]}) == 2

    def test_windows_are_like_those_that_attrs_makes(self) -> None:
        (window,) = plan(make_info()).windows
        assert window == startup.StartupWindow(starts_at=NOW, shard_ids=(0,))

    def test_they_are_frozen(self) -> None:
        made = plan(make_info())
        for value, name in ((made, "windows"), (made, "duration"), (made.windows[0], "shard_ids")):
            with pytest.raises(AttributeError):
                setattr(value, name, ())

    def test_they_are_shown_shortly(self) -> None:
        made = plan(make_info(100_000, max_concurrency=64, total=200_000))
        assert repr(made) == "StartupPlan(windows=<1563 in all>, shard_count=100000, max_concurrency=64)"
        assert repr(made.windows[0]).endswith("shard_ids=(0, 1, 2, 3, … 64 in all))")
        assert repr(plan(make_info(2)).windows[1]).endswith("shard_ids=(1,))")
        assert repr(plan(make_info(4, max_concurrency=4)).windows[0]).endswith("shard_ids=(0, 1, 2, 3))")

    def test_they_take_keywords_alone_and_all_of_them(self) -> None:
        assert str(inspect.signature(startup.StartupWindow)) == (
            "(*, starts_at: 'datetime.datetime', shard_ids: 'tuple[int, ...]') -> None"
        )
        assert str(inspect.signature(startup.StartupPlan)) == (
            "(*, windows: 'tuple[StartupWindow, ...]', shard_count: 'int', max_concurrency: 'int') -> None"
        )

    def test_they_are_unordered(self) -> None:
        values: list[typing.Any] = [plan(make_info()), plan(make_info()).windows[0]]
        for value in values:
            with pytest.raises(TypeError, match="'<' not supported"):
                assert value < value  # noqa: PLR0124

    def test_fields_are_those_of_the_documentation(self) -> None:
        assert [field.name for field in attrs.fields(startup.StartupWindow)] == ["starts_at", "shard_ids"]
        assert [field.name for field in attrs.fields(startup.StartupPlan)] == [
            "windows",
            "shard_count",
            "max_concurrency",
        ]

    def test_the_constants_are_discords(self) -> None:
        assert seconds(5) == startup.IDENTIFY_WINDOW
        assert datetime.timedelta(hours=24) == startup.SESSION_START_WINDOW


@pytest.fixture(scope="module")
def processes() -> collections.abc.Iterator[multiprocessing.pool.Pool]:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        yield pool


class TestManyMachines:
    def test_a_part_has_the_same_instants_and_only_its_shards(self) -> None:
        made = plan(make_info(6, max_concurrency=2))
        assert times(made.for_shards([1, 4, 5])) == [(0, (1,)), (10, (4, 5))]
        assert made.for_shards([5]).starts_at == NOW + seconds(10)
        assert (made.for_shards([5]).shard_count, made.for_shards([5]).max_concurrency) == (6, 2)
        assert made.for_shards(range(6)) == made

    def test_an_id_that_the_plan_lacks_is_a_value_error(self) -> None:
        made = plan(make_info(), shard_count=9, shard_ids=[2, 3])
        with pytest.raises(ValueError, match=r"^the plan has no shard with the id 4: it is for \(2, 3\)$"):
            made.for_shards([2, 4])

    def test_no_id_is_a_value_error(self) -> None:
        with pytest.raises(ValueError, match=r"^there are no shard_ids: give at least one$"):
            plan(make_info()).for_shards([])

    @pytest.mark.system
    @hypothesis.settings(max_examples=EXAMPLES // 2)
    @hypothesis.given(fleet=fleets())
    def test_a_fleet_of_processes_keeps_the_rules_as_a_whole(
        self,
        processes: multiprocessing.pool.Pool,
        fleet: tuple[hikari_sessions.GatewayBotInfo, startup.StartupPlan, list[list[int]]],
    ) -> None:
        info, made, machines = fleet
        pickled = pickle.dumps(made)
        reports = processes.starmap(gateway.identifies_of, [(pickled, ids) for ids in machines], chunksize=1)
        server = replay(info, [identify for report in reports for identify in report])
        assert server.online == collections.Counter(shard_id for ids in machines for shard_id in ids)


class TestTheGatewayOfTheTests:
    """The simulator refuses what Discord refuses, or it would prove nothing."""

    def server(self, **changes: typing.Any) -> gateway.Gateway:
        options: dict[str, typing.Any] = {"max_concurrency": 2, "total": 3, "remaining": 3, "reset_at": NOW, "now": NOW}
        return gateway.Gateway(**{**options, **changes})

    def test_it_refuses_two_identifies_with_one_key_in_five_seconds(self) -> None:
        server = self.server()
        server.identify(0, NOW)
        server.identify(1, NOW)
        with pytest.raises(gateway.RuleBrokenError, match="another with the key 0"):
            server.identify(2, NOW + seconds(4.999999))

    def test_it_refuses_more_identifies_than_are_left(self) -> None:
        server = self.server(remaining=1, reset_at=NOW + seconds(60))
        server.identify(0, NOW)
        with pytest.raises(gateway.RuleBrokenError, match="the token is reset"):
            server.identify(1, NOW + seconds(59))

    def test_it_counts_24_hours_from_the_first_identify(self) -> None:
        server = self.server()
        for number in range(3):
            server.identify(number, NOW + seconds(60 + 5 * number))
        with pytest.raises(gateway.RuleBrokenError, match="the token is reset"):
            server.identify(3, NOW + seconds(59) + DAY)
        server.identify(3, NOW + seconds(65) + DAY)
