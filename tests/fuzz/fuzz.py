"""Feeds the boundary and the command with payloads, guided by coverage.

Run it with `nox -s fuzz`.
"""

from __future__ import annotations

import collections
import importlib
import io
import json
import sys
import typing

import answers
import hypothesis
import hypothesis.strategies as st

# It has no types.
atheris: typing.Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["hikari_sessions"]):
    import test_payloads

    from hikari_sessions import cli

OPTIONS = ["--json", "--wait-for-reset", "--reserve=9", "--shard-ids=0-3,5"]
# What can become of a payload, and the exit statuses of the command.
EXPECTED = {"accepted", 0, 1, 2, 3}
OUTCOMES: collections.Counter[object] = collections.Counter()


def run_command(stdin: bytes, options: typing.Iterable[str]) -> int:
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        return cli.main(["-", "--shard-count=9", *options])
    finally:
        sys.stdin, sys.stdout = sys.__stdin__, sys.__stdout__
        sys.stderr = sys.__stderr__


@hypothesis.settings(database=None, deadline=None)
@hypothesis.given(
    options=st.sets(st.sampled_from(OPTIONS)),
    payload=answers.right
    | answers.nearly_right()
    | answers.errors
    | answers.anything,
)
def fuzz(options: set[str], payload: object) -> None:
    OUTCOMES["accepted"] += test_payloads.is_accepted(payload)
    try:
        stdin = json.dumps(payload).encode()
    except ValueError:
        return  # Python doesn't write integers of more than 4300 digits.
    OUTCOMES[run_command(stdin, options)] += 1
    assert OUTCOMES.keys() <= EXPECTED, OUTCOMES
    # A fuzzer that is refused everywhere sees little.
    if OUTCOMES.total() == 10_000:
        assert min(map(OUTCOMES.__getitem__, EXPECTED)) > 9, OUTCOMES


if __name__ == "__main__":
    handle: typing.Any = getattr(fuzz, "hypothesis")  # noqa: B009 - it has no types
    atheris.Setup(sys.argv, handle.fuzz_one_input)
    atheris.Fuzz()
