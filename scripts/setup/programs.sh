# SIPp, Redis and Asterisk. Sourced by ../setup.sh.

asterisk_root=$cache/asterisk-22
linked_redis=$cache/bin/redis-server

# Asterisk in the PATH that is new enough: REST over the ARI websocket came with 20.14, 21.9 and 22.4.
# services/standalone/programs.ts asks the same question.
installed_asterisk() {
  have asterisk || return 1
  asterisk -V 2>/dev/null | sed -n 's/^Asterisk \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | {
    read -r major minor || return 1
    case $major in
      20) [ "$minor" -ge 14 ] ;;
      21) [ "$minor" -ge 9 ] ;;
      22) [ "$minor" -ge 4 ] ;;
      *) [ "$major" -gt 22 ] ;;
    esac
  }
}

asterisk_is_there() {
  [ -n "${CLEARLINE_ASTERISK_URL:-}" ] || [ -x "$asterisk_root/usr/sbin/asterisk" ] || installed_asterisk
}
redis_is_there() { [ -n "${CLEARLINE_REDIS_URL:-}" ] || have redis-server || [ -x "$linked_redis" ]; }
programs_are_there() { have sipp && redis_is_there && asterisk_is_there; }

install_programs() {
  programs_are_there && return
  lock "$cache"
  packages=
  have sipp || packages="$packages sip-tester"
  # Debian's redis-tools has the server's binary without its system service: redis-check-rdb, called redis-server, is one.
  redis_is_there || have redis-check-rdb || packages="$packages redis-tools"
  # The keyring too: one from the first days of Debian 12 does not know who signs newer releases.
  asterisk_is_there || have mmdebstrap || packages="$packages mmdebstrap debian-archive-keyring"
  if [ -n "$packages" ]; then
    may_install "$calls_need"
    # shellcheck disable=SC2086 # one word a package
    step "Debian packages$packages" apt_install $packages
  fi
  redis_is_there || step 'Redis without its system service' link_redis
  if ! asterisk_is_there; then
    [ "$(id -u)" = 0 ] || say 'not root: Asterisk is unpacked in a user namespace, where this machine allows one'
    step "Asterisk 22 into $asterisk_root (340 MB, about a minute)" unpack_asterisk
  fi
  unlock
}

# may_install WHAT: ends with what to install by hand where this script may not. $packages has Debian's names.
may_install() {
  have apt-get || fail "There is no apt-get on this machine. Install these by your system's own means, then run the same command again:
$1"
  [ "$(id -u)" = 0 ] || fail "Only root may install packages, and these are missing:$packages. Run once:
  sudo apt-get update && sudo apt-get install --no-install-recommends$packages
then the same command again. They stand for these, which you may also have by other means:
$1"
}

calls_need="  - SIPp, the telephone of the tests and the demo, as \"sipp\" in the PATH (Debian: sip-tester)
  - Redis 6.2 or newer, as \"redis-server\" in the PATH (Debian: redis-tools is enough), or its address in CLEARLINE_REDIS_URL
  - Asterisk 20.14, 21.9, 22.4 or newer, as \"asterisk\" in the PATH, or its ARI address in CLEARLINE_ASTERISK_URL
    (with mmdebstrap and Debian's archive keyring installed, this script unpacks one by itself)"

# The first try fails on a machine whose package lists are missing or old, or whose last installation was interrupted.
apt_install() {
  try_apt_install "$@" && return
  dpkg --configure -a
  apt-get -o DPkg::Lock::Timeout=300 update
  try_apt_install "$@"
}

try_apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@" </dev/null
}

link_redis() {
  ln -sfn "$(command -v redis-check-rdb)" "$linked_redis.new" && mv -fT "$linked_redis.new" "$linked_redis" || return
  "$linked_redis" --version | grep -q 'Redis server' && return
  rm -f "$linked_redis"
  echo 'redis-check-rdb on this machine is not the server. Install a redis-server that is in the PATH.'
  return 1
}

# Debian 12 and 13 have no Asterisk; Debian testing has the 22 LTS. It runs from its folder, without chroot.
unpack_asterisk() {
  rm -rf --one-file-system "$asterisk_root.new"
  unpack_forky || {
    # A mirror or a snapshot that is behind: its release file has run out, its signature still holds.
    grep -q 'is expired' "$step_log" || return
    rm -rf --one-file-system "$asterisk_root.new"
    unpack_forky "--aptopt=Acquire::Check-Valid-Until \"false\""
  } || return
  mv -T "$asterisk_root.new" "$asterisk_root"
}

unpack_forky() {
  mmdebstrap --variant=apt --components=main "$@" \
    --include=asterisk,asterisk-modules,asterisk-core-sounds-en forky "$asterisk_root.new" </dev/null
}

name_asterisk() {
  if [ -n "${CLEARLINE_ASTERISK_URL:-}" ]; then echo "Asterisk at $CLEARLINE_ASTERISK_URL"
  elif installed_asterisk; then asterisk -V
  else echo "Asterisk 22 in $asterisk_root"; fi
}
name_redis() {
  if [ -n "${CLEARLINE_REDIS_URL:-}" ]; then echo 'your Redis'
  elif have redis-server; then redis-server --version | cut -d' ' -f1-3
  else "$linked_redis" --version | cut -d' ' -f1-3; fi
}
name_sipp() { sipp -v 2>&1 | sed -n 's/^ *\(SIPp v[0-9.]*\).*/\1/p' | head -n 1; }
