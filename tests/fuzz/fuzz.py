"""Feeds the boundary and the command line with JSON, guided by coverage.

Run it with `nox -s fuzz`. The boundary raises nothing but `PayloadError`, what it
accepts never raises later, and the command ends with one of its exit statuses.
"""

from __future__ import annotations

import collections
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

LIMIT = "session_start_limit"
RESPONSE_KEYS = ["url", "shards", LIMIT, "message", "retry_after"]
LIMIT_KEYS = ["total", "remaining", "reset_after", "max_concurrency"]
KEYS = [*RESPONSE_KEYS, *LIMIT_KEYS]
URLS = ["wss://gateway.discord.gg/", "ws://[::1]:80/?v=10", "wss://", "http://a"]
NUMBERS = [0, 1, -1, 2**63, 10**17, 10**700, 1e308, float("inf"), float("nan"), 0.5]
PLAN = ["--reserve=9", "--shard-count=9", "--shard-ids=0-3,5"]
OPTIONS = ["--json", "--wait-for-reset", *PLAN]
# What can become of a payload, and the exit statuses of the command.
EXPECTED: set[str | int] = {"accepted", "refused", 0, 1, 2}


def any_json(data: typing.Any, depth: int = 3) -> object:
    """Make a JSON value that has a good chance to be half right."""
    choice = data.ConsumeIntInRange(0, 6 if depth else 4)
    if choice == 6:
        count = data.ConsumeIntInRange(0, 9)
        keys = [data.PickValueInList(KEYS) for _ in range(count)]
        return {key: any_json(data, depth - 1) for key in keys}
    if choice == 5:
        return [
            any_json(data, depth - 1) for _ in range(data.ConsumeIntInRange(0, 3))
        ]
    if choice in {3, 4}:
        return data.PickValueInList([*NUMBERS, None, True] if choice == 4 else URLS)
    return data.ConsumeInt(9) if choice else data.ConsumeUnicode(20)


def replaced(data: typing.Any, values: dict[str, typing.Any]) -> typing.Any:
    """Put any JSON in the place of a value, or of all of them, now and then."""
    # Not for 0, which is all that is left at the end of the data.
    choice = data.ConsumeIntInRange(0, 7)
    if choice == 1:
        return any_json(data)
    if choice == 2:
        values[data.PickValueInList(KEYS)] = any_json(data)
    if choice == 3:
        values.pop(data.PickValueInList(KEYS), None)
    return values


def response(data: typing.Any) -> typing.Any:
    """Make a response that is right, or nearly."""
    limit = {
        "total": data.ConsumeIntInRange(0, 3000),
        "remaining": data.ConsumeIntInRange(0, 3000),
        "reset_after": data.ConsumeIntInRange(0, 2**40),
        "max_concurrency": data.ConsumeIntInRange(0, 64),
    }
    url, shards = data.PickValueInList(URLS), data.ConsumeIntInRange(1, 3000)
    values = {"url": url, "shards": shards, LIMIT: replaced(data, limit)}
    return replaced(data, values)


def boundary(data: typing.Any) -> str:
    try:
        info = hikari_sessions.deserialize_gateway_bot_info(response(data))
    except hikari_sessions.PayloadError:
        return "refused"
    limit = info.session_start_limit
    assert limit.used == limit.total - limit.remaining
    assert limit.reset_at.utcoffset() is not None
    assert repr(info)
    assert copy.copy(info) == copy.deepcopy(info) == info
    assert pickle.loads(pickle.dumps(info)) == info  # noqa: S301
    payload = hikari_sessions.serialize_gateway_bot_info(info)
    again = hikari_sessions.deserialize_gateway_bot_info(payload)
    assert again.shard_count == info.shard_count
    return "accepted"


def command(data: typing.Any) -> int:
    args = [option for option in OPTIONS if data.ConsumeBool()]
    is_json = data.ConsumeIntInRange(0, 3) != 1
    text = (
        json.dumps(response(data)).encode() if is_json else data.ConsumeBytes(200)
    )
    sys.stdin = io.TextIOWrapper(io.BytesIO(text))
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        return cli.main([*args, "-"])
    finally:
        sys.stdin, sys.stdout = sys.__stdin__, sys.__stdout__
        sys.stderr = sys.__stderr__


outcomes: collections.Counter[str | int] = collections.Counter()


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    run = boundary if provider.ConsumeIntInRange(0, 9) else command
    outcomes[run(provider)] += 1
    assert outcomes.keys() <= EXPECTED
    # A fuzzer that is refused everywhere sees little.
    if outcomes.total() == 5000:
        assert outcomes.keys() == EXPECTED, outcomes
        assert outcomes["accepted"] > 500, outcomes


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
