"""The package as a whole: its names, what it imports, and how it is laid out."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import pathlib
import subprocess
import sys
import types
import typing

import pytest

import hikari_sessions

PACKAGE = pathlib.Path(hikari_sessions.__file__).parent
ROOT = pathlib.Path(__file__).parent.parent

# What each module imports of this package: none of those above it.
LAYERS: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {"__init__", "report"},
    "report": {"internal.time", "limiter", "protocols", "startup"},
    "redis": {"internal.time", "limiter", "protocols"},
    "__init__": {
        "internal.attr_extensions", "internal.time", "limiter", "payloads",
        "protocols", "sessions", "startup",
    },
    "startup": {"internal.time", "limiter", "protocols"},
    "limiter": {"internal.time", "protocols"},
    "payloads": {"internal.time", "protocols", "sessions"},
    "protocols": set(),
    "sessions": {"internal.attr_extensions", "internal.time"},
    "internal.__init__": set(),
    "internal.attr_extensions": set(),
    "internal.time": set(),
}  # fmt: skip

OF_INTERNAL_MODULES = {
    "SKIP_DEEP_COPY", "Clock", "copy_attrs", "deep_copy_attrs", "local_datetime",
    "use_clock", "utc_datetime", "with_copy",
}  # fmt: skip


def test_dependencies_point_one_way() -> None:
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
        own = [
            name.removeprefix("hikari_sessions").lstrip(".")
            for name in names
            if name.startswith("hikari_sessions")
        ]
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found[module] = {
            name if name in LAYERS else name.rpartition(".")[0] or "__init__"
            for name in own
        }
    assert found == LAYERS


def test_the_package_exports_all_public_names() -> None:
    names = OF_INTERNAL_MODULES | {"__version__"}
    for module in ("limiter", "payloads", "protocols", "sessions", "startup"):
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
        unwanted = {"argparse", "asyncio", "json", "redis", "rich"}
        print(*sorted(unwanted & set(sys.modules)))
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
