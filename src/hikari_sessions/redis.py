"""The identify limiter for many machines, which share it in Redis.

It needs the `redis` extra.
"""

from __future__ import annotations

__all__ = ("RedisIdentifyLimiter",)

import datetime
import json
import secrets
import typing

import attrs

from hikari_sessions import limiter, protocols, rules, sessions

try:
    from redis import asyncio as aioredis
except ImportError as _error:
    _msg = f"{_error}: run pip install redis"
    raise ImportError(_msg) from _error

# Stores a changed ledger if the one that it was made from is still there. The
# change then counts as made now, not when that was read. If that was over two
# seconds ago, the change has to be decided anew. Times are in microseconds, by the
# server's clock.
_SWAP: typing.Final = """
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
local stored = redis.call('GET', KEYS[1]) or ''
local read, changed, read_at = ARGV[1], ARGV[2], ARGV[3]
if changed == '' or stored ~= read or now - read_at > 2000000 then
    return {0, stored, now}
end
stored = string.gsub(changed, read_at, now)
redis.call('SET', KEYS[1], stored)
return {1, stored, now}
"""


class RedisIdentifyLimiter(limiter.LimiterBase):
    """Says when each shard may identify, for all processes and machines of a bot.

    It follows the same rules as `IdentifyLimiter`, by the Redis server's clock, so
    the clocks of the machines needn't agree. While Redis can't be reached, every
    method raises redis-py's exception, and no shard identifies. If Redis loses its
    data, the processes restore what they have seen of it, and each rate limit key
    waits once.

    Parameters
    ----------
    client
        Your own client for Redis or a Redis cluster.
    name
        The name of the bot. Limiters with the same name share the session starts.
    limit
        As for `IdentifyLimiter`. When you first use the limiter, it updates what is
        in Redis.
    identify_delay, reserve
        As for `IdentifyLimiter`; the same in every process.

    Raises
    ------
    SessionStartLimitExceededError, TypeError, ValueError
        As `IdentifyLimiter` does.
    """

    def __init__(
        self,
        client: aioredis.Redis | aioredis.RedisCluster,
        limit: protocols.SessionStartLimitLike,
        *,
        name: str,
        identify_delay: datetime.timedelta = rules.IDENTIFY_DELAY,
        reserve: int = 0,
    ) -> None:
        super().__init__(limit, identify_delay, reserve)
        self._run(self._rules.check, self._ledger, self._clock())
        self._key = f"hikari-sessions:{name}"
        self._script = client.register_script(_SWAP)
        # How far the server's clock is ahead of the steady one, once it's known.
        self._ahead = datetime.timedelta(0)
        self._seen: _State | None = None
        self._process = secrets.token_hex(4)

    async def acquire(self, shard_id: int) -> datetime.timedelta:
        """Ask whether a shard may identify now, as `IdentifyLimiter.acquire` does.

        Parameters
        ----------
        shard_id
            The id of the shard, 0 or more.

        Returns
        -------
        datetime.timedelta
            Zero if the shard may identify *now*; otherwise, how long to wait before
            asking again.

        Raises
        ------
        redis.RedisError
            If Redis can't be reached, or can't run the script.
        SessionStartLimitExceededError, TypeError, ValueError
            As `IdentifyLimiter.acquire` does.
        """
        return await self._change(
            lambda ledger, now: self._rules.acquire(ledger, shard_id, now)
        )

    async def wait(self, shard_id: int) -> None:
        """Wait until a shard may identify.

        Have it identify right after that. Within a process, each rate limit key is
        first come, first served. Raises the same errors as `acquire`.

        Parameters
        ----------
        shard_id
            The id of the shard, 0 or more.
        """
        await self._wait_in_line(shard_id, self.acquire)

    async def update(self, limit: protocols.SessionStartLimitLike) -> None:
        """Take a newer response from Discord into account, for all processes.

        It follows the same rules as `IdentifyLimiter.update`, and raises the same
        errors as `acquire`.

        Parameters
        ----------
        limit
            The newer `SessionStartLimit`, or any object with its attributes.
        """
        self._pending.append(self._read(limit))
        await self._change(self._rules.check)

    async def session_start_limit(self) -> sessions.SessionStartLimit:
        """Return what Discord would send now, as far as the limiter knows.

        Raises the same errors as `acquire`.

        Returns
        -------
        SessionStartLimit
            The limit, as `IdentifyLimiter.session_start_limit` returns it.
        """
        return await self._change(self._show)

    def _now(self) -> datetime.datetime:
        return self._clock() + self._ahead

    async def _change(self, action: limiter.Action[limiter.T]) -> limiter.T:
        # One at a time, since a bot can have more keys than its pool has
        # connections.
        async with self._line(None):
            _, text, now = await self._swap()
            while True:
                pending = len(self._pending)
                state = self._load(text, now)
                outcome: limiter.T | rules.SessionStartLimitExceededError
                try:
                    outcome = self._run(action, state.ledger, now)
                except rules.SessionStartLimitExceededError as error:
                    outcome = error
                if text and state == _State.from_json(text):
                    break
                state.note_change(self._process, now)
                is_stored, text, now = await self._swap(
                    text, state.to_json(), rules.to_microseconds(now)
                )
                if is_stored:
                    break
            self._ahead = now - self._clock()
            self._seen = _State.from_json(text)
            self._ledger = self._seen.ledger
            del self._pending[:pending]
        if isinstance(outcome, rules.SessionStartLimitExceededError):
            raise outcome
        return outcome

    async def _swap(
        self, read: str = "", changed: str = "", read_at: int = 0
    ) -> tuple[bool, str, datetime.datetime]:
        """Run the script; return whether it stored, what is there, and the time."""
        args: list[str | int] = [read, changed, read_at]
        is_stored, text, now = await self._script(keys=[self._key], args=args)
        text = text if isinstance(text, str) else text.decode()
        return bool(is_stored), text, rules.from_microseconds(int(now))

    def _load(self, text: str, now: datetime.datetime) -> _State:
        """Bring what Redis has up to date with what it has lost or wasn't told."""
        self._ahead = now - self._clock()
        found, seen = _State.from_json(text) if text else None, self._seen
        if seen and not (found and found.follows(seen, now)):
            # Redis has lost some of it: add what this process has seen.
            found = seen.joined(found, now)
        state = found or _State(self._by_server(self._ledger), {})
        for newer in self._pending:
            state.ledger.update(self._by_server(newer), now)
        return state

    def _by_server(self, ledger: rules.Ledger) -> rules.Ledger:
        """Convert a response's times to the server's clock."""
        return attrs.evolve(
            ledger,
            told_at=ledger.told_at + self._ahead,
            reset_at=ledger.reset_at and ledger.reset_at + self._ahead,
            identified_at={},
        )


class _State(typing.NamedTuple):
    """What Redis stores: a ledger, and what shows whether some of it was lost."""

    ledger: rules.Ledger
    # When each process last changed it, for a day.
    changed_at: dict[str, int]

    @classmethod
    def from_json(cls, text: str) -> _State:
        values = json.loads(text)
        return cls(rules.Ledger.from_values(values["ledger"]), values["changed_at"])

    def to_json(self) -> str:
        values = {"ledger": self.ledger.to_values(), "changed_at": self.changed_at}
        return json.dumps(values)

    def joined(self, found: _State | None, now: datetime.datetime) -> _State:
        """Return this state plus what Redis still has; each key waits once."""
        state = _State(self.ledger.without_identifies(now), {**self.changed_at})
        if found:
            state.ledger.merge(found.ledger, now)
            for process, at in found.changed_at.items():
                state.changed_at[process] = max(at, self.changed_at.get(process, 0))
        return state

    def note_change(self, process: str, now: datetime.datetime) -> None:
        day_ago = rules.to_microseconds(now - rules.LIMIT_PERIOD)
        for each in [key for key, at in self.changed_at.items() if at <= day_ago]:
            del self.changed_at[each]
        last = self.changed_at.get(process, 0)
        self.changed_at[process] = max(last + 1, rules.to_microseconds(now))

    def follows(self, seen: _State, now: datetime.datetime) -> bool:
        """Return whether this has every change of the last day that `seen` has."""
        day_ago = rules.to_microseconds(now - rules.LIMIT_PERIOD)
        return all(
            self.changed_at.get(process, 0) >= at
            for process, at in seen.changed_at.items()
            if at > day_ago
        )
