# How a step of the set-up is shown, locked and reported. Sourced by ../setup.sh.

say() { printf 'Clearline set-up: %s\n' "$*"; }

# fail MESSAGE: says what to do, and ends the set-up.
fail() {
  printf '\nClearline set-up cannot go on.\n%s\n' "$*" >&2
  exit 1
}

# step TITLE COMMAND...: one line while it runs; its output only when it fails. As the shell's -e is off in a condition, a
# command that is a function must end at its own first failure ("|| return").
step() {
  title=$1
  shift
  step_log=$(mktemp "${TMPDIR:-/tmp}/clearline-setup.XXXXXX")
  began=$(date +%s)
  printf 'Clearline set-up: %s … ' "$title"
  if "$@" >"$step_log" 2>&1; then
    printf 'done (%s s)\n' "$(($(date +%s) - began))"
    rm -f "$step_log"
  else
    printf 'failed\n'
    tail -n 25 "$step_log" >&2
    fail "$title failed; the whole output is in $step_log. It is safe to run the same command again."
  fi
}

# lock FOLDER: until this process ends, nobody else sets FOLDER up. The lock is on the folder itself: no file to go stale.
lock() {
  exec 9<"$1"
  flock --nonblock 9 && return
  say "another set-up is at work in $1; waiting for it"
  flock 9
}

unlock() { exec 9<&-; }

have() { command -v "$1" >/dev/null 2>&1; }
