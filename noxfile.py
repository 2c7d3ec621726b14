"""What is checked, and how.

`nox` runs the checks that every change needs, and `nox -t ci` the others that it
has to pass. `nox -l` lists every session, and `nox -s NAME` runs one.
"""

from __future__ import annotations

import logging
import pathlib

import nox

PROJECT = nox.project.load_toml("pyproject.toml")["project"]
PYTHONS = nox.project.python_versions({"project": PROJECT})
OLDEST, NEWEST = PYTHONS[0], PYTHONS[-1]
EXTRAS = PROJECT["optional-dependencies"]
ALL = ".[cli,redis]"
LOWEST = [
    requirement.replace(">=", "==")
    for requirement in PROJECT["dependencies"] + EXTRAS["cli"] + EXTRAS["redis"]
]
# The first to support Python 3.14.
OLDEST_MYPY = "mypy==1.17.0"
LIBRARIES = (
    "discord.py==2.7.1",
    "disnake==2.12.2",
    "hikari==2.7.0",
    "nextcord==2.6.0",
    "py-cord==2.8.1",
)
PYODIDE = "pyodide@314.0.7"

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"
# nox says so on every run, although it works without uv.
logging.getLogger("nox").addFilter(lambda log: log.msg != "uv binary not found.")
# Skip the interpreters that the machine lacks.
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the quick tests on each interpreter on the machine."""
    session.install(ALL, "--group=tests")
    session.run("pytest", "-m", "not slow", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run all tests, and check that they cover every line and branch."""
    session.install(ALL, "--group=tests", "--group=hikari")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, spelling and slots."""
    session.install(".[redis]", "--group=lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")
    session.run("slotscheck", "-m", "hikari_sessions")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types with mypy."""
    session.install(ALL, "--group=typing")
    session.run("mypy")


@nox.session(name="tests-lowest", python=OLDEST, tags=["ci"], default=False)
def tests_lowest(session: nox.Session) -> None:
    """Run the quick tests with the lowest supported dependencies."""
    session.install(ALL, "--group=tests", *LOWEST)
    session.run("pytest", "-m", "not slow", *session.posargs)


@nox.session(name="type-checkers", tags=["ci"], default=False)
def type_checkers(session: nox.Session) -> None:
    """Check the public types with five type checkers, and the code in the docs."""
    session.install(ALL, "--group=typing", "--group=type-checkers")
    session.env["MYPY_CACHE_DIR"] = ".nox/mypy"
    session.run("python", "tests/typing/documents.py")
    session.run("pyright")
    session.run("pyright", "--verifytypes", "hikari_sessions", "--ignoreexternal")
    allowlist = "--allowlist=tests/typing/stubtest.txt"
    config = "--mypy-config-file=pyproject.toml"
    session.run("stubtest", config, allowlist, "hikari_sessions")
    right, wrong = "tests/typing/right.py", "tests/typing/wrong.py"
    mypy = ["mypy", "--config-file=", "--strict"]
    for python, files in (OLDEST, [right]), (NEWEST, [right, wrong]):
        session.run(*mypy, f"--python-version={python}", *files)
        session.run("pyright", f"--pythonversion={python}", *files)
        session.run("basedpyright", f"--pythonversion={python}", right)
        session.run("pyrefly", "check", f"--python-version={python}", right)
        session.run("ty", "check", f"--python-version={python}", right)

    replace = "tests/typing/wrong_replace.py"
    session.run(*mypy, f"--python-version={NEWEST}", replace)

    # Older releases of mypy have other codes for the same errors.
    session.install(OLDEST_MYPY)
    for python in OLDEST, NEWEST:
        session.run(*mypy, f"--python-version={python}", right)


@nox.session(tags=["ci"], default=False)
def framework(session: nox.Session) -> None:
    """Run hikari's tests and type check, with our modules in place of its own."""
    session.install(".", "--group=framework")
    session.run("python", "tests/parity/framework.py")


@nox.session(tags=["ci"], default=False)
def package(session: nox.Session) -> None:
    """Build the distributions, check them, and run the tests that they ship."""
    session.install("--group=packaging")
    folder = pathlib.Path(session.create_tmp()).resolve()
    session.run("python", "-m", "build", f"--outdir={folder}", silent=True)
    (source,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    session.run("twine", "check", "--strict", str(source), str(wheel))
    session.run("check-wheel-contents", str(wheel))
    session.run("validate-pyproject", "pyproject.toml")
    session.install(f"{wheel}[cli,redis]", "--group=tests")
    session.run("python", "-m", "tarfile", "--extract", str(source), str(folder))
    session.chdir(folder / source.name.removesuffix(".tar.gz"))
    session.run("pytest", "-m", "not slow")


# The tools need Python 3.11.
@nox.session(python="3.13", tags=["ci"], default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation, and check the pages; the tests run its examples."""
    session.install(ALL, "--group=docs", "--group=tests")
    output = pathlib.Path(session.create_tmp(), "html")
    session.run("sphinx-build", "-EW", "--keep-going", "docs", str(output))
    session.run("pytest", "tests/site_pages.py", env={"SITE": str(output)})


# nextcord needs what Python 3.13 removed from the standard library.
@nox.session(python="3.11", tags=["ci"], default=False)
@nox.parametrize("library", LIBRARIES)
def bots(session: nox.Session, library: str) -> None:
    """Run the bots in the how-tos against a gateway that enforces the rules."""
    session.install(".[redis]", library, "--group=bots")
    session.run("pytest", "-o", "python_files=*_bot.py", "tests/bots")


@nox.session(tags=["ci"], default=False)
def workflows(session: nox.Session) -> None:
    """Check the files for GitHub and Read the Docs."""
    session.install("--group=workflows")
    session.run("zizmor", "--offline", "--pedantic", ".github")
    for schema, file in {
        "github-workflows": ".github/workflows/ci.yml",
        "dependabot": ".github/dependabot.yml",
        "github-issue-forms": ".github/ISSUE_TEMPLATE/bug.yml",
        "readthedocs": ".readthedocs.yaml",
    }.items():
        check = f"--builtin-schema=vendor.{schema}"
        session.run("check-jsonschema", check, file, silent=True)


@nox.session(python=["3.11", "3.13"], default=False)
def bench(session: nox.Session) -> None:
    """Compare the package with its peers, and write the figures for the docs."""
    session.install(".", "--group=benchmarks")
    session.run("python", "-m", "benchmarks.compare", env={"PYTHONPATH": "tests"})


@nox.session(default=False)
def pictures(session: nox.Session) -> None:
    """Draw the pictures for the documentation."""
    session.install(".", "--group=pictures")
    session.run("python", "docs/pictures/draw.py")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz the decoder and the command for a minute, or `-- -max_total_time=S`."""
    session.install(ALL, "--group=fuzz")
    options = session.posargs or ["-max_total_time=60"]
    artifacts = f"-artifact_prefix={session.create_tmp()}/"
    tests = {"PYTHONPATH": "tests"}
    session.run("python", "tests/fuzz/fuzz.py", artifacts, *options, env=tests)


@nox.session(python="3.11", default=False)
def mutation(session: nox.Session) -> None:
    """Break the code in one place at a time; list the changes no test notices.

    `nox -s mutation -- "*limiter*"` changes only part of it, and
    `.nox/mutation/bin/mutmut show NAME` shows a change.
    """
    session.install(ALL, "--group=mutation")
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


@nox.session(venv_backend="virtualenv", default=False)
def wasm(session: nox.Session) -> None:
    """Run the tests of the library in Python 3.14 on WebAssembly, with Node."""
    folder = pathlib.Path(session.create_tmp()).resolve()
    npm = ["npm", "install", "--no-audit", "--no-fund", f"--prefix={folder}"]
    session.run(*npm, PYODIDE, external=True)
    target = ["--platform=any", "--python-version=3.14", "--only-binary=:all:"]
    target += [f"--target={folder}/packages"]
    session.install(*target, "attrs", "--group=wasm")
    session.run("node", "tests/wasm/run.mjs", str(folder), external=True)
