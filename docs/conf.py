"""The settings of the documentation."""

from __future__ import annotations

import hikari_sessions

project = "hikari-sessions"
author = "the hikari-sessions contributors"
release = version = hikari_sessions.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# The performance page includes them.
exclude_patterns = ["performance/*.md"]
html_theme = "furo"
html_title = f"hikari-sessions {release}"

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "description"
default_role = "code"
# Every reference to a name of this package has to be found; those of others can't be without network.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!hikari_sessions\.).*"), ("py:class", r".*\.ModelT")]
