#!/usr/bin/env bash
# Copies the pinned third-party scripts of the pages into vendor/, with the licences
# of all that may be bundled in them. Needs Node; run it only to change a version.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --ignore-scripts
for file in graphiql/graphiql.min.js graphiql/graphiql.min.css react/umd/react.production.min.js \
  react-dom/umd/react-dom.production.min.js graphql-ws/umd/graphql-ws.min.js; do
  cp "node_modules/$file" vendor/
done
node - > vendor/LICENSES.txt <<'EOS'
const fs = require("fs");
const path = require("path");
const { packages } = require(path.resolve("package-lock.json"));
for (const folder of Object.keys(packages).filter((name) => name && fs.existsSync(name)).sort()) {
  const { name, version, license } = require(path.resolve(folder, "package.json"));
  console.log(`== ${name} ${version}: ${license} ==`);
  for (const file of fs.readdirSync(folder).filter((file) => /^(licen[sc]e|notice)/i.test(file))) {
    console.log(`${fs.readFileSync(path.join(folder, file), "utf8").replaceAll("\r", "").trim()}\n`);
  }
}
EOS
cat fonts.txt >> vendor/LICENSES.txt
rm -rf node_modules
