"""The package as a whole: its names, what it imports, and how it is laid out."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import itertools
import pathlib
import subprocess
import sys
import types
import typing

import pytest

import hikari_sessions

PACKAGE = pathlib.Path(hikari_sessions.__file__).parent
ROOT = pathlib.Path(__file__).parent.parent

# From the bottom up: a module imports only modules in the lines above its own.
LAYERS = (
    {"internal.__init__", "internal.attr_extensions", "internal.time", "protocols"},
    {"sessions", "rules", "testing"},
    {"limiter", "payloads", "startup"},
    {"sqlite", "redis", "report", "__init__"},
    {"cli"},
    {"__main__"},
)

OF_INTERNAL_MODULES = {
    "SKIP_DEEP_COPY", "Clock", "Sleep", "copy_attrs", "deep_copy_attrs",
    "local_datetime", "use_clock", "utc_datetime", "with_copy",
}  # fmt: skip


def imports(module: str) -> set[str]:
    """List what a module imports of this package."""
    path = PACKAGE.joinpath(*module.split(".")).with_suffix(".py")
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {f"{alias.name}.__init__." for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}." for alias in node.names}
    return {
        each
        for each in itertools.chain(*LAYERS)
        if any(name.startswith(f"hikari_sessions.{each}.") for name in names)
    }


def test_dependencies_point_one_way() -> None:
    below: set[str] = set()
    for layer in LAYERS:
        for module in layer:
            assert imports(module) <= below
        below |= layer
    assert len(below) == len([*PACKAGE.rglob("*.py")])


def test_the_package_exports_all_public_names() -> None:
    names = OF_INTERNAL_MODULES | {"__version__"}
    for module in (
        "limiter",
        "payloads",
        "protocols",
        "rules",
        "sessions",
        "startup",
    ):
        names |= set(importlib.import_module(f"hikari_sessions.{module}").__all__)
    assert set(hikari_sessions.__all__) == names <= set(dir(hikari_sessions))


def test_annotations_resolve_at_run_time() -> None:
    for name in hikari_sessions.__all__:
        public: typing.Any = getattr(hikari_sessions, name)
        members = vars(public).values() if isinstance(public, type) else ()
        for member in (public, *members):
            found = member.fget if isinstance(member, property) else member
            if isinstance(found, (type, types.FunctionType)):
                typing.get_type_hints(found)


def test_what_the_distribution_says() -> None:
    version = importlib.metadata.version("hikari-sessions")
    assert hikari_sessions.__version__ == version
    requirements = importlib.metadata.requires("hikari-sessions") or []
    always = [each for each in requirements if "extra ==" not in each]
    assert [each.partition(">=")[0] for each in always] == ["attrs"]
    assert (PACKAGE / "py.typed").exists()


def test_importing_it_imports_only_attrs_and_standard_modules() -> None:
    code = """if True:
        import attrs, sys
        before = set(sys.modules)
        import hikari_sessions
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(*sorted(new - sys.stdlib_module_names))
        unwanted = "argparse asyncio json logging redis rich sqlite3"
        print(*sorted(set(unwanted.split()) & set(sys.modules)))
        import hikari_sessions.cli
        print("rich" in sys.modules)
    """
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "hikari_sessions\n\nFalse\n"


@pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="only a clone has it")
def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python -m pip install nox && nox"
    assert f"$ {command}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert command in script.splitlines()
