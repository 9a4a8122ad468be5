#!/bin/sh
# Makes the secrets of compose.yaml that are not there yet, in the folder `secrets` beside this file, and says which one
# only you can give. A file that exists is never changed.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
cd secrets

# Docker hands a file over as it is, and each container reads it as a user of its own. So the files are readable, and
# the folder is closed to other users of this machine.
chmod 700 .
keep() {
  [ -s "$1" ] && return
  cat > "$1.new"
  chmod 444 "$1.new"
  mv "$1.new" "$1"
  echo "made secrets/$1"
}
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

random | keep mariadb_root_password
random | keep mariadb_password
printf 'mysql://minutewatch:%s@mariadb:3306/minutewatch' "$(cat mariadb_password)" | keep database_url

if [ ! -s discord_token ]; then
  echo 'missing: secrets/discord_token, with the token of your bot from the Discord developer portal' >&2
  exit 1
fi
chmod 444 -- *
