"""A real Redis server, for tests."""

from __future__ import annotations

import collections.abc
import contextlib
import pathlib
import subprocess
import time


@contextlib.contextmanager
def running(
    socket: pathlib.Path, port: int = 0, *options: str
) -> collections.abc.Generator[None]:
    """Run an empty Redis server on a Unix socket."""
    command = ["redis-server", "--port", str(port), "--unixsocket", str(socket)]
    command += ["--dir", str(socket.parent), "--save", "", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            give_up_at = time.monotonic() + 10
            while not socket.exists():
                assert time.monotonic() < give_up_at
                assert process.poll() is None
                time.sleep(0.01)
            yield
        finally:
            process.terminate()
