"""The settings of the documentation."""

from __future__ import annotations

import re
import typing

import attrs

import hikari_sessions

project = "hikari-sessions"
author = project_copyright = "the hikari-sessions contributors"
release = version = hikari_sessions.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_argparse_cli",
    "sphinx_copybutton",
]
# The performance page includes them.
exclude_patterns = ["performance/*.md"]

# Links to headings, as GitHub makes them.
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"hikari-sessions {release}"
highlight_language = "none"
# The default style underlines imports, as if they were links.
pygments_dark_style = "monokai"
# Copy what you type, without the prompt and without the output.
copybutton_exclude = ".linenos, .gp, .go"

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
maximum_signature_line_length = 70
python_use_unqualified_type_names = True

# Single backticks in docstrings link to names of the package. Each full name has to
# be found; other names are shown as code.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!hikari_sessions\.).*|.*\.ModelT")]


def show_defaults(
    _app: object,
    _what: str,
    _name: str,
    documented: typing.Any,
    _options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Show defaults by their public names, not as the code or attrs reads them."""

    def show(match: re.Match[str]) -> str:
        return repr(getattr(attrs.fields(documented), match[1]).default)

    shown = re.sub(r"attr_dict\['(\w+)'\]\.default", show, signature or "")
    return shown.replace("=rules.", "=") or None, returns


def setup(app: typing.Any) -> None:
    """Extend Sphinx."""
    app.connect("autodoc-process-signature", show_defaults)
