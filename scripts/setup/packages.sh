# The npm packages, Node 24 among them (package "node"). Sourced by ../setup.sh.

# Written last: an install that was interrupted leaves none and is run again.
packages_stamp=$root/node_modules/.clearline-stamp

lockfile_hash() { cat "$root/package.json" "$root/package-lock.json" | sha256sum | cut -d' ' -f1; }

packages_are_there() {
  [ -x "$root/node_modules/.bin/node" ] && [ -f "$packages_stamp" ] && [ "$(cat "$packages_stamp")" = "$(lockfile_hash)" ]
}

install_packages() {
  packages_are_there && return
  have npm || fail "npm is missing. Install Node.js 20 or newer with npm: https://nodejs.org/en/download"
  lock "$root"
  if ! packages_are_there; then
    step 'npm packages (about half a minute)' npm_install
    case $("$root/node_modules/.bin/node" --version 2>&1) in
      v24.*) ;;
      *) fail "The npm package \"node\" did not bring Node 24: its install script did not run. Allow npm's install scripts (npm config set ignore-scripts false), remove node_modules and run this again." ;;
    esac
    lockfile_hash >"$packages_stamp"
  fi
  unlock
}

# Never "npm ci": it refuses a lockfile that lacks another platform's optional binaries. --no-save leaves the lockfile alone.
npm_install() {
  rm -f "$packages_stamp"
  (cd "$root" && npm install --no-save --include=dev --no-audit --no-fund --loglevel=error)
}
