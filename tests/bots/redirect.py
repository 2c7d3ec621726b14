"""Run a program as `python redirect.py PORT PROGRAM`, with Discord on loopback.

All five libraries, and the programs of the docs, reach Discord through aiohttp.
"""

from __future__ import annotations

import runpy
import sys
import typing

import aiohttp
import yarl

HOSTS = {"discord.com": "http", "gateway.discord.gg": "ws"}


def redirect(port: int) -> None:
    """Send every request for Discord to the port."""
    original: typing.Any = aiohttp.ClientSession._request  # pyright: ignore[reportPrivateUsage]

    async def request(
        session: object, method: str, url: str | yarl.URL, **options: object
    ) -> object:
        url = yarl.URL(url)
        host = str(url.host)
        url = url.with_scheme(HOSTS[host]).with_host("127.0.0.1").with_port(port)
        return await original(session, method, url, **options)

    setattr(aiohttp.ClientSession, "_request", request)


if __name__ == "__main__":
    redirect(int(sys.argv[1]))
    runpy.run_path(sys.argv[2], run_name="__main__")
