from __future__ import annotations

import os
import typing

import given
import hypothesis
import hypothesis.configuration
import pytest

import hikari_sessions

if typing.TYPE_CHECKING:
    import collections.abc
    import datetime

hypothesis.configuration.set_hypothesis_home_dir(".nox/hypothesis")
# No time limit for an example, because some machines are slow and noisy.
hypothesis.settings.register_profile(
    "default", deadline=None, derandomize="CI" in os.environ, max_examples=50
)
# For `nox -s mutation`, which runs the tests thousands of times.
hypothesis.settings.register_profile(
    "mutation",
    deadline=None,
    derandomize=True,
    max_examples=25,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
hypothesis.settings.load_profile("default")


@pytest.fixture
def now() -> collections.abc.Iterator[datetime.datetime]:
    """Pin the package's clock to 2026-11-23 18:00 UTC."""
    with hikari_sessions.use_clock(lambda: given.NOW):
        yield given.NOW
