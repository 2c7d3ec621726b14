"""Checks the types of the Python in the documentation.

A page is one program, besides the blocks that are whole files.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# (\w+\.py)\n")

with tempfile.TemporaryDirectory() as folder:
    for page in (ROOT / "docs").glob("*.md"):
        program = ""
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            if file := FILE.match(block):
                pathlib.Path(folder, file[1]).write_text(block, encoding="utf-8")
            else:
                program += block
        # A page has the name of a library that it shows, and hides it.
        name = f"page_{page.stem.replace('-', '_')}.py"
        pathlib.Path(folder, name).write_text(program, encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", folder]
    sys.exit(subprocess.run(mypy, cwd=ROOT, check=False).returncode)
