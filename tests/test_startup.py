"""The start-up plan: which shards identify when."""

from __future__ import annotations

import collections
import collections.abc
import datetime
import pickle
import random
import types
import typing
import zoneinfo

import gateway
import hypothesis
import hypothesis.strategies as st
import pytest
from given import DAY, HOUR, NAIVE, NOW, Limit, make_limit, seconds

import hikari_sessions
from hikari_sessions import startup

Exceeded = hikari_sessions.SessionStartLimitExceededError
Ids: typing.TypeAlias = collections.abc.Iterable[int]
Times: typing.TypeAlias = list[tuple[float, tuple[int, ...]]]


TOTALS = st.integers(6, 205)
RESETS = st.floats(0, 300) | st.floats(0, DAY)
KEYS = st.sampled_from([1, 2, 3, 16, 64])
OPTIONS = st.fixed_dictionaries(
    {
        "shard_count": st.just(200),
        "shard_ids": st.sets(st.integers(0, 199), min_size=1)
        | st.integers(1, 200).map(range),
        "starts_at": st.integers(0, 100_000).map(
            lambda after: NOW + seconds(after)
        ),
        "identify_delay": st.sampled_from([5.5, 60, DAY]).map(seconds),
        "reserve": st.integers(0, 5),
    }
)


def make_info(limit: Limit, shards: int) -> typing.Any:
    """Make what Discord would send at 18:00 UTC."""
    with hikari_sessions.use_clock(lambda: NOW):
        return hikari_sessions.GatewayBotInfo(
            url="wss://a",
            shard_count=shards,
            session_start_limit=make_limit(*limit),
        )


def plan(
    limit: Limit = (999, 999, 0, 1), shards: int = 1, **options: typing.Any
) -> startup.StartupPlan:
    options.setdefault("starts_at", NOW)
    return startup.plan_startup(make_info(limit, shards), **options)


def times(made: startup.StartupPlan) -> Times:
    """List the batches, with the seconds since 18:00 UTC."""
    return [
        ((batch.starts_at - NOW).total_seconds(), batch.shard_ids)
        for batch in made.batches
    ]


# The limit, the shards, and when they start.
# fmt: off
WITHOUT_WAITING: list[tuple[Limit, Ids, Times]] = [
    # Buckets of max_concurrency shards, in order.
    ((9, 9, 0, 1), range(2), [(0, (0,)), (5.5, (1,))]),
    ((9, 9, 0, 2), range(5), [(0, (0, 1)), (5.5, (2, 3)), (11, (4,))]),
    ((9, 9, 0, 16), range(3), [(0, (0, 1, 2))]),
    ((9, 9, 0, 0), range(2), [(0, (0,)), (5.5, (1,))]),
    # Some shards: with one key, and with a crowded one.
    ((9, 9, 0, 16), [16, 0, 16], [(0, (0,)), (5.5, (16,))]),
    ((9, 9, 0, 2), [0, 2, 4, 3], [(0, (0, 3)), (5.5, (2,)), (11, (4,))]),
    # Exactly enough session starts, and more left than the total.
    ((9, 2, 60, 1), range(2), [(0, (0,)), (5.5, (1,))]),
    ((0, 2, 60, 1), range(2), [(0, (0,)), (5.5, (1,))]),
    # A pause around a reset, while a session start is left, isn't a wait.
    ((9, 2, 14, 1), range(3), [(0, (0,)), (24, (1,)), (29.5, (2,))]),
    ((9, 8, 10, 1), range(2), [(20, (0,)), (25.5, (1,))]),
    ((9, 8, 10.1, 1), range(2), [(0, (0,)), (20.1, (1,))]),
    ((9, 3, 4, 4), range(5), [(14, (0, 1, 2, 3)), (19.5, (4,))]),
]
WITH_WAITING: list[tuple[Limit, Ids, Times]] = [
    # One too few, none at all, and a reset just after a batch.
    ((9, 2, 60, 1), range(3), [(0, (0,)), (5.5, (1,)), (70, (2,))]),
    ((9, 0, 60, 1), range(2), [(70, (0,)), (75.5, (1,))]),
    ((9, 0, 0.5, 1), range(2), [(10.5, (0,)), (16, (1,))]),
    ((9, 2, 17, 1), range(3), [(0, (0,)), (5.5, (1,)), (27, (2,))]),
    # A batch that is cut short.
    ((9, 3, 60, 4), range(4), [(0, (0, 1, 2)), (70, (3,))]),
    # The most crowded key goes first.
    ((9, 1, 60, 3), [4, 6, 12], [(0, (6,)), (70, (4, 12))]),
    ((9, 1, 60, 2), [0, 1, 3], [(0, (1,)), (70, (0, 3))]),
    # The 24 hours begin with the first identify.
    ((1, 1, 0, 2), [0, 2, 4, 7, 9], [(0, (0,)), (DAY + 10, (2,)),
        (2 * DAY + 20, (7,)), (3 * DAY + 30, (4,)), (4 * DAY + 40, (9,))]),
]
# fmt: on


class TestBatches:
    @pytest.mark.parametrize("wait_for_reset", [True, False])
    @pytest.mark.parametrize(("limit", "shard_ids", "expected"), WITHOUT_WAITING)
    def test_shards_start_together_if_their_keys_differ(
        self, limit: Limit, shard_ids: Ids, expected: Times, *, wait_for_reset: bool
    ) -> None:
        made = plan(
            limit,
            shard_count=64,
            shard_ids=shard_ids,
            wait_for_reset=wait_for_reset,
        )
        assert times(made) == expected

    @pytest.mark.parametrize(("limit", "shard_ids", "expected"), WITH_WAITING)
    def test_a_plan_waits_for_a_reset_only_if_it_may(
        self, limit: Limit, shard_ids: Ids, expected: Times
    ) -> None:
        made = plan(limit, shard_count=64, shard_ids=shard_ids, wait_for_reset=True)
        assert times(made) == expected
        with pytest.raises(Exceeded):
            plan(limit, shard_count=64, shard_ids=shard_ids)

    def test_identify_delay_is_the_time_between_batches(self) -> None:
        made = plan(shard_count=2, identify_delay=seconds(5))
        assert times(made) == [(0, (0,)), (5, (1,))]

    def test_a_batch_cut_short_is_no_wait_unless_the_plan_gets_longer(self) -> None:
        # The reset comes between two batches.
        limit, delay = (9, 3, 15, 4), seconds(60)
        made = plan(limit, shard_count=5, identify_delay=delay)
        assert times(made) == [(0, (0, 1, 2)), (60, (3, 4))]
        with pytest.raises(Exceeded):
            plan(limit, shard_count=4, identify_delay=delay)

    def test_a_pause_with_none_left_is_a_wait_however_short(self) -> None:
        limit, delay = (9, 1, 11, 1), seconds(15)
        with pytest.raises(Exceeded):
            plan(limit, shard_count=2, identify_delay=delay)
        made = plan(limit, shard_count=2, identify_delay=delay, wait_for_reset=True)
        assert times(made) == [(0, (0,)), (21, (1,))]

    @pytest.mark.parametrize(
        ("starts_at", "first"), [(60, 70), (60.2, 70), (70, 70), (DAY, DAY)]
    )
    def test_a_limit_whose_reset_has_passed_is_full(
        self, starts_at: float, first: float
    ) -> None:
        moment = NOW + seconds(starts_at)
        made = plan((2, 0, 60, 1), shard_count=2, starts_at=moment)
        assert times(made) == [(first, (0,)), (first + 5.5, (1,))]
        with pytest.raises(Exceeded, match="needed, but only 2 left"):
            plan((2, 0, 60, 1), shard_count=3, starts_at=moment)

    def test_a_day_has_24_hours_when_the_clocks_change(self) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        noon = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=berlin)
        limit = types.SimpleNamespace(
            total=1,
            remaining=0,
            max_concurrency=1,
            reset_after=seconds(3 * HOUR),
            reset_at=noon,
        )
        info: typing.Any = types.SimpleNamespace(
            shard_count=2, session_start_limit=limit
        )
        made = startup.plan_startup(
            info, starts_at=noon.replace(hour=9), wait_for_reset=True
        )
        assert [batch.starts_at.isoformat() for batch in made.batches] == [
            "2026-03-28T12:00:10+01:00",
            "2026-03-29T12:00:20+01:00",
        ]

    @hypothesis.given(
        limit=st.tuples(TOTALS, st.integers(0, 225), RESETS, KEYS),
        options=OPTIONS,
        latency=st.randoms(use_true_random=False),
    )
    def test_the_gateway_accepts_every_fleet(
        self, limit: Limit, options: dict[str, typing.Any], latency: random.Random
    ) -> None:
        made = plan(limit, **options, wait_for_reset=True)
        arrivals = sorted(
            (batch.starts_at + seconds(latency.uniform(0, 0.4)), shard_id)
            for batch in made.batches
            for shard_id in batch.shard_ids
        )
        told = make_info(limit, 1).session_start_limit
        server = gateway.Gateway.of(told, options["starts_at"])
        for moment, shard_id in arrivals:
            server.identify(shard_id, moment)
            assert server.left >= min(options["reserve"], told.remaining)
        ids = options["shard_ids"]
        assert server.online == collections.Counter(ids)
        assert made.shard_ids == tuple(sorted(ids))

        crowds: dict[int, list[int]] = {}
        for batch in made.batches:
            assert batch.shard_ids == tuple(sorted(batch.shard_ids))
            for shard_id in batch.shard_ids:
                crowds.setdefault(shard_id % told.max_concurrency, []).append(
                    shard_id
                )
        assert all(crowd == sorted(crowd) for crowd in crowds.values())
        most_crowded = max(map(len, crowds.values()))
        assert most_crowded <= len(made.batches) <= most_crowded + server.resets
        try:
            assert plan(limit, **options) == made
        except Exceeded:
            assert server.resets


class TestArguments:
    def test_the_plan_starts_the_recommended_shards_now_by_default(self) -> None:
        with hikari_sessions.use_clock(lambda: NOW):
            made = startup.plan_startup(make_info((9, 9, 0, 1), 9))
        assert (made.starts_at, made.shard_ids) == (NOW, tuple(range(9)))
        assert (made.shard_count, made.max_concurrency) == (9, 1)
        assert plan(shards=9, shard_count=3).shard_ids == (0, 1, 2)
        most = plan(shard_count=1_000_000, shard_ids=[999_999])
        assert most.shard_ids == (999_999,)

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"shard_count": None, "shard_ids": [0]}, TypeError, "shard_ids need"),
            ({"shard_count": 2.0}, TypeError, "shard_count must be an integer"),
            ({"shard_ids": "01"}, TypeError, "in shard_ids must be an integer"),
            ({"reserve": 1.0}, TypeError, "reserve must be an integer, not 1.0"),
            (
                {"identify_delay": 5},
                TypeError,
                "identify_delay must be a timedelta",
            ),
            ({"starts_at": 5}, TypeError, "starts_at must be a timezone-aware"),
            ({"shard_count": 0}, ValueError, "must be from 1 to"),
            ({"shard_count": 1_000_001}, ValueError, "must be from 1 to 1,000,000"),
            (
                {"shard_count": None, "shards": 2**62},
                ValueError,
                "must be from 1 to 1,000,000",
            ),
            ({"shard_ids": [0, 3]}, ValueError, "must be from 0 to 2, not 3"),
            ({"shard_ids": [0, -1]}, ValueError, "must be from 0 to 2, not -1"),
            ({"shard_ids": []}, ValueError, "shard_ids must have at least one id"),
            ({"reserve": -1}, ValueError, "reserve must be 0 or more, not -1"),
            (
                {"identify_delay": seconds(4)},
                ValueError,
                "identify_delay must be five",
            ),
            ({"starts_at": NAIVE}, ValueError, "starts_at must be timezone-aware"),
            ({"identify_delay": seconds(3e11)}, ValueError, "after the year 9999"),
            ({"starts_at": NOW.replace(9999, 12, 31)}, ValueError, "the year 9999"),
        ],
    )
    def test_an_invalid_one_is_an_error_that_names_it(
        self, options: dict[str, typing.Any], error: type[Exception], message: str
    ) -> None:
        options.setdefault("shard_count", 3)
        with pytest.raises(error, match=message):
            plan(**options)


class TestError:
    @pytest.mark.parametrize(
        ("limit", "reserve", "remaining", "reset_after"),
        [((9, 3, 60, 1), 1, 2, 60), ((2, 2, 0, 1), 0, 2, DAY)],
    )
    def test_it_says_how_many_session_starts_are_missing(
        self, limit: Limit, reserve: int, remaining: int, reset_after: float
    ) -> None:
        with pytest.raises(Exceeded) as caught:
            plan(limit, shard_count=8, reserve=reserve)
        reset_at = NOW + seconds(reset_after)
        assert caught.value.args == (8, remaining, limit[0], reset_at, reserve)

    @pytest.mark.parametrize("waits", [True, False])
    @pytest.mark.parametrize(
        ("total", "remaining", "reserve", "left"),
        [(0, 0, 0, 0), (5, 5, 5, 0), (5, 3, 5, 0), (0, 1, 0, 1)],
    )
    def test_it_is_raised_if_no_reset_brings_enough(
        self, total: int, remaining: int, reserve: int, left: int, *, waits: bool
    ) -> None:
        message = f" {left or 'none'} left.* brings only {max(0, total - reserve)}$"
        limit = (total, remaining, 60, 1)
        with pytest.raises(Exceeded, match=message):
            plan(limit, shard_count=2, reserve=reserve, wait_for_reset=waits)


class TestValues:
    def test_they_are_frozen_and_compare_by_value_hash_and_pickle(self) -> None:
        made = plan((9, 9, 0, 2), shard_count=5)
        again = pickle.loads(pickle.dumps(made))  # noqa: S301
        assert again == made
        assert hash(again) == hash(made)
        assert made != plan((9, 9, 0, 2), shard_count=6)
        for value, name in (made, "shard_count"), (made.batches[0], "shard_ids"):
            with pytest.raises(AttributeError):
                setattr(value, name, ())

    def test_their_repr_is_short(self) -> None:
        made = plan((999, 999, 0, 10), shard_count=104)
        assert repr(made) == (
            "StartupPlan(batches=<11 in all>, shard_count=104, max_concurrency=10)"
        )
        first, last = repr(made.batches[0]), repr(made.batches[-1])
        assert first.endswith(", shard_ids=(0, 1, 2, 3, … 10 in all))")
        assert last.endswith(", shard_ids=(100, 101, 102, 103))")


class TestForShards:
    def test_a_part_has_the_same_instants_and_only_its_shards(self) -> None:
        made = plan((99, 99, 0, 10), shard_count=30)
        part = made.for_shards(iter([8, 1, 11, 20, 8]))
        assert times(part) == [(0, (1, 8)), (5.5, (11,)), (11, (20,))]
        assert (part.starts_at, part.duration) == (NOW, seconds(11))
        assert (part.shard_count, part.max_concurrency) == (30, 10)
        assert made.for_shards(range(30)) == made

    @pytest.mark.parametrize(
        ("shard_ids", "message"),
        [([2, 4], r"no shard 4.*\(2, 3\)"), ([], "at least one")],
    )
    def test_an_unknown_id_or_no_id_is_a_value_error(
        self, shard_ids: list[int], message: str
    ) -> None:
        made = plan(shard_count=9, shard_ids=[2, 3])
        with pytest.raises(ValueError, match=message):
            made.for_shards(shard_ids)
