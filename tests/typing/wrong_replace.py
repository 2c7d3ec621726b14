"""Wrong uses of `copy.replace`, all of which pyright accepts."""

from __future__ import annotations

import copy
import datetime
import sys

import hikari_sessions as hs

limit = hs.SessionStartLimit(
    total=1, remaining=1, reset_after=datetime.timedelta(1), max_concurrency=1
)
if sys.version_info >= (3, 13):
    copy.replace(limit, unknown=1)  # type: ignore[call-arg]
    copy.replace(limit, remaining="3")  # type: ignore[arg-type]
