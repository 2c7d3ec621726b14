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

from hikari_sessions import limiter, protocols, rules

_BOOT_ID: typing.Final = pathlib.Path("/proc/sys/kernel/random/boot_id")


class SQLiteIdentifyLimiter(limiter.IdentifyLimiter):
    """Says when each shard may identify, for all processes of a bot on a machine.

    It follows the same rules as `IdentifyLimiter`, and keeps what it knows in a
    file, so a restarted process knows when the previous one identified. After a
    reboot, each rate limit key waits once.

    `acquire`, `update` and `session_start_limit` use the file right away; `wait`
    uses it in a thread. If that fails, or if another process holds the file for
    five seconds, they raise sqlite3's exception, and no shard identifies.

    Parameters
    ----------
    path
        The file, on a local disk; it's created if there is none. A bot needs a file
        of its own.
    limit, identify_delay, reserve
        As for `IdentifyLimiter`. If other processes use the file, `limit` counts as
        an update.

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
        # The responses that the file doesn't know.
        self._pending: list[rules.Ledger] = []
        super().__init__(limit, identify_delay=identify_delay, reserve=reserve)

    def update(self, limit: protocols.SessionStartLimitLike) -> None:
        """Take a newer response from Discord into account, for all processes.

        It follows the same rules as `IdentifyLimiter.update`, and raises the same
        errors.

        Parameters
        ----------
        limit
            The newer `SessionStartLimit`, or any object with its attributes.
        """
        self._pending.append(self._read(limit))
        self._change(self._rules.check)

    def _change(self, action: limiter.Action[limiter.T]) -> limiter.T:
        # A connection for each change can be used in any thread, and after a fork.
        connection = sqlite3.connect(self._path, isolation_level=None)
        with self._lock, contextlib.closing(connection) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute("CREATE TABLE IF NOT EXISTS ledger (json TEXT NOT NULL)")
            now = self._clock()
            found = file.execute("SELECT json FROM ledger").fetchone()
            ledger = self._load(found and json.loads(found[0]), now)
            pending = self._pending.copy()
            for newer in pending:
                ledger.update(newer, now)
            try:
                return self._run(action, ledger, now)
            finally:
                self._store(file, ledger, now)
                file.execute("COMMIT")
                self._ledger, self._has_used_file = ledger, True
                del self._pending[: len(pending)]

    def _load(
        self, found: dict[str, typing.Any] | None, now: datetime.datetime
    ) -> rules.Ledger:
        if (
            found
            and found["boot_id"] == self._boot_id
            and found["stored_at"] <= now.timestamp()
        ):
            return rules.Ledger.from_values(found["ledger"])
        if found or self._has_used_file:
            # The machine was rebooted, or the file was deleted.
            return self._ledger.without_identifies(now)
        return rules.Ledger.from_values(self._ledger.to_values())

    def _store(
        self,
        file: sqlite3.Connection,
        ledger: rules.Ledger,
        now: datetime.datetime,
    ) -> None:
        values = {
            "boot_id": self._boot_id,
            "stored_at": now.timestamp(),
            "ledger": ledger.to_values(),
        }
        file.execute("DELETE FROM ledger")
        file.execute("INSERT INTO ledger VALUES (?)", [json.dumps(values)])

    async def _ask(self, shard_id: int) -> datetime.timedelta:
        if self._sleep:
            # The clock of a test mustn't go on meanwhile.
            return self.acquire(shard_id)
        # One at a time, so that a slow disk doesn't take all of asyncio's threads.
        async with self._line(None):
            return await asyncio.to_thread(self.acquire, shard_id)
