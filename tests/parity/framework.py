"""Runs hikari's tests, and checks its types, with our modules in its place.

Run it with `nox -s framework`.
"""

from __future__ import annotations

import collections
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile

import hikari

HERE = pathlib.Path(__file__).parent.resolve()
OURS = '''"""Ours, in place of hikari's own."""
from hikari_sessions.sessions import GatewayBotInfo, SessionStartLimit
__all__ = ("GatewayBotInfo", "SessionStartLimit")
'''
# These patch private parts of the module that ours replaces.
PRIVATE = "tests/hikari/internal/test_attr_extensions.py::"
DESELECTED = [f"{PRIVATE}test_", f"{PRIVATE}TestCopyDecorator::test___"]


def type_errors(folder: pathlib.Path) -> collections.Counter[str]:
    """List what mypy finds outside the replaced module."""
    options = [
        "--config-file=",
        "--strict",
        "--no-error-summary",
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
    lines = run.stdout.splitlines()
    return collections.Counter(
        line for line in lines if not line.startswith(module)
    )


def check_types(folder: pathlib.Path) -> None:
    """Check that our models bring no new errors."""
    shutil.copytree(pathlib.Path(hikari.__file__).parent, folder / "hikari")
    before = type_errors(folder)
    (folder / "hikari" / "sessions.py").write_text(OURS, encoding="utf-8")
    after = type_errors(folder)
    print(f"{before.total()} errors with hikari's, {after.total()} with ours")
    if more := after - before:
        sys.exit("\n".join(["Only with ours:", *more]))


def run_tests(folder: pathlib.Path) -> None:
    """Run the tests that hikari's source distribution ships."""
    release = f"hikari=={hikari.__version__}"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-binary=hikari",
    ]
    subprocess.run([*pip, f"--dest={folder}", release], check=True)
    (archive,) = folder.glob("hikari-*.tar.gz")
    with tarfile.open(archive) as source:
        source.extractall(folder, filter="data")
    pytest = [sys.executable, "-m", "pytest", "-p", "ours_in_hikari", "tests"]
    subprocess.run(
        [*pytest, *(f"--deselect={test}" for test in DESELECTED)],
        cwd=folder / archive.name.removesuffix(".tar.gz"),
        env={**os.environ, "PYTHONPATH": str(HERE)},
        check=True,
    )


if __name__ == "__main__":
    # A job in the background ignores it, and hikari's tests need the default.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with (
        tempfile.TemporaryDirectory() as types,
        tempfile.TemporaryDirectory() as tests,
    ):
        check_types(pathlib.Path(types))
        run_tests(pathlib.Path(tests))
