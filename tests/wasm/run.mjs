// Runs pytest in Python on WebAssembly. Run it with `nox -s wasm`.
import { createRequire } from "node:module";

const [folder, project, ...args] = process.argv.slice(2);
const { loadPyodide } = createRequire(`${folder}/`)("pyodide");
const python = await loadPyodide();
python.mountNodeFS("/packages", `${folder}/packages`);
python.mountNodeFS("/project", project);
python.globals.set("args", python.toPy(args));
const status = await python.runPythonAsync(`
import os, sys
sys.dont_write_bytecode = True
sys.path[:0] = ["/project/src", "/packages"]
os.chdir("/project")
import pytest
print(sys.version)
int(pytest.main(args))
`);
process.exit(status);
