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

MODULES = sorted(path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py"))

# Which modules a module may import; those to the right know nothing of those to the left.
LAYERS: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {"__init__", "internal.time"},
    "__init__": {
        "internal.attr_extensions", "internal.time", "payloads", "protocols", "sessions", "startup",
    },
    "payloads": {"protocols", "sessions", "internal.time"},
    "protocols": set(),
    "sessions": {"internal.attr_extensions", "internal.time"},
    "startup": {"protocols", "internal.time"},
    "internal/__init__": set(),
    "internal/attr_extensions": set(),
    "internal/time": set(),
}  # fmt: skip

EXPORTS: dict[str, set[str]] = {
    "cli": {"main"},
    "payloads": {
        "GatewayBotInfoPayload", "PayloadError", "SessionStartLimitPayload", "deserialize_gateway_bot_info",
        "deserialize_session_start_limit", "serialize_gateway_bot_info", "serialize_session_start_limit",
    },
    "protocols": {"GatewayBotInfoLike", "SessionStartLimitLike"},
    "sessions": {"GatewayBotInfo", "SessionStartLimit"},
    "startup": {
        "IDENTIFY_WINDOW", "SESSION_START_WINDOW", "SessionStartLimitExceededError", "StartupPlan", "StartupWindow",
        "plan_startup",
    },
    "internal/attr_extensions": {"SKIP_DEEP_COPY", "copy_attrs", "deep_copy_attrs", "with_copy"},
    "internal/time": {"Clock", "local_datetime", "use_clock", "utc_datetime"},
}  # fmt: skip


def imports_of(module: str) -> set[str]:
    """List what a module imports of this package."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            known = {name for name in names if name.split(".", 1)[-1].replace(".", "/") in MODULES}
            found |= known or {str(node.module)}
    own = {name.removeprefix("hikari_sessions").lstrip(".") for name in found if name.startswith("hikari_sessions")}
    return {name or "__init__" for name in own}


def test_every_module_has_its_place() -> None:
    assert set(LAYERS) == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_dependencies_point_one_way(module: str) -> None:
    assert imports_of(module) <= LAYERS[module]


def test_the_package_exports_the_names_of_its_public_modules_and_what_frameworks_need() -> None:
    names: set[str] = set()
    names.update(*(EXPORTS[module] for module in ("payloads", "protocols", "sessions", "startup")))
    names |= {"use_clock", "Clock", "with_copy", "SKIP_DEEP_COPY", "__version__"}
    assert set(hikari_sessions.__all__) == names <= set(dir(hikari_sessions))


@pytest.mark.parametrize("module", EXPORTS)
def test_a_module_exports_its_public_names(module: str) -> None:
    found = importlib.import_module(f"hikari_sessions.{module.replace('/', '.')}")
    assert set(found.__all__) == EXPORTS[module] <= set(dir(found))


@pytest.mark.parametrize("protocol", [hikari_sessions.GatewayBotInfoLike, hikari_sessions.SessionStartLimitLike])
def test_what_a_protocol_asks_for_is_read_only(protocol: type) -> None:
    members = [value for name, value in vars(protocol).items() if not name.startswith("_")]
    assert members
    assert all(isinstance(member, property) and member.fset is None for member in members)


def test_annotations_resolve_at_run_time() -> None:
    resolved: set[str] = set()
    for name in hikari_sessions.__all__:
        public: typing.Any = getattr(hikari_sessions, name)
        members: list[typing.Any] = [public, *vars(public).values()] if isinstance(public, type) else [public]
        for member in members:
            found = member.fget if isinstance(member, property) else member
            if isinstance(found, (type, types.FunctionType)) and typing.get_type_hints(found):
                resolved.add(found.__qualname__)
    assert resolved >= {"plan_startup", "serialize_gateway_bot_info", "SessionStartLimitLike.reset_at"}


def test_the_version_is_that_of_the_distribution() -> None:
    assert hikari_sessions.__version__ == importlib.metadata.version("hikari-sessions")


def test_it_is_marked_as_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_attrs_is_the_one_requirement() -> None:
    requirements = importlib.metadata.requires("hikari-sessions") or []
    always = [requirement for requirement in requirements if "extra ==" not in requirement]
    assert [requirement.partition(">=")[0] for requirement in always] == ["attrs"]


def test_importing_it_imports_neither_json_nor_argparse_nor_rich() -> None:
    code = (
        "import sys, attrs; before = set(sys.modules); import hikari_sessions;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - set(sys.stdlib_module_names)));"
        "print(*sorted({'json', 'argparse', 'rich'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    assert run.stdout == "hikari_sessions\n\n"


def test_the_library_imports_without_rich() -> None:
    code = "import sys; sys.modules['rich'] = None; import hikari_sessions, hikari_sessions.cli"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603


@pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="only a clone has it")
def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python -m pip install nox && nox"
    assert f"$ {command}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
