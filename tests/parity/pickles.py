"""Pickles of one Python are read by each other one. Run it with `nox -s pickles`.

`pickles.py write FOLDER` writes what this Python pickles, `pickles.py read FOLDER` reads what all have written.
"""

from __future__ import annotations

import datetime
import pathlib
import pickle
import sys

import hikari_sessions

NOW = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "CET"))


def make() -> list[object]:
    with hikari_sessions.use_clock(lambda: NOW):
        limit = hikari_sessions.SessionStartLimit(
            total=1000, remaining=3, reset_after=datetime.timedelta(hours=4), max_concurrency=16
        )
        info = hikari_sessions.GatewayBotInfo(url="wss://a", shard_count=9, session_start_limit=limit)
        plan = hikari_sessions.plan_startup(info, wait_for_reset=True)
    return [limit, info, plan]


def write(folder: pathlib.Path) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path = folder / f"python-{sys.version_info.major}.{sys.version_info.minor}-protocol-{protocol}.pickle"
        path.write_bytes(pickle.dumps(make(), protocol))


def read(folder: pathlib.Path) -> None:
    paths = sorted(folder.glob("*.pickle"))
    for path in paths:
        made = pickle.loads(path.read_bytes())  # noqa: S301
        assert made == make(), path
        assert made[0].reset_at.isoformat() == "2026-11-23T22:00:00+01:00", path
    print(f"Python {sys.version.split()[0]} reads {len(paths)} pickles")  # noqa: T201


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](pathlib.Path(sys.argv[2]))
