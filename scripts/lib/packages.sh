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

# Installs Debian packages without starting a service: at this run level Debian's scripts leave it alone, and where a
# machine knows no run levels, what was not here before is stopped again.
install_packages() {
  command -v apt-get >/dev/null || return 1
  as_root apt-get update -qq || return 1
  local settings="" package service
  case " $* " in *" postgresql "*) settings=without_cluster ;; esac
  $settings as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" || return 1
  for package in "$@"; do
    case $package in
      nginx | patroni | postgresql) service=$package ;;
      etcd-server) service=etcd ;;
      *) continue ;;
    esac
    as_root invoke-rc.d --quiet "$service" stop >/dev/null 2>&1 || true
  done
}

# Runs what installs PostgreSQL so that Debian makes no cluster, which the machine would start when it boots. The
# settings that say so are for this time only: afterwards they are the package's own.
without_cluster() {
  local settings=/etc/postgresql-common/createcluster.conf code=0
  if [ -e "$settings" ]; then
    "$@"
    return
  fi
  as_root mkdir -p "${settings%/*}"
  echo "create_main_cluster = false" | as_root tee "$settings" >/dev/null
  "$@" || code=$?
  as_root cp /usr/share/postgresql-common/createcluster.conf "$settings" 2>/dev/null || as_root rm -f "$settings"
  as_root rm -f "$settings.ucf-dist"
  return "$code"
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
