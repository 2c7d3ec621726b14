"""Run the command `hikari-sessions` as `python -m hikari_sessions`."""

from __future__ import annotations

import sys

from hikari_sessions import cli

if __name__ == "__main__":
    sys.exit(cli.main())
