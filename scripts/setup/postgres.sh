# PostgreSQL's programs, for the tests alone: they make a cluster of their own in a temporary folder. Sourced by ../setup.sh.

postgres_is_there() {
  [ -n "${CLEARLINE_TEST_POSTGRES_URL:-}" ] || have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

install_postgres() {
  postgres_is_there && return
  lock "$cache"
  if ! postgres_is_there; then
    packages=' postgresql'
    may_install '  - PostgreSQL for the tests, its initdb in the PATH (Debian: postgresql), or a server of yours in CLEARLINE_TEST_POSTGRES_URL'
    step 'PostgreSQL for the tests, without a cluster or a service of its own' install_postgres_alone
  fi
  unlock
}

# Debian's package makes a cluster and starts it unless this file says no; it is put back as it was.
install_postgres_alone() {
  apt_install postgresql-common || return
  cluster_conf=/etc/postgresql-common/createcluster.conf
  [ -f "$cluster_conf.before-clearline" ] || cp -p "$cluster_conf" "$cluster_conf.before-clearline" || return
  pg_conftool "$cluster_conf" set create_main_cluster false || return
  apt_install postgresql && installed=0 || installed=1
  mv "$cluster_conf.before-clearline" "$cluster_conf"
  return $installed
}
