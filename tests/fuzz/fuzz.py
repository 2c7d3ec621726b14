"""Feeds the boundary and the command line with what a fuzzer makes up, guided by coverage.

Run it with `nox -s fuzz`. Nothing but `PayloadError` may leave the boundary, what it accepts may never raise later, and
the command line ends with one of its exit statuses.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import json
import pickle
import sys
import typing

# It has no types.
atheris: typing.Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["hikari_sessions"]):
    import hikari_sessions
    from hikari_sessions import cli

KEYS = ["url", "shards", "session_start_limit", "total", "remaining", "reset_after", "max_concurrency", "message"]
URLS = ["wss://gateway.discord.gg/", "ws://[::1]:80/?v=10", "wss://", "http://a"]
NUMBERS = [0, 1, -1, 10**17, 10**700, 1e308, float("inf"), float("nan"), 0.5, True]


def make(data: typing.Any, depth: int = 3) -> object:
    """Make a JSON value that has a good chance to be half right."""
    plain: list[typing.Callable[[], object]] = [
        lambda: data.PickValueInList(NUMBERS),
        lambda: data.PickValueInList(URLS),
        lambda: data.ConsumeUnicode(20),
        lambda: data.ConsumeInt(9),
        lambda: None,
    ]
    nested: list[typing.Callable[[], object]] = [
        lambda: {data.PickValueInList(KEYS): make(data, depth - 1) for _ in range(data.ConsumeIntInRange(0, 9))},
        lambda: [make(data, depth - 1) for _ in range(data.ConsumeIntInRange(0, 3))],
    ]
    return data.PickValueInList([*plain, *nested] if depth else plain)()


def use(info: hikari_sessions.GatewayBotInfo) -> None:
    limit = info.session_start_limit
    assert limit.used == limit.total - limit.remaining
    assert limit.reset_at.utcoffset() is not None
    assert repr(info)
    for new in (copy.copy(info), copy.deepcopy(info), pickle.loads(pickle.dumps(info))):  # noqa: S301
        assert new == info
    again = hikari_sessions.deserialize_gateway_bot_info(hikari_sessions.serialize_gateway_bot_info(info))
    assert again.shard_count == info.shard_count


def boundary(data: typing.Any) -> None:
    payload: typing.Any = make(data)
    with contextlib.suppress(hikari_sessions.PayloadError):
        use(hikari_sessions.deserialize_gateway_bot_info(payload))
    with contextlib.suppress(hikari_sessions.PayloadError):
        hikari_sessions.deserialize_session_start_limit(payload)


def command_line(data: typing.Any) -> None:
    options = ["--json", "--wait-for-reset", "--shard-count=9", "--shard-ids=0-3,5", "--window-delay=7.5"]
    args = [option for option in options if data.ConsumeBool()]
    text = json.dumps(make(data)).encode() if data.ConsumeBool() else data.ConsumeBytes(200)
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(text)), io.StringIO(), io.StringIO()
    try:
        assert cli.main([*args, "-"]) in {0, 1, 2}
    finally:
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    (boundary if provider.ConsumeIntInRange(0, 9) else command_line)(provider)


def main() -> None:
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
