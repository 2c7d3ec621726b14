"""The identify limiter for many machines, which share it in Redis.

It needs the extra `hikari-sessions[redis]`.
"""

from __future__ import annotations

__all__ = ("RedisIdentifyLimiter",)

import asyncio
import datetime
import functools
import typing

from redis import asyncio as aioredis

from hikari_sessions import limiter, protocols
from hikari_sessions.internal import time

_MILLISECOND: typing.Final = datetime.timedelta(milliseconds=1)

# The rules of `IdentifyLimiter`, by the clock of the Redis server. Times are in
# milliseconds, and the `reset_at` of a full limit is empty.
_SCRIPT: typing.Final = """
local budget = KEYS[1]
local is_update = ARGV[1] == 'update'
local total, remaining = tonumber(ARGV[2]), tonumber(ARGV[3])
local max_concurrency, reset_after = ARGV[4], tonumber(ARGV[5])
local window_delay, reserve = ARGV[6], tonumber(ARGV[7])
local margin, day = tonumber(ARGV[8]), tonumber(ARGV[9])
local shard_id = tonumber(ARGV[10])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local known = redis.call('HMGET', budget, 'total', 'remaining', 'reset_at', 'keys')
local known_reset_at = tonumber(known[3])
if known_reset_at and now - known_reset_at >= margin then
    known_reset_at = nil
end
if known[1] and not is_update then
    total, max_concurrency = tonumber(known[1]), known[4]
end

-- What this process was told, unless its 24 hours are over.
local reset_at = now + reset_after
local is_over = now - reset_at >= margin
    or (known_reset_at and reset_at - (known_reset_at - day) < 2 * margin)
if remaining == tonumber(ARGV[2]) or is_over then
    remaining, reset_at = total, nil
end
-- What all processes know, if it's about the same 24 hours.
if known_reset_at and (not reset_at or reset_at - known_reset_at < day / 2) then
    remaining = math.min(remaining, tonumber(known[2]))
    reset_at = is_update and reset_at or known_reset_at
end

-- Not in KEYS, since they depend on max_concurrency; they have the same hash tag.
local identified = budget .. ':' .. shard_id % tonumber(max_concurrency)
local any_identified = budget .. ':any'
local wait = math.max(
    redis.call('PTTL', identified), redis.call('PTTL', any_identified), 0)
local is_used_up = remaining <= reserve
if reset_at and (is_used_up or reset_at - now <= margin) then
    wait = math.max(wait, reset_at - now + margin)
end
if is_update and known[1] and known[4] ~= max_concurrency then
    redis.call('SET', any_identified, 1, 'PX', window_delay)
end
if is_used_up and total <= reserve then
    wait = -1
elseif not is_update and wait == 0 then
    redis.call('SET', identified, 1, 'PX', window_delay)
    remaining = remaining - 1
    reset_at = reset_at or now + day
end
redis.call('HSET', budget, 'total', total, 'remaining', remaining,
    'reset_at', reset_at or '', 'keys', max_concurrency)
local reset_after_now = (reset_at or now + day) - now
return {wait, math.max(0, remaining - reserve), total, reset_after_now}
"""


class RedisIdentifyLimiter:
    """Says when each shard may identify, for all processes and machines of a bot.

    The rules are those of `IdentifyLimiter`, by the clock of the Redis server, so
    the clocks of the machines needn't agree. While Redis can't be reached, every
    method raises redis-py's exception, and no shard identifies. If Redis loses its
    data, this process goes by the limit that it was last given, until the next
    `update`.

    Parameters
    ----------
    client
        Your own client for Redis or a Redis cluster.
    name
        The name of the bot. Limiters with the same name share the session starts.
    limit, window_delay, reserve
        As for `IdentifyLimiter`.

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
        window_delay: datetime.timedelta = limiter.WINDOW_DELAY,
        reserve: int = 0,
    ) -> None:
        # This checks the arguments.
        limiter.IdentifyLimiter(limit, window_delay=window_delay, reserve=reserve)
        self._limit = limit
        # The braces are the hash tag that keeps a bot's keys together in a cluster.
        self._key = f"hikari-sessions:{{{name}}}"
        self._window_delay = window_delay
        self._reserve = limiter.as_integer("reserve", reserve)
        self._script = client.register_script(_SCRIPT)
        self._lines: dict[tuple[object, int], asyncio.Lock] = {}

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
        shard_id = limiter.as_integer("shard_id", shard_id)
        return await self._run("acquire", shard_id)

    async def wait(self, shard_id: int) -> None:
        """Wait until a shard may identify.

        Let it identify right after that. Within a process, each rate limit key is
        first come, first served. The errors are those of `acquire`.

        Parameters
        ----------
        shard_id
            The id of the shard, 0 or more.
        """
        key = limiter.as_integer("shard_id", shard_id) % self._max_concurrency
        ask = functools.partial(self.acquire, shard_id)
        await limiter.wait_in_line(self._lines, key, ask)

    async def update(self, limit: protocols.SessionStartLimitLike) -> None:
        """Take a newer response from Discord into account, for all processes.

        The rule is that of `IdentifyLimiter.update`, and the errors are those of
        `acquire`.

        Parameters
        ----------
        limit
            The newer `SessionStartLimit`, or any object with its attributes.
        """
        self._limit = limit
        await self._run("update", shard_id=0)

    @property
    def _max_concurrency(self) -> int:
        return max(1, self._limit.max_concurrency)

    async def _run(self, action: str, shard_id: int) -> datetime.timedelta:
        limit, now = self._limit, time.local_datetime()
        reset_at = time.at_fixed_offset("reset_at", limit.reset_at)
        args: list[int | str] = [
            action,
            limit.total,
            limit.remaining,
            self._max_concurrency,
            (reset_at - now) // _MILLISECOND,
            -(-self._window_delay // _MILLISECOND),
            self._reserve,
            limiter.RESET_MARGIN // _MILLISECOND,
            limiter.SESSION_START_WINDOW // _MILLISECOND,
            shard_id,
        ]
        keys = [self._key]
        wait, left, total, reset_after = await self._script(keys=keys, args=args)
        if wait < 0:
            reset_at = now + reset_after * _MILLISECOND
            raise limiter.SessionStartLimitExceededError(
                1, left, total, reset_at, self._reserve
            )
        return datetime.timedelta(milliseconds=wait)
