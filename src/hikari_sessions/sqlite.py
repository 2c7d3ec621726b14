"""The identify limiter for the processes of one machine, which share a file."""

from __future__ import annotations

__all__ = ("SQLiteIdentifyLimiter",)

import asyncio
import contextlib
import datetime
import json
import os
import pathlib
import sqlite3
import typing

import attrs

from hikari_sessions import limiter, protocols, rules

_TABLE: typing.Final = """
CREATE TABLE IF NOT EXISTS ledger (boot_id TEXT, stored_at REAL, json TEXT)
"""
_BOOT_ID: typing.Final = pathlib.Path("/proc/sys/kernel/random/boot_id")


class SQLiteIdentifyLimiter(limiter.IdentifyLimiter):
    """Says when each shard may identify, for all processes of a bot on a machine.

    It follows the same rules as `IdentifyLimiter`, and keeps what it knows in a
    file, so a restarted process knows when the previous one identified. After a
    reboot, each rate limit key waits once.

    `acquire`, `update` and `session_start_limit` use the file in the calling
    thread; `wait` uses it in another. If that fails, or if another process holds
    the file for five seconds, they raise sqlite3's exception, and no shard
    identifies.

    Parameters
    ----------
    path
        The file, on a local disk; it's created if it doesn't exist. Each bot needs
        a file of its own.
    limit
        As for `IdentifyLimiter`. It updates what the processes share in the file.
    identify_delay, reserve
        As for `IdentifyLimiter`; the same in every process.

    Raises
    ------
    sqlite3.Error
        If the file can't be used.
    SessionStartLimitExceededError, TypeError, ValueError
        As `IdentifyLimiter` does.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        limit: protocols.SessionStartLimitLike,
        *,
        identify_delay: datetime.timedelta = rules.IDENTIFY_DELAY,
        reserve: int = 0,
    ) -> None:
        self._path = pathlib.Path(path).absolute()
        self._boot_id = _BOOT_ID.read_text() if _BOOT_ID.exists() else None
        self._has_used_file = False
        super().__init__(limit, identify_delay=identify_delay, reserve=reserve)

    def _change(self, action: limiter.Action[limiter.T]) -> limiter.T:
        # A new connection for each change works in any thread, and after a fork.
        connection = sqlite3.connect(self._path, isolation_level=None)
        with self._lock, contextlib.closing(connection) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute(_TABLE)
            row = file.execute(
                "SELECT boot_id, stored_at, json FROM ledger"
            ).fetchone()
            now = self._clock()
            ledger = self._load(row, now)
            pending = len(self._pending)
            for newer in self._pending[:pending]:
                ledger.update(newer, now)
            try:
                return self._run(action, ledger, now)
            finally:
                text = json.dumps(ledger.to_values())
                if not row or text != row[2]:
                    file.execute("DELETE FROM ledger")
                    values = self._boot_id, now.timestamp(), text
                    file.execute("INSERT INTO ledger VALUES (?, ?, ?)", values)
                file.execute("COMMIT")
                self._ledger, self._has_used_file = ledger, True
                del self._pending[:pending]

    def _load(
        self, row: tuple[str | None, float, str] | None, now: datetime.datetime
    ) -> rules.Ledger:
        # Some processes aren't allowed to read the boot id.
        is_same_boot = row and (
            row[0] == self._boot_id or None in (row[0], self._boot_id)
        )
        if row and is_same_boot and row[1] <= now.timestamp():
            return rules.Ledger.from_values(json.loads(row[2]))
        if row or self._has_used_file:
            # The machine was rebooted, or somebody deleted the file.
            return self._ledger.without_identifies(now)
        return attrs.evolve(self._ledger, identified_at={})

    async def _ask(self, shard_id: int) -> datetime.timedelta:
        if self._sleep:
            # A test's clock mustn't move meanwhile.
            return self.acquire(shard_id)
        # One at a time, so that a slow disk doesn't tie up all of asyncio's
        # threads.
        async with self._line(None):
            return await asyncio.to_thread(self.acquire, shard_id)
