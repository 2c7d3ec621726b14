"""`python -m hikari_sessions`, the same as the command `hikari-sessions`."""

from __future__ import annotations

import sys

from hikari_sessions import cli

if __name__ == "__main__":
    sys.exit(cli.main())
