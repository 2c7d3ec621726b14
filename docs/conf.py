"""The settings of the documentation."""

from __future__ import annotations

import contextlib
import urllib.request

import hikari_sessions

project = "hikari-sessions"
author = project_copyright = "the hikari-sessions contributors"
release = version = hikari_sessions.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
]
# The performance page includes them.
exclude_patterns = ["performance/*.md"]
html_theme = "furo"
html_title = f"hikari-sessions {release}"

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "description"
default_role = "code"

# An inventory that can't be fetched is a warning, and would fail an offline build.
intersphinx_mapping: dict[str, tuple[str, None]] = {}
for name, url in (
    ("python", "https://docs.python.org/3"),
    ("attrs", "https://www.attrs.org/en/stable"),
):
    inventory = f"{url}/objects.inv"
    with contextlib.suppress(OSError), urllib.request.urlopen(inventory, timeout=3):  # noqa: S310
        intersphinx_mapping[name] = (url, None)

# Every reference to a name of this package has to be found; others need network.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!hikari_sessions\.).*"),
    ("py:class", r".*\.ModelT"),
]
