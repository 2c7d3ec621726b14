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
html_static_path = ["_static"]
html_css_files = ["site.css"]
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

HEADINGS = {
    "Command-line positional arguments": "Input",
    "Command-line options": "Options",
}


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


def keep_first_line(
    _app: object,
    what: str,
    _name: str,
    _documented: object,
    _options: object,
    lines: list[str],
) -> None:
    """Keep napoleon from reading what comes before a colon as a type."""
    if what in {"attribute", "property"}:
        # An empty comment.
        lines[:0] = ["..", ""]


def name_sections(_app: object, page: typing.Any) -> None:
    """Give the sections that argparse names better headings."""
    for node in page.findall():
        if node.tagname == "title" and (heading := HEADINGS.get(node.astext())):
            node[:] = [type(node[0])(heading)]


def setup(app: typing.Any) -> None:
    """Extend Sphinx."""
    app.connect("autodoc-process-signature", show_defaults)
    # Before napoleon, and before Sphinx lists the headings.
    app.connect("autodoc-process-docstring", keep_first_line, priority=400)
    app.connect("doctree-read", name_sections, priority=400)
