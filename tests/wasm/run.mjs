// Runs the tests of the library in Python on WebAssembly. Run it with `nox -s wasm`.
import { createRequire } from "node:module";

const [folder] = process.argv.slice(2);
const { loadPyodide } = createRequire(`${folder}/`)("pyodide");
const python = await loadPyodide();
python.mountNodeFS("/packages", `${folder}/packages`);
python.mountNodeFS("/project", process.cwd());
const status = await python.runPythonAsync(`
import os, sys
sys.dont_write_bytecode = True
sys.path[:0] = ["/project/src", "/packages"]
os.chdir("/project")
import pytest
print(sys.version)
int(pytest.main([
    "-q", "-m", "not system and not slow",
    "tests/test_sessions.py",
    "tests/test_payloads.py",
    "tests/test_rules.py",
    "tests/test_startup.py",
    "tests/internal/test_attr_extensions.py",
]))
`);
process.exit(status);
