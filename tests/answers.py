"""Answers of `GET /gateway/bot` for hypothesis to draw: right ones, nearly right ones, and anything."""

from __future__ import annotations

import typing

import hypothesis.strategies as st

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([12, 14, 639, 640, 5000]).map(lambda exponent: 10**exponent)
    | st.just(5000).map(lambda exponent: -(10**exponent))
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)

urls = st.sampled_from(["wss://gateway.discord.gg/", "ws://[::1]:1/", "WSS://gät.example?v=10"])
counts = st.integers(0, 2000) | st.integers(0, 10**640 - 1)

right_limits = st.fixed_dictionaries(
    {
        "total": counts,
        "remaining": counts,
        # Some 7000 years, so that it ends before the year 10000.
        "reset_after": st.integers(0, 10**14 * 2) | st.floats(0, 1e14 * 2),
    },
    optional={"max_concurrency": counts | st.integers(-(10**640) + 1, 0), "message": anything},
)
right = st.fixed_dictionaries(
    {"url": urls, "shards": st.integers(1, 2000) | st.integers(1, 10**640 - 1), "session_start_limit": right_limits},
    optional={"message": anything},
)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, typing.Any]:
    """Draw a right answer, in which up to three values are anything, or missing."""
    answer: dict[str, typing.Any] = draw(right)
    limit: dict[str, typing.Any] = answer["session_start_limit"]
    for _ in range(draw(st.integers(1, 3))):
        values = draw(st.sampled_from([answer, limit]))
        name = draw(st.sampled_from(sorted(values)))
        if draw(st.booleans()):
            values[name] = draw(anything)
        else:
            del values[name]
    return answer
