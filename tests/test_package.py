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

MODULES = sorted(
    path.relative_to(PACKAGE).with_suffix("").as_posix()
    for path in PACKAGE.rglob("*.py")
)

# What each module may import; none may import those above it.
LAYERS: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {"__init__", "internal.time"},
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
    "internal/__init__": set(),
    "internal/attr_extensions": set(),
    "internal/time": set(),
}  # fmt: skip

EXPORTS: dict[str, set[str]] = {
    "limiter": {
        "IDENTIFY_WINDOW", "SESSION_START_WINDOW", "IdentifyLimiter",
        "SessionStartLimitExceededError",
    },
    "payloads": {
        "GatewayBotInfoPayload", "PayloadError", "SessionStartLimitPayload",
        "deserialize_gateway_bot_info", "deserialize_session_start_limit",
        "serialize_gateway_bot_info", "serialize_session_start_limit",
    },
    "protocols": {"GatewayBotInfoLike", "SessionStartLimitLike"},
    "sessions": {"GatewayBotInfo", "SessionStartLimit"},
    "startup": {"StartupPlan", "StartupWindow", "plan_startup"},
}  # fmt: skip

# They need an extra, so the package doesn't export their names.
OF_EXTRAS: dict[str, set[str]] = {"redis": {"RedisIdentifyLimiter"}}

OF_INTERNAL_MODULES = {
    "SKIP_DEEP_COPY", "Clock", "copy_attrs", "deep_copy_attrs", "local_datetime",
    "use_clock", "utc_datetime", "with_copy",
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
            known = {
                name
                for name in names
                if name.split(".", 1)[-1].replace(".", "/") in MODULES
            }
            found |= known or {str(node.module)}
    own = {
        name.removeprefix("hikari_sessions").lstrip(".")
        for name in found
        if name.startswith("hikari_sessions")
    }
    return {name or "__init__" for name in own}


def test_every_module_has_its_place() -> None:
    assert set(LAYERS) == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_dependencies_point_one_way(module: str) -> None:
    assert imports_of(module) <= LAYERS[module]


@pytest.mark.parametrize("module", EXPORTS | OF_EXTRAS)
def test_a_module_exports_its_public_names(module: str) -> None:
    found = importlib.import_module(f"hikari_sessions.{module}")
    names = (EXPORTS | OF_EXTRAS)[module]
    assert set(found.__all__) == names <= set(dir(found))


def test_the_package_exports_all_public_names() -> None:
    names = OF_INTERNAL_MODULES.union({"__version__"}, *EXPORTS.values())
    assert set(hikari_sessions.__all__) == names <= set(dir(hikari_sessions))


@pytest.mark.parametrize(
    "protocol",
    [hikari_sessions.GatewayBotInfoLike, hikari_sessions.SessionStartLimitLike],
)
def test_what_a_protocol_asks_for_is_read_only(protocol: type) -> None:
    members = [
        value for name, value in vars(protocol).items() if not name.startswith("_")
    ]
    assert members
    assert all(
        isinstance(member, property) and member.fset is None for member in members
    )


def test_annotations_resolve_at_run_time() -> None:
    resolved: set[str] = set()
    for name in hikari_sessions.__all__:
        public: typing.Any = getattr(hikari_sessions, name)
        members: list[typing.Any] = [public]
        if isinstance(public, type):
            members += vars(public).values()
        for member in members:
            found = member.fget if isinstance(member, property) else member
            if not isinstance(found, (type, types.FunctionType)):
                continue
            if typing.get_type_hints(found):
                resolved.add(found.__qualname__)
    assert {
        "IdentifyLimiter.acquire",
        "SessionStartLimitLike.reset_at",
        "plan_startup",
        "serialize_gateway_bot_info",
    } <= resolved


def test_the_version_is_that_of_the_distribution() -> None:
    version = importlib.metadata.version("hikari-sessions")
    assert hikari_sessions.__version__ == version


def test_it_is_marked_as_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_attrs_is_the_one_requirement() -> None:
    requirements = importlib.metadata.requires("hikari-sessions") or []
    always = [
        requirement for requirement in requirements if "extra ==" not in requirement
    ]
    assert [requirement.partition(">=")[0] for requirement in always] == ["attrs"]


def test_importing_it_imports_only_attrs_and_standard_modules() -> None:
    code = """if True:
        import attrs, sys
        before = set(sys.modules)
        import hikari_sessions
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(*sorted(new - sys.stdlib_module_names))
        unwanted = {"argparse", "asyncio", "json", "redis", "rich"}
        print(*sorted(unwanted & set(sys.modules)))
    """
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "hikari_sessions\n\n"


def test_the_command_imports_without_rich() -> None:
    code = "import sys; sys.modules['rich'] = None; import hikari_sessions.cli"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="only a clone has it")
def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python -m pip install nox && nox"
    assert f"$ {command}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert command in script.splitlines()
