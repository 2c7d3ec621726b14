"""Wrong uses of `copy.replace`, which Python 3.13 introduced."""

from __future__ import annotations

import copy
import datetime
import sys

import hikari_sessions

limit = hikari_sessions.SessionStartLimit(
    total=1, remaining=1, reset_after=datetime.timedelta(1), max_concurrency=1
)

if sys.version_info >= (3, 13):
    # In the typeshed of pyright and basedpyright, the changes have the type Any.
    copy.replace(limit, unknown=1)  # type: ignore[call-arg]  # pyrefly: ignore[unexpected-keyword]  # ty: ignore[unknown-argument]
    copy.replace(limit, remaining="3")  # type: ignore[arg-type]  # pyrefly: ignore[bad-argument-type]  # ty: ignore[invalid-argument-type]
