"""Discord's identify rules, in one place, as plain values and functions.

Nothing here reads a clock, sleeps, locks or stores: the moment is an argument. So
the same rules apply in memory, in a file, in Redis and in a plan. The source is
Discord's gateway documentation: "Rate Limiting", "Max Concurrency" and "Session
Start Limit Object".
"""

from __future__ import annotations

__all__ = (
    "IDENTIFY_DELAY",
    "LIMIT_PERIOD",
    "MIN_IDENTIFY_DELAY",
    "RESET_MARGIN",
    "SessionStartLimitExceededError",
)

import datetime
import operator
import typing

import attrs

from hikari_sessions import protocols

MIN_IDENTIFY_DELAY: typing.Final = datetime.timedelta(seconds=5)
"""How long after an identify Discord accepts another with the same key."""

IDENTIFY_DELAY: typing.Final = datetime.timedelta(seconds=5.5)
"""The default: Discord counts identifies as they arrive, not as they are sent."""

LIMIT_PERIOD: typing.Final = datetime.timedelta(hours=24)
"""How long a session start limit lasts, from the first identify that it counts."""

RESET_MARGIN: typing.Final = datetime.timedelta(seconds=10)
"""How long before and after a reset nothing identifies.

Only Discord's clock decides in which 24 hours an identify counts. Ours differs by
latency, by drift (4 s a day for a common quartz crystal), and by a first identify
that was lost on the way and sent again.
"""

# By then, Discord has counted an identify.
_COUNTED_AFTER: typing.Final = datetime.timedelta(minutes=1)

_NO_TIME: typing.Final = datetime.timedelta(0)
_EPOCH: typing.Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND: typing.Final = datetime.timedelta(microseconds=1)


@attrs.define(eq=False, slots=False)
class SessionStartLimitExceededError(Exception):
    """There aren't enough session starts left."""

    required: int
    """How many session starts are needed."""

    remaining: int
    """How many are left until the reset, not counting the reserve."""

    total: int
    """How many there are after a reset, including the reserve."""

    reset_at: datetime.datetime
    """When the limit resets, timezone-aware; if it's full, 24 hours from now."""

    reserve: int = 0
    """How many session starts are kept in reserve."""

    def __str__(self) -> str:
        starts = "session start" if self.required == 1 else "session starts"
        left = f"only {self.remaining:,}" if self.remaining else "none"
        kept = f" besides the reserve of {self.reserve:,}" if self.reserve else ""
        lack = f"{self.required:,} {starts} needed, but {left} left{kept}"
        when = f"{self.reset_at:%Y-%m-%d %H:%M:%S %Z}"
        most = max(0, self.total - self.reserve)
        if self.required > most:
            return f"{lack}; even the reset at {when} brings only {most:,}"
        return f"{lack}; wait until the limit resets to {self.total:,} at {when}"


@attrs.define(kw_only=True, order=False, weakref_slot=False)
class Ledger:
    """What is known of a bot's session starts, by the clock of whoever keeps it."""

    total: int
    """The session starts that the bot is allowed per 24 hours."""

    remaining: int
    """The session starts left in the current 24 hours."""

    max_concurrency: int
    """How many rate limit keys there are, 1 or more."""

    reset_at: datetime.datetime | None
    """When the limit resets; None while it's full, until its first identify."""

    told_at: datetime.datetime
    """When the newest response that counts here was decoded."""

    identified_at: dict[int, datetime.datetime] = attrs.field(
        factory=dict[int, datetime.datetime]
    )
    """The last identify with each rate limit key, in chronological order."""

    any_identified_at: datetime.datetime | None = None
    """The last identify before those in `identified_at`, with any key."""

    @classmethod
    def of(
        cls, limit: protocols.SessionStartLimitLike, told_at: datetime.datetime
    ) -> Ledger:
        """Start a ledger with what Discord said at a moment."""
        is_full = limit.remaining >= limit.total
        return cls(
            total=limit.total,
            remaining=limit.remaining,
            max_concurrency=max(1, limit.max_concurrency),
            reset_at=None if is_full else told_at + limit.reset_after,
            told_at=told_at,
        )

    @classmethod
    def from_values(cls, values: dict[str, typing.Any]) -> Ledger:
        """Read what `to_values` returned, even after a trip through JSON."""

        def moment(number: int | None) -> typing.Any:
            return None if number is None else from_microseconds(number)

        keys = values["identified_at"].items()
        times = "reset_at", "told_at", "any_identified_at"
        values = values | {name: moment(values[name]) for name in times}
        values["identified_at"] = {int(key): moment(number) for key, number in keys}
        return cls(**values)

    def to_values(self) -> dict[str, typing.Any]:
        """Return the ledger as plain values, with its times in microseconds."""

        def plain(_: object, __: object, value: typing.Any) -> object:
            is_moment = isinstance(value, datetime.datetime)
            return to_microseconds(value) if is_moment else value

        return attrs.asdict(self, value_serializer=plain)

    @property
    def last_identified_at(self) -> datetime.datetime | None:
        """When a shard last identified, with whichever key."""
        return next(reversed(self.identified_at.values()), self.any_identified_at)

    def bring_to(self, now: datetime.datetime) -> None:
        """Reset the limit if it's time, and leave nothing in the future."""
        last = self.last_identified_at
        if self.told_at > now or (last and last > now):
            # The clock was set back.
            self.told_at = min(self.told_at, now)
            for key, moment in self.identified_at.items():
                self.identified_at[key] = min(moment, now)
            if self.any_identified_at:
                self.any_identified_at = min(self.any_identified_at, now)
        if self.reset_at:
            until_reset = self.reset_at - now
            if until_reset <= -RESET_MARGIN:
                self.remaining, self.reset_at = self.total, None
            elif until_reset > LIMIT_PERIOD:
                self.reset_at = now + LIMIT_PERIOD

    def left_at(self, now: datetime.datetime) -> tuple[int, datetime.timedelta]:
        """Return the `remaining` and the `reset_after` that Discord would send."""
        if self.reset_at is None:
            return self.remaining, _NO_TIME
        if self.reset_at <= now:
            return self.total, _NO_TIME
        return max(0, self.remaining), self.reset_at - now

    def update(self, newer: Ledger, now: datetime.datetime) -> None:
        """Take a newer response of Discord's into account."""
        self.bring_to(now)
        if newer.told_at < self.told_at:
            return
        last = self.last_identified_at
        if last and newer.told_at - last < _COUNTED_AFTER:
            self._take(newer, *self._joined(newer))
        else:
            self._take(newer, newer.total - newer.remaining, newer.reset_at)
        self.bring_to(now)

    def merge(self, other: Ledger, now: datetime.datetime) -> None:
        """Add what another process knows, after the ledger they shared was lost."""
        self.bring_to(now)
        newest = max(self, other, key=lambda ledger: ledger.told_at)
        self._take(newest, *self._joined(other))
        self.bring_to(now)

    def without_identifies(self, now: datetime.datetime) -> Ledger:
        """Return a copy in which each key has to wait once."""
        return attrs.evolve(self, identified_at={}, any_identified_at=now)

    def _joined(self, other: Ledger) -> tuple[int, datetime.datetime | None]:
        """Return the starts used and the reset; either ledger may lack some."""
        used = self.total - self.remaining
        other_used = other.total - other.remaining
        if self.reset_at and other.reset_at:
            later_by = other.reset_at - self.reset_at
            if later_by < -LIMIT_PERIOD / 2:  # It's about the previous 24 hours.
                return used, self.reset_at
            if later_by > LIMIT_PERIOD / 2:  # It's about the next 24 hours.
                return other_used, other.reset_at
        return max(used, other_used), other.reset_at or self.reset_at

    def _take(
        self, newer: Ledger, used: int, reset_at: datetime.datetime | None
    ) -> None:
        self.total, self.remaining = newer.total, newer.total - used
        self.reset_at, self.told_at = reset_at, newer.told_at
        if newer.max_concurrency != self.max_concurrency:
            self.max_concurrency = newer.max_concurrency
            # Earlier identifies may have had any of the new keys.
            self.any_identified_at = self.last_identified_at
            self.identified_at.clear()


@attrs.frozen(order=False, weakref_slot=False)
class Rules:
    """Discord's rules, with the delay and the reserve that a bot chose."""

    identify_delay: datetime.timedelta
    reserve: int

    def __attrs_post_init__(self) -> None:
        delay = self.identify_delay
        # For callers who don't type-check.
        if not isinstance(delay, datetime.timedelta):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"identify_delay must be a timedelta, not {delay!r}"
            raise TypeError(msg)
        if delay < MIN_IDENTIFY_DELAY:
            msg = f"identify_delay must be five seconds or more, not {delay}"
            raise ValueError(msg)
        as_integer("reserve", self.reserve)

    def acquire(
        self, ledger: Ledger, shard_id: int, now: datetime.datetime
    ) -> datetime.timedelta:
        """Take a session start and return zero, or return how long to wait."""
        key = as_integer("shard_id", shard_id) % ledger.max_concurrency
        self.check(ledger, now)
        wait = _NO_TIME
        if ledger.reset_at:
            until_reset = ledger.reset_at - now
            if ledger.remaining <= self.reserve or until_reset <= RESET_MARGIN:
                wait = until_reset + RESET_MARGIN
        if last := ledger.identified_at.get(key, ledger.any_identified_at):
            wait = max(wait, self.identify_delay - (now - last))
        if not wait:
            # Removed first, so that the latest identify stays last.
            ledger.identified_at.pop(key, None)
            ledger.identified_at[key] = now
            ledger.remaining -= 1
            ledger.reset_at = ledger.reset_at or now + LIMIT_PERIOD
        return wait

    def check(self, ledger: Ledger, now: datetime.datetime) -> None:
        """Raise an error if no session start is free, now or after any reset."""
        ledger.bring_to(now)
        if ledger.remaining <= self.reserve and ledger.total <= self.reserve:
            reset_at = ledger.reset_at or now + LIMIT_PERIOD
            raise SessionStartLimitExceededError(
                1, 0, ledger.total, reset_at, self.reserve
            )


def to_microseconds(moment: datetime.datetime) -> int:
    """Convert a moment to the number that stands for it in plain values."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(number: int) -> datetime.datetime:
    """Convert a number that `to_microseconds` returned back to its moment."""
    return _EPOCH + number * _MICROSECOND


def as_integer(
    name: str, value: int, least: int = 0, most: int | None = None
) -> int:
    """Check an integer argument; an error names it."""
    try:
        number = operator.index(value)
    except TypeError:
        msg = f"{name} must be an integer, not {value!r}"
        raise TypeError(msg) from None
    if number < least or (most is not None and number > most):
        range_ = f"{least} or more" if most is None else f"from {least} to {most:,}"
        msg = f"{name} must be {range_}, not {number:,}"
        raise ValueError(msg)
    return number
