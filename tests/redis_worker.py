"""One process of a bot, whose shards share a limiter in Redis.

It is run by `test_redis`, which reads when each shard would identify.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
import typing

import limits
from redis import asyncio as aioredis

from hikari_sessions.redis import RedisIdentifyLimiter


async def main(options: dict[str, typing.Any]) -> None:
    print("ready", flush=True)
    start_at = float(await asyncio.to_thread(sys.stdin.readline))

    def limit_of(total: int, left: int, reset: float, keys: int) -> typing.Any:
        return limits.make_limit(total, left, start_at + reset - time.time(), keys)

    if dies_after := options.get("dies_after"):
        kill = os.getpid(), signal.SIGKILL
        asyncio.get_running_loop().call_later(dies_after, os.kill, *kill)
    async with aioredis.Redis(unix_socket_path=options["socket"]) as client:
        limit = limit_of(*options["limit"])
        name, reserve = options["name"], options.get("reserve", 0)
        limiter = RedisIdentifyLimiter(client, limit, name=name, reserve=reserve)
        await asyncio.sleep(options.get("late", 0))
        await limiter.update(limit_of(*options.get("newer", options["limit"])))

        async def identify(shard_id: int) -> None:
            await limiter.wait(shard_id)
            print(time.time(), shard_id, flush=True)

        everyone = asyncio.gather(*map(identify, options["shards"]))
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(everyone, options.get("patience"))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
