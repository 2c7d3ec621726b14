"""A plugin for pytest that replaces hikari's modules with ours.

It has to do so before hikari is imported.
"""

from __future__ import annotations

import sys

import hikari_sessions
from hikari_sessions import sessions
from hikari_sessions.internal import attr_extensions

sys.modules["hikari.sessions"] = sessions
sys.modules["hikari.internal.attrs_extensions"] = attr_extensions


def pytest_collection_finish() -> None:
    import hikari  # noqa: PLC0415

    models: list[object] = [hikari.SessionStartLimit, hikari.GatewayBotInfo]
    assert models == [
        hikari_sessions.SessionStartLimit,
        hikari_sessions.GatewayBotInfo,
    ]
    copier: object = getattr(hikari.Message, "__copy__", None)
    assert copier is attr_extensions.copy_attrs
