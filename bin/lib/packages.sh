# System packages. Debian 12 and 13 are first-class; Ubuntu as far as its packages allow.

site_packages=(libsqlite3-mod-spatialite gdal-bin gettext python3-venv)
browser_packages=(chromium libatomic1) # libatomic1: Playwright's own Node needs it
dev_packages=(postgresql-postgis redis-server)

has_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

missing_packages() {
  local wanted=("${site_packages[@]}") name
  [ "$browser" = yes ] && wanted+=("${browser_packages[@]}")
  [ "$dev" = yes ] && wanted+=("${dev_packages[@]}")
  for name in "${wanted[@]}"; do has_package "$name" || echo "$name"; done
}

ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "This system has no dpkg. Install by hand: SpatiaLite, GDAL, gettext, Python ≥ 3.11 with venv${browser:+, Chromium}." >&2
    return
  fi
  local missing=()
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return
  if ! may_install "${missing[@]}"; then
    echo "Please install, then run this again:  sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  install_packages "${missing[@]}"
  did+=("system packages ${missing[*]}")
}

may_install() {
  [ "$(id -u)" -eq 0 ] && return 0
  command -v sudo >/dev/null || return 1
  if [ "$yes" = yes ]; then sudo -n true 2>/dev/null; return; fi
  [ -t 0 ] || return 1
  local answer
  read -r -p "Install ${*} with sudo apt-get? [Y/n] " answer
  [[ "$answer" =~ ^([Yy].*)?$ ]]
}

install_packages() {
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  # A cluster of its own on port 5432 is the last thing a user of this machine asked for.
  if printf '%s\n' "$@" | grep -q '^postgresql' && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  # Neither does a Redis that starts with the machine help our tests, which start their own.
  if printf '%s\n' "$@" | grep -q '^redis-server$' && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl mask redis-server.service >/dev/null 2>&1 || true
  fi
  local options=(-y --no-install-recommends -o Dpkg::Use-Pty=0)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq "${options[@]}" "$@" >build/apt.log 2>&1 || {
    tail -n 5 build/apt.log >&2
    echo "apt-get could not install: $*. The whole log is in build/apt.log." >&2
    exit 1
  }
}
