# A private PostGIS and Redis for tests: own folder, own ports, gone afterwards.

postgres_pid="" redis_pid=""

free_port() {
  .venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_services() {
  local bin
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  if [ -z "$bin" ] || ! command -v redis-server >/dev/null; then
    echo "PostgreSQL or Redis is not installed: the second database is skipped." >&2
    return 1
  fi
  start_postgres "$bin" && start_redis
}

start_postgres() {
  local bin=$1 port
  port=$(free_port)
  pg=$(mktemp -d)
  [ "$(id -u)" -eq 0 ] && chown postgres "$pg"
  as_postgres "$bin/initdb" --no-sync -A trust -U loggia -D "$pg/data" >"$work/initdb.log" 2>&1 || { cat "$work/initdb.log"; return 1; }
  as_postgres "$bin/postgres" -D "$pg/data" -k "$pg" -h 127.0.0.1 -p "$port" \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=80 >"$work/postgres.log" 2>&1 &
  postgres_pid=$!
  local _
  for _ in $(seq 100); do
    as_postgres "$bin/pg_isready" -q -h "$pg" -p "$port" && break
    sleep 0.1
  done
  as_postgres "$bin/createdb" -h "$pg" -p "$port" -U loggia loggia || return 1
  as_postgres "$bin/createdb" -h "$pg" -p "$port" -U loggia contacts || return 1
  export DATABASE_URL="postgis://loggia@127.0.0.1:$port/loggia" CONTACTS_URL="postgis://loggia@127.0.0.1:$port/contacts"
}

start_redis() {
  local port
  port=$(free_port)
  redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
  redis_pid=$!
  export REDIS_URL="redis://127.0.0.1:$port/0"
}

stop_services() {
  if [ -n "$postgres_pid" ]; then
    # runuser passes no signal on: the server's own id stands in its folder.
    local id
    id=$(head -n 1 "$pg/data/postmaster.pid" 2>/dev/null) && kill -INT "$id" 2>/dev/null
    wait "$postgres_pid" 2>/dev/null
    rm -rf "$pg"
  fi
  [ -n "$redis_pid" ] && kill "$redis_pid" 2>/dev/null && wait "$redis_pid" 2>/dev/null
  return 0
}
