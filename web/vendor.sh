#!/usr/bin/env bash
# Copies the pinned third-party scripts of the pages into vendor/. Needs Node;
# run it only to change a version.
set -euo pipefail
cd "$(dirname "$0")"
npm ci
for file in graphiql/graphiql.min.js graphiql/graphiql.min.css react/umd/react.production.min.js \
  react-dom/umd/react-dom.production.min.js graphql-ws/umd/graphql-ws.min.js; do
  cp "node_modules/$file" vendor/
done
: > vendor/LICENSES.txt
for package in graphiql react react-dom graphql-ws graphql; do
  {
    echo "== $package $(node -p "require('./node_modules/$package/package.json').version") =="
    cat node_modules/"$package"/LICENSE*
    echo
  } >> vendor/LICENSES.txt
done
rm -rf node_modules
