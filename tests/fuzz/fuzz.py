"""Feeds the boundary and the command line with what a fuzzer makes up, guided by coverage.

Run it with `nox -s fuzz`. Nothing but `PayloadError` may leave the boundary, what it accepts may never raise later, and
the command line ends with one of its exit statuses.
"""

from __future__ import annotations

import collections
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
# What becomes of a payload, and the exit statuses of the command line.
EXPECTED: set[str | int] = {"accepted", "refused", 0, 1, 2}
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


def make_limit(data: typing.Any) -> typing.Any:
    """Make a limit that is right, but for what the fuzzer puts in the place of a value, or of all."""
    limit = {
        "total": data.ConsumeIntInRange(0, 3000),
        "remaining": data.ConsumeIntInRange(0, 3000),
        "reset_after": data.ConsumeIntInRange(0, 2**40),
        "max_concurrency": data.ConsumeIntInRange(0, 64),
    }
    return replaced(data, limit)


def make_answer(data: typing.Any) -> typing.Any:
    """Make an answer in the same way."""
    answer = {
        "url": data.PickValueInList(URLS),
        "shards": data.ConsumeIntInRange(1, 3000),
        "session_start_limit": make_limit(data),
    }
    return replaced(data, answer)


def replaced(data: typing.Any, values: dict[str, typing.Any]) -> object:
    # Not zero, which is all that is left at the end of the data.
    choice = data.ConsumeIntInRange(0, 7)
    if choice == 1:
        return make(data)
    if choice == 2:
        values[data.PickValueInList(KEYS)] = make(data)
    return values


def use(limit: hikari_sessions.SessionStartLimit) -> None:
    assert limit.used == limit.total - limit.remaining
    assert limit.reset_at.utcoffset() is not None


def boundary(data: typing.Any) -> str:
    with contextlib.suppress(hikari_sessions.PayloadError):
        use(hikari_sessions.deserialize_session_start_limit(make_limit(data)))
    try:
        info = hikari_sessions.deserialize_gateway_bot_info(make_answer(data))
    except hikari_sessions.PayloadError:
        return "refused"
    use(info.session_start_limit)
    assert repr(info)
    for new in (copy.copy(info), copy.deepcopy(info), pickle.loads(pickle.dumps(info))):  # noqa: S301
        assert new == info
    again = hikari_sessions.deserialize_gateway_bot_info(hikari_sessions.serialize_gateway_bot_info(info))
    assert again.shard_count == info.shard_count
    return "accepted"


def command_line(data: typing.Any) -> int:
    options = ["--json", "--wait-for-reset", "--shard-count=9", "--shard-ids=0-3,5", "--window-delay=7.5"]
    args = [option for option in options if data.ConsumeBool()]
    text = data.ConsumeBytes(200) if data.ConsumeIntInRange(0, 3) == 1 else json.dumps(make_answer(data)).encode()
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(text)), io.StringIO(), io.StringIO()
    try:
        return cli.main([*args, "-"])
    finally:
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__


outcomes: collections.Counter[str | int] = collections.Counter()


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    outcomes[(boundary if provider.ConsumeIntInRange(0, 9) else command_line)(provider)] += 1
    assert outcomes.keys() <= EXPECTED
    # A fuzzer that is refused everywhere sees little.
    if outcomes.total() == 5000:
        assert outcomes.keys() == EXPECTED, outcomes
        assert outcomes["accepted"] > 500, outcomes


def main() -> None:
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
