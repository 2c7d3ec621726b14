"""A small Discord on loopback that enforces the identify rules on real bots.

It serves `GET /gateway/bot`, the gateway, and the little else that the libraries
ask for when they start. An identify that breaks a rule is answered with Invalid
Session, and noted in `broken`.
"""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import datetime
import functools
import json
import typing
import zlib

import gateway
from aiohttp import web

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
URL = "wss://gateway.discord.gg/"
USER = json.loads("""{
    "id": "1", "username": "bot", "discriminator": "0", "avatar": null, "flags": 0,
    "bot": true, "mfa_enabled": true
}""")
APPLICATION = json.loads("""{
    "id": "1", "name": "bot", "icon": null, "description": "", "bot_public": false,
    "bot_require_code_grant": false, "verify_key": "", "team": null, "flags": 0
}""")


class Connection:
    """A WebSocket, compressed as the library asks."""

    def __init__(self, request: web.Request) -> None:
        self.socket = web.WebSocketResponse(compress=False)
        is_compressed = request.query.get("compress") == "zlib-stream"
        self.zlib = zlib.compressobj() if is_compressed else None
        self.events = 0

    async def send(self, op: int, data: object, event: str | None = None) -> None:
        self.events += event is not None
        seq = self.events if event else None
        payload = json.dumps({"op": op, "d": data, "t": event, "s": seq})
        if self.zlib:
            compressed = self.zlib.compress(payload.encode())
            await self.socket.send_bytes(
                compressed + self.zlib.flush(zlib.Z_SYNC_FLUSH)
            )
        else:
            await self.socket.send_str(payload)


class SmallDiscord:
    """Judges identifies, and counts them."""

    def __init__(
        self,
        *,
        shards: int = 1,
        max_concurrency: int = 1,
        remaining: int = 1000,
        reset_after: float = 14400,
    ) -> None:
        self.shards = shards
        self.max_concurrency = max_concurrency
        self.remaining = remaining
        self.reset_after = datetime.timedelta(seconds=reset_after)
        self.port = 0
        # The ids of the shards, in the order in which they did it.
        self.identifies: list[int] = []
        self.resumes: list[int] = []
        self.broken: list[str] = []
        self.online: dict[int, Connection] = {}

    @functools.cached_property
    def judge(self) -> gateway.Gateway:
        """Begin with the first request, however long a bot takes to start."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return gateway.Gateway(
            max_concurrency=self.max_concurrency,
            total=1000,
            remaining=self.remaining,
            reset_at=now + self.reset_after,
            now=now,
        )

    async def until(self, condition: collections.abc.Callable[[], bool]) -> None:
        """Wait until something has happened."""
        while not condition():  # noqa: ASYNC110 - the condition is the test's
            await asyncio.sleep(0.05)

    async def until_online(self) -> None:
        """Wait until all shards have a session; fail if a rule has been broken."""
        await self.until(
            lambda: bool(self.broken) or len(self.online) == self.shards
        )
        assert not self.broken

    async def invalidate(self, shard_id: int) -> None:
        """End the session of a shard, which then has to identify again."""
        await self.online.pop(shard_id).send(INVALID_SESSION, data=False)

    async def reconnect(self, shard_id: int) -> None:
        """Tell a shard to connect again, and to resume its session."""
        await self.online.pop(shard_id).send(RECONNECT, data=None)

    async def answer(self, request: web.Request) -> web.Response:
        judge = self.judge
        left, reset_after = judge.count(
            datetime.datetime.now(datetime.timezone.utc)
        )
        limit = {
            "total": judge.total,
            "remaining": left,
            "reset_after": reset_after // 1000,
            "max_concurrency": judge.max_concurrency,
        }
        info = {"url": URL, "shards": self.shards, "session_start_limit": limit}
        answers = {
            "gateway": {"url": URL},
            "gateway/bot": info,
            "users/@me": USER,
            "oauth2/applications/@me": {**APPLICATION, "owner": USER},
        }
        body = json.dumps(answers.get(request.match_info["path"], [])).encode()
        # hikari wants exactly this type, without a charset.
        return web.Response(body=body, content_type="application/json")

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        connection = Connection(request)
        await connection.socket.prepare(request)
        await connection.send(HELLO, {"heartbeat_interval": 41250})
        async for message in connection.socket:
            payload = json.loads(message.data)
            if payload["op"] == HEARTBEAT:
                await connection.send(HEARTBEAT_ACK, data=None)
            elif payload["op"] == IDENTIFY:
                await self.identify(connection, payload["d"]["shard"][0])
            elif payload["op"] == RESUME:
                shard_id = int(payload["d"]["session_id"])
                self.resumes.append(shard_id)
                self.online[shard_id] = connection
                await connection.send(DISPATCH, {}, "RESUMED")
        return connection.socket

    async def identify(self, connection: Connection, shard_id: int) -> None:
        self.identifies.append(shard_id)
        try:
            now = datetime.datetime.now(datetime.timezone.utc)
            self.judge.identify(shard_id, now)
        except gateway.RuleBrokenError as error:
            self.broken.append(str(error))
            await connection.send(INVALID_SESSION, data=False)
            return
        self.online[shard_id] = connection
        ready: dict[str, object]
        ready = {"v": 10, "user": USER, "guilds": [], "application": APPLICATION}
        ready |= {"shard": [shard_id, self.shards], "session_id": str(shard_id)}
        ready["resume_gateway_url"] = URL
        await connection.send(DISPATCH, ready, "READY")


@contextlib.asynccontextmanager
async def serve(
    **limit: typing.Any,
) -> collections.abc.AsyncGenerator[SmallDiscord, None]:
    """Serve a small Discord on loopback until the end of the block."""
    discord = SmallDiscord(**limit)
    app = web.Application()
    app.router.add_get("/", discord.connect)
    app.router.add_route("*", "/api/v10/{path:.*}", discord.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    discord.port = runner.addresses[0][1]
    try:
        yield discord
    finally:
        await runner.cleanup()
