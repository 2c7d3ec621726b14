"""Type-checks the real hikari with its sessions module replaced by ours.

There must be no new errors. Run it with `nox -s typing-hikari`.
"""

from __future__ import annotations

import collections
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

OURS = '''"""Ours, in place of hikari's own."""
from hikari_sessions.sessions import GatewayBotInfo, SessionStartLimit
__all__ = ("GatewayBotInfo", "SessionStartLimit")
'''


def errors_of(folder: pathlib.Path) -> collections.Counter[str]:
    """List what mypy finds outside the replaced module."""
    options = [
        "--config-file=",
        "--strict",
        "--no-error-summary",
        "--hide-error-context",
        "--no-incremental",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--package", "hikari"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.stderr:
        sys.exit(run.stderr)
    module = str(pathlib.Path("hikari", "sessions.py"))
    return collections.Counter(
        line for line in run.stdout.splitlines() if not line.startswith(module)
    )


def main() -> None:
    spec = importlib.util.find_spec("hikari")
    assert spec is not None
    assert spec.origin is not None
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(pathlib.Path(spec.origin).parent, folder / "hikari")
        before = errors_of(folder)
        (folder / "hikari" / "sessions.py").write_text(OURS, encoding="utf-8")
        after = errors_of(folder)
    print(f"{before.total()} errors with hikari's, {after.total()} with ours")
    if more := after - before:
        sys.exit("\n".join(["Only with ours:", *more]))


if __name__ == "__main__":
    main()
