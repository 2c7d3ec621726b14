"""Responses of `GET /gateway/bot` for hypothesis to draw, right and wrong ones.

They are JSON as parsers make it, with NaN, huge integers and lone surrogates.
"""

from __future__ import annotations

import typing

import hypothesis.strategies as st

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    # hypothesis can't show an integer that is too long for Python to write.
    | st.sampled_from([19, 400, 5000]).map(lambda exponent: 10**exponent)
    | st.just(5000).map(lambda exponent: -(10**exponent))
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)

urls = st.sampled_from(
    ["wss://gateway.discord.gg/", "ws://[::1]:1/", "WSS://gät.example?v=10"]
)
counts = st.integers(0, 2000) | st.integers(0, 2**63 - 1)
# Up to some 6000 years, which ends before the year 10000.
durations = st.integers(0, 2 * 10**14) | st.floats(0, 2e14)

right_limits = st.fixed_dictionaries(
    {"total": counts, "remaining": counts, "reset_after": durations},
    optional={
        "max_concurrency": counts | st.integers(max_value=0),
        "message": anything,
    },
)
right = st.fixed_dictionaries(
    {
        "url": urls,
        "shards": counts.filter(bool),
        "session_start_limit": right_limits,
    },
    optional={"message": anything},
)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, typing.Any]:
    """Draw a right response, then replace or remove up to three values."""
    response: dict[str, typing.Any] = draw(right)
    limit: dict[str, typing.Any] = response["session_start_limit"]
    for _ in range(draw(st.integers(1, 3))):
        values = draw(st.sampled_from([response, limit]))
        key = draw(st.sampled_from(sorted(values)))
        if draw(st.booleans()):
            values[key] = draw(anything)
        else:
            del values[key]
    return response
