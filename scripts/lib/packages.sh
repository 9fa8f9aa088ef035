# What a script needs of the system: installed on Debian, named elsewhere. To be sourced.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# What is missing: Debian's names, each with what it is needed for.
missing=() reasons=()
need() {
  missing+=("$1")
  reasons+=("$1: $2")
}

# Installs Debian packages and nothing more: no service of theirs runs afterwards, and no cluster of PostgreSQL is made.
install_packages() (
  command -v apt-get >/dev/null || exit 1
  as_root apt-get update -qq || exit 1
  services="" policy="" settings=""
  for package in "$@"; do
    case $package in
      nginx | patroni) services+=" $package" ;;
      postgresql) services+=" postgresql" settings=/etc/postgresql-common/createcluster.conf ;;
      etcd-server) services+=" etcd" ;;
    esac
  done
  trap as_before EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  forbid_services || exit 1
  forbid_cluster || exit 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
)

# Debian asks this file before it starts a service. A machine that has one of its own keeps it: most containers do, and
# let nothing start.
forbid_services() {
  [ -n "$services" ] && [ ! -e /usr/sbin/policy-rc.d ] || return 0
  policy=/usr/sbin/policy-rc.d
  as_root tee "$policy" >/dev/null <<END || return
#!/bin/sh
# Quittance's scripts remove this when they have installed what they need.
for word; do
  case "$services " in *" \${word%.service} "*) exit 101 ;; esac
done
END
  as_root chmod 755 "$policy"
}

# Debian makes a cluster as it installs PostgreSQL, which the machine would start when it boots. Settings that are there
# are somebody's own.
forbid_cluster() {
  if [ -z "$settings" ] || [ -e "$settings" ]; then
    settings=""
    return
  fi
  as_root mkdir -p "${settings%/*}" && echo "create_main_cluster = false" | as_root tee "$settings" >/dev/null
}

# Afterwards the settings are the package's own, and what was started all the same is stopped.
as_before() {
  [ -z "$policy" ] || as_root rm -f "$policy"
  if [ -n "$settings" ]; then
    as_root cp /usr/share/postgresql-common/createcluster.conf "$settings" 2>/dev/null || as_root rm -f "$settings"
    as_root rm -f "$settings.ucf-dist"
  fi
  local service
  for service in $services; do as_root invoke-rc.d --quiet "$service" stop >/dev/null 2>&1 || true; done
}

# Installs what is missing, and then whatever the arguments run has to hold; else says what a person has to install.
install_missing() {
  [ ${#missing[@]} -gt 0 ] || return 0
  printf 'missing: %s\n' "${reasons[@]}"
  if ! install_packages "${missing[@]}" || ! "${@:-true}"; then
    echo "Install these with your system's package manager, then run this again (Debian: apt-get install ${missing[*]})." >&2
    return 2
  fi
}
