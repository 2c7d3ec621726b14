"""Responses to `GET /gateway/bot` for hypothesis to draw, right and wrong ones.

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
counts = st.integers(0, 2000) | st.integers(0, 2**63 - 1)
right: st.SearchStrategy[dict[str, typing.Any]] = st.fixed_dictionaries(
    {
        "url": st.sampled_from(["wss://gateway.discord.gg/", "WSS://[::1]:1?v=10"]),
        "shards": counts.filter(bool),
        "session_start_limit": st.fixed_dictionaries(
            {
                "total": counts,
                "remaining": counts,
                # Up to some 6000 years, which ends before the year 10000.
                "reset_after": st.integers(0, 2 * 10**14) | st.floats(0, 2e14),
            },
            optional={"max_concurrency": counts | st.integers(max_value=0)},
        ),
    },
    optional={"message": anything},
)

errors = st.fixed_dictionaries(
    {"message": st.text()},
    optional={"code": anything, "retry_after": anything, "status": anything},
)


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, typing.Any]:
    """Draw a right response, then replace or remove up to three values."""
    response = draw(right)
    limit: dict[str, typing.Any] = response["session_start_limit"]
    for _ in range(draw(st.integers(1, 3))):
        values = draw(st.sampled_from([response, limit]))
        key = draw(st.sampled_from(sorted(values)))
        values[key] = draw(anything)
        if draw(st.booleans()):
            del values[key]
    return response
