#!/bin/sh
# Installs what Clearline needs and is missing; says nothing when nothing is.
#
#   sh scripts/setup.sh packages   npm packages, Node 24 among them
#   sh scripts/setup.sh calls      and what real calls need: SIPp, Redis, Asterisk
#   sh scripts/setup.sh tests      and what the tests need beside: PostgreSQL, pdftotext
#   sh scripts/setup.sh all        the same, and says what there is
#
# May be interrupted and run again, and run by several checkouts at once: every part is built under another name and
# moved into place whole, and locks (flock) end with the process that holds them.
set -eu

what=${1:-all}
case $what in packages | calls | tests | all) ;; *) echo "usage: sh scripts/setup.sh packages|calls|tests|all" >&2; exit 2 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cache=${CLEARLINE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/clearline}

. "$here/setup/steps.sh"
. "$here/setup/packages.sh"
. "$here/setup/programs.sh"
. "$here/setup/postgres.sh"
. "$here/setup/poppler.sh"

# A step's output goes to its log; this must not.
exec 8>&2
trap 'printf "\nClearline set-up: interrupted. It is safe to run the same command again.\n" >&8; exit 130' INT TERM
install_packages
[ "$what" = packages ] && exit
mkdir -p "$cache/bin"
install_programs
[ "$what" = calls ] && exit
install_postgres
install_poppler
[ "$what" = tests ] && exit
say "Everything is there: Node $("$root/node_modules/.bin/node" --version), $(name_asterisk), $(name_redis), $(name_sipp)."
