"""One process of a bot, whose shards share a limiter with other processes.

`test_sharing` runs it, and reads when each shard would identify.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pathlib
import signal
import sys
import time
import typing

import time_machine
from given import Limit, make_limit
from redis import asyncio as aioredis
from redis import backoff
from redis.asyncio import retry

from hikari_sessions.redis import RedisIdentifyLimiter
from hikari_sessions.sqlite import SQLiteIdentifyLimiter


async def main(  # noqa: PLR0913
    store: str,
    path: str,
    limit: Limit,
    shards: list[int],
    *,
    fetches_after: float = 0,
    comes_after: float = 0,
    patience: float | None = None,
    reserve: int = 0,
    wall_steps: list[tuple[float, float]] | None = None,
    loses_all_after: float | None = None,
    dies_after: float | None = None,
) -> None:
    retries = retry.Retry(backoff.ConstantBackoff(0.1), 100)
    client: typing.Any = aioredis.Redis(unix_socket_path=path, retry=retries)
    wall = time_machine.travel(time.time(), tick=True).start()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    loop = asyncio.get_running_loop()

    async def lose_all(after: float) -> None:
        await asyncio.sleep(after)
        if store == "redis":
            await client.flushall()
        else:
            await asyncio.to_thread(pathlib.Path(path).unlink)

    for after, step in wall_steps or ():
        loop.call_later(after, wall.shift, step)
    if dies_after:
        loop.call_later(dies_after, os.kill, os.getpid(), signal.SIGKILL)
    await asyncio.sleep(fetches_after)
    total, left, reset_after, keys = limit
    told = make_limit(total, left, reset_after - fetches_after, keys)
    await asyncio.sleep(comes_after - fetches_after)
    gate: typing.Any = (
        RedisIdentifyLimiter(client, told, name="bot", reserve=reserve)
        if store == "redis"
        else SQLiteIdentifyLimiter(path, told, reserve=reserve)
    )

    async def identify(shard_id: int) -> None:
        await gate.wait(shard_id)
        print(time.monotonic(), shard_id, flush=True)

    everything = [identify(shard_id) for shard_id in shards]
    if loses_all_after:
        everything.append(lose_all(loses_all_after))
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.gather(*everything), patience)
    await client.aclose()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
