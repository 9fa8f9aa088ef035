# PostgreSQL's programs, and who may run them. To be sourced.

# The folder of the newest PostgreSQL server that is installed.
postgres_programs() {
  local folder
  # Debian keeps each version in a folder of its own, off the path; without a server the clients may be there alone.
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) \
    "$(pg_config --bindir 2>/dev/null)" "$(dirname "$(command -v initdb)" 2>/dev/null)"; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ]; then
      echo "$folder"
      return
    fi
  done
  return 1
}

# Sets `as_server`, what a server's command line begins with. PostgreSQL refuses to be root: root becomes somebody who
# owns nothing else that matters. No variable of the caller's, say PGDATA or HOME, reaches a server, nor does the folder
# in which the caller is: the server may not be allowed there, and then Patroni never starts PostgreSQL.
choose_server_user() {
  local home=$1 user
  as_server=(env -i --chdir="$home" "PATH=$programs:/usr/local/bin:/usr/bin:/bin" "HOME=$home" LC_ALL=C.UTF-8)
  server_user=$(id -un) server_group=$(id -gn)
  [ "$(id -u)" = 0 ] || return 0
  for user in postgres nobody; do
    if id "$user" >/dev/null 2>&1; then
      server_user=$user server_group=$(id -gn "$user")
      as_server+=(setpriv "--reuid=$server_user" "--regid=$server_group" --init-groups --)
      return
    fi
  done
  echo "PostgreSQL refuses to run as root, and neither the user postgres nor nobody is there: run this as another user." >&2
  return 2
}

# Makes the folder of a run, which everybody may pass through, and in it `servers`, which is the servers' own.
make_folder() {
  folder=$(realpath "$(mktemp -d "${TMPDIR:-/tmp}/quittance-postgres.XXXXXX")")
  chmod 711 "$folder"
  mkdir -m 700 "$folder/servers"
  choose_server_user "$folder/servers" || return
  [ "$(id -u)" != 0 ] || chown "$server_user:$server_group" "$folder/servers"
  if ! "${as_server[@]}" test -x "$folder/servers"; then
    echo "$server_user, who runs PostgreSQL, cannot enter $folder: set TMPDIR to a folder that everybody may enter." >&2
    return 2
  fi
}

# Ends a process group, and what does not go in ten seconds by force.
end_group() {
  local signal=$1 group=$2 tries
  kill "-$signal" -- "-$group" 2>/dev/null || return 0
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 -- "-$group" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$group" 2>/dev/null || true
}

listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port at which nobody listens, outside what systems give to those who connect. Whoever takes it in the meantime wins;
# those who choose several before they listen give each a number of its own, 0 to 9, and get different ones.
free_port() {
  local port
  while :; do
    port=$((20000 + ${1:-RANDOM % 10} * 1000 + RANDOM % 1000))
    listens "$port" || break
  done
  echo "$port"
}
