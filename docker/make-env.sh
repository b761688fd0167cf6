#!/bin/sh
# Writes .env beside docker-compose.yml: the passwords that Clearline's containers share. Leaves one that is there alone.
set -eu
env_file=$(dirname "$(dirname "$(readlink -f "$0")")")/.env
if [ -e "$env_file" ]; then
  echo "$env_file is there already; remove it first to have new passwords."
  exit
fi
umask 077
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
cat >"$env_file.new" <<END
CLEARLINE_ARI_PASSWORD=$(password)
CLEARLINE_AMI_PASSWORD=$(password)
CLEARLINE_STAFF_PHONE_PASSWORD=$(password)
CLEARLINE_WATCH_PASSWORD=$(password)
END
mv "$env_file.new" "$env_file"
echo "Wrote $env_file, readable by you alone."
