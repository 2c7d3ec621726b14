"""Change the package in one place after another, and demand that a test fails each time.

The changes are those of mutmut, and a few more. mutmut's own runner leaves out decorated functions, properties and what
stands outside of functions, so the runs are made here: each mutant is a whole module, in a copy of the project, whose
tests a forked process runs. What survives has to be in `survivors.txt`, below the reason why no user can tell.
"""

from __future__ import annotations

import argparse
import ast
import collections
import collections.abc
import contextlib
import gc
import importlib
import itertools
import multiprocessing
import multiprocessing.connection
import os
import pathlib
import resource
import shutil
import signal
import sys
import tempfile
import time
import types
import typing

import libcst as cst
import pytest
from libcst import metadata
from mutmut.mutation import mutators

if typing.TYPE_CHECKING:
    import multiprocessing.process

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
PACKAGE = pathlib.PurePosixPath("src/hikari_sessions")
SURVIVORS = HERE / "survivors.txt"

# Modules without a test file of their own have that of the package.
TESTS = {
    "cli": ["tests/test_cli.py"],
    "__main__": ["tests/test_cli.py"],
    "internal/attr_extensions": ["tests/internal/test_attr_extensions.py", "tests/internal/test_built_in_bases.py"],
    "internal/time": ["tests/internal/test_time.py"],
    "payloads": ["tests/test_payloads.py"],
    "sessions": ["tests/test_sessions.py"],
    "startup": ["tests/test_startup.py"],
}
ALWAYS = ["tests/test_package.py"]

# Whatever takes time to import and does not import the package: once, before the processes are forked.
PRELOADED = (
    "_pytest.assertion.rewrite", "asyncio", "attrs", "freezegun", "hypothesis.extra.pytestplugin",
    "hypothesis.strategies", "json", "multiprocessing.pool", "rich.console", "rich.padding", "rich.table",
    "time_machine", "zoneinfo",
)  # fmt: skip

# Changes to the code that stands in the strings of one function.
GENERATED = (
    (" is not ", " is "), (" is ", " is not "), (" or ", " and "), (" in ", " not in "), (", memo", ""),
    ("memo=None", "memo"), ("self", "None"), ("new", "self"), ("return", ""), ("AttributeError", "TypeError"),
    ("type(", "str("),
)  # fmt: skip

# What may become of a mutant that the tests notice.
NOTICED = {"killed", "timeout"}

# pytest's, for tests that failed, modules of tests and a conftest.py that could not be imported.
KILLED = {1, 2, 4}

MEMORY = 4 * 1024**3
LONGEST = 140


class Mutant(typing.NamedTuple):
    module: str
    name: str
    source: str


class _Finder(cst.CSTVisitor):
    """Find what can stand in the place of each node, but for what only type checkers read."""

    METADATA_DEPENDENCIES = (metadata.WhitespaceInclusivePositionProvider,)

    def __init__(self) -> None:
        self.module = cst.Module([])
        self.scope: list[str] = []
        self.found: list[tuple[str, metadata.CodeRange, str]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Module):
            self.module = node
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self.scope.append(node.name.value)
        if isinstance(node, cst.Call) and self.code(node.func) == "typing.cast":
            node.args[1].visit(self)
            return False
        if isinstance(node, cst.Annotation) or (isinstance(node, cst.If) and "TYPE_CHECKING" in self.code(node.test)):
            return False
        if isinstance(node, cst.AnnAssign) and "TypeAlias" in self.code(node.annotation.annotation):
            return False
        for kind, operator in mutators.mutation_operators:
            if isinstance(node, kind):
                for mutated in operator(node):
                    self.add(node, self.code(mutated))
        self.add_more(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, (cst.FunctionDef, cst.ClassDef)):
            self.scope.pop()

    def add_more(self, node: cst.CSTNode) -> None:
        if isinstance(node, (cst.If, cst.While, cst.CompIf)):
            self.add(node.test, f"not ({self.code(node.test)})")
        elif isinstance(node, cst.BooleanOperation):
            for operand in (node.left, node.right):
                self.add(node, f"({self.code(operand)})")
        elif isinstance(node, (cst.Tuple, cst.Set, cst.List, cst.Dict)):
            for element in node.elements:
                others = [other for other in node.elements if other is not element]
                self.add(node, self.code(node.with_changes(elements=others)))
        elif isinstance(node, (cst.FormattedStringText, cst.SimpleString)):
            self.add_text(node)
        elif (isinstance(node, cst.Return) and node.value is not None) or (
            isinstance(node, cst.Expr) and isinstance(node.value, cst.Call)
        ):
            self.add(node.value, "None")
        elif isinstance(node, cst.Decorator):
            self.add(node, "")

    def add_text(self, node: cst.FormattedStringText | cst.SimpleString) -> None:
        if isinstance(node, cst.FormattedStringText):
            self.add(node, f"XX{node.value}")
        if self.scope == ["_source"]:
            for old, new in GENERATED:
                if old in node.value:
                    self.add(node, node.value.replace(old, new, 1))

    def add(self, node: cst.CSTNode, mutated: str) -> None:
        span: typing.Any = self.get_metadata(metadata.WhitespaceInclusivePositionProvider, node)
        self.found.append((".".join(self.scope), span, mutated))

    def code(self, node: cst.CSTNode) -> str:
        return self.module.code_for_node(node)


def mutants_of(module: str) -> list[Mutant]:
    """List the mutants of a module, each by what it changes: the lines before, and the lines after."""
    source = (ROOT / PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    finder = _Finder()
    metadata.MetadataWrapper(cst.parse_module(source)).visit(finder)
    starts = [0, *itertools.accumulate(map(len, source.splitlines(keepends=True)))]

    mutants: dict[str, Mutant] = {}
    seen = {ast.dump(ast.parse(source))}
    names: collections.Counter[str] = collections.Counter()
    for scope, span, code in finder.found:
        start, end = (starts[at.line - 1] + at.column for at in (span.start, span.end))
        mutated = source[:start] + code + source[end:]
        try:
            meaning = ast.dump(ast.parse(mutated))
        except SyntaxError:
            continue
        if meaning in seen:
            continue
        seen.add(meaning)
        name = f"{'.'.join(filter(None, (module.replace('/', '.'), scope)))}: {difference(source, mutated)}"
        names[name] += 1
        # Lines that are the same more than once are told apart by their number.
        name += f" ({names[name]})" if names[name] > 1 else ""
        mutants[name] = Mutant(module, name, mutated)
    return list(mutants.values())


def difference(before: str, after: str) -> str:
    old, new = ([line.strip() for line in text.splitlines()] for text in (before, after))
    first = next(index for index, (a, b) in enumerate(itertools.zip_longest(old, new)) if a != b)
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    lines = (" ".join(part[first : len(part) - last]) for part in (old, new))
    return " -> ".join(shortened(line) for line in lines)


def shortened(line: str) -> str:
    return f"{line[:LONGEST]}…" if len(line) > LONGEST else line or "nothing"


def listed() -> set[str]:
    """Read the mutants that may survive, each of which stands below a reason."""
    names: set[str] = set()
    has_reason = False
    for line in SURVIVORS.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            has_reason = True
        elif line:
            if not has_reason or line in names:
                sys.exit(f"{SURVIVORS.name}: no reason, or twice: {line}")
            names.add(line)
        else:
            has_reason = False
    return names


def run_tests(project: pathlib.Path, module: str, *, quiet: bool, cache: bool) -> typing.NoReturn:
    """Run the tests of a module in this process, on the package in that folder, and end it."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if quiet:
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
    os.chdir(project)
    source = str(project / "src")
    sys.path.insert(0, source)
    sys.dont_write_bytecode = not cache
    os.environ |= {"PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}
    # What the tests spawn would import this file otherwise.
    sys.modules["__main__"] = types.ModuleType("__main__")
    tests = [*TESTS.get(module, []), *ALWAYS]
    options = ["-x", "-q", "-p", "no:cacheprovider", "--tb=short", "--hypothesis-profile=mutation"]
    # What is loaded before pytest starts is said to be too early.
    options += ["-W", "ignore:Module already imported"]
    status = pytest.main([*options, *tests])
    sys.stdout.flush()
    os._exit(status)


class Worker:
    """A copy of the project, in which one process runs at a time."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        for name in ("src", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        self.mutant: Mutant | None = None
        self.ends_at = 0.0
        self.process: multiprocessing.process.BaseProcess | None = None

    def path(self, module: str) -> pathlib.Path:
        return self.folder / PACKAGE / f"{module}.py"

    def start(self, module: str, mutant: Mutant | None, seconds: float) -> None:
        self.mutant = mutant
        self.ends_at = time.monotonic() + seconds
        if mutant:
            self.path(module).write_text(mutant.source, encoding="utf-8")
        self.process = multiprocessing.get_context("fork").Process(
            target=run_tests, args=(self.folder, module), kwargs={"quiet": mutant is not None, "cache": mutant is None}
        )
        self.process.start()

    def end(self) -> str:
        """Tell what became of the mutant, and put the original back in its place."""
        process, mutant = self.process, self.mutant
        assert process is not None
        assert process.pid is not None
        timed_out = process.is_alive()
        # The process may not have a group yet, and whatever it has started is in it.
        process.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        self.process = None
        if mutant:
            shutil.copy(ROOT / PACKAGE / f"{mutant.module}.py", self.path(mutant.module))
        if timed_out:
            return "timeout"
        if process.exitcode == 0:
            return "survived"
        return "killed" if process.exitcode in KILLED else f"ended with {process.exitcode}"


def baseline(worker: Worker, module: str) -> float:
    """Run the tests of a module as it is, and tell how long they take; it also compiles the tests."""
    begun = time.monotonic()
    worker.start(module, None, 600)
    assert worker.process is not None
    worker.process.join()
    if worker.end() != "survived":
        sys.exit(f"the tests of {module} fail without a change")
    # The cache goes by size and by whole seconds, in which there are many mutants.
    for cache in (worker.folder / "src").rglob("__pycache__"):
        shutil.rmtree(cache)
    return time.monotonic() - begun


def is_bad(name: str, outcome: str, allowed: set[str]) -> bool:
    return outcome not in NOTICED and (outcome != "survived" or name not in allowed)


def run(workers: list[Worker], module: str, mutants: list[Mutant], allowed: set[str]) -> dict[str, str]:
    """Run all mutants of a module, on all workers, and show at once which of them should not survive."""
    seconds = 5 + 5 * max(baseline(worker, module) for worker in workers)
    waiting = collections.deque(mutants)
    outcomes: dict[str, str] = {}
    while waiting or any(worker.process for worker in workers):
        for worker in workers:
            if worker.process is None and waiting:
                worker.start(module, waiting.popleft(), seconds)
        running = [worker for worker in workers if worker.process]
        left = min(worker.ends_at for worker in running) - time.monotonic()
        multiprocessing.connection.wait([worker.process.sentinel for worker in running if worker.process], max(0, left))
        for worker in running:
            assert worker.process is not None
            assert worker.mutant is not None
            if not worker.process.is_alive() or time.monotonic() > worker.ends_at:
                name, outcome = worker.mutant.name, worker.end()
                outcomes[name] = outcome
                if is_bad(name, outcome, allowed):
                    show([f"{outcome}: {name}"])
    return outcomes


def show(lines: collections.abc.Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="as in internal/time; all by default")
    parser.add_argument("--only", default="", metavar="TEXT", help="run the mutants with this in their names")
    parser.add_argument("--list", action="store_true", help="list the mutants, and run none")
    options = parser.parse_args()

    package = ROOT / PACKAGE
    known = sorted(path.relative_to(package).with_suffix("").as_posix() for path in package.rglob("*.py"))
    chosen = options.modules or known
    allowed = listed()
    for name in PRELOADED:
        importlib.import_module(name)
    # Some tests collect garbage, which takes long where there is much that stays.
    gc.freeze()

    bad = 0
    names: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        workers = [Worker(pathlib.Path(folder, str(number))) for number in range(os.cpu_count() or 1)]
        for module in chosen:
            mutants = [mutant for mutant in mutants_of(module) if options.only in mutant.name]
            names.update(mutant.name for mutant in mutants)
            if options.list:
                show(mutant.name for mutant in mutants)
                continue
            begun = time.monotonic()
            outcomes = run(workers, module, mutants, allowed) if mutants else {}
            tally = collections.Counter(outcomes.values())
            survived = [name for name, outcome in outcomes.items() if outcome not in NOTICED]
            unknown = [name for name in survived if is_bad(name, outcomes[name], allowed)]
            summary = (
                f"{module}: {len(mutants)} mutants, {tally['killed'] + tally['timeout']} killed"
                f" ({tally['timeout']} by the time limit), {len(survived)} survived, {len(unknown)} of them not listed;"
                f" {time.monotonic() - begun:.0f} seconds"
            )
            killed = sorted(allowed & outcomes.keys() - set(survived))
            show([summary, *(f"listed, but {outcomes[name]}: {name}" for name in killed)])
            bad += len(unknown) + len(killed)
    if not options.modules and not options.only:
        missing = sorted(allowed - names)
        show(f"listed, but there is no such mutant: {name}" for name in missing)
        bad += len(missing)
    return 1 if bad and not options.list else 0


if __name__ == "__main__":
    sys.exit(main())
