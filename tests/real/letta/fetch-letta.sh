#!/usr/bin/env bash
# Installs the real Letta 0.16.8 and a PostgreSQL for it into a cache folder and prints the folder.
# With both there already, nothing is done. Needs Python 3.11 to 3.13 with venv, and the Python
# registry: about three minutes, 1.2 GB on the disk.
#
# Cache folder: $REAL_LETTA_CACHE, else $XDG_CACHE_HOME/huly-vibe-sync, else
# ~/.cache/huly-vibe-sync.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

version=0.16.8

fail() {
    printf 'fetch-letta: %s\n' "$*" >&2
    exit 1
}

is_fit() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

cache=${REAL_LETTA_CACHE:-${XDG_CACHE_HOME:-${HOME:?neither REAL_LETTA_CACHE nor HOME is set}/.cache}/huly-vibe-sync}
folder=$cache/letta-$version
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# A folder of Python's cannot be moved to its place when it is whole. So a mark says that it is:
# what was installed, by its pins. The lock is for two of these at once; it dies with the process.
mark=$(cksum <"$here/constraints.txt")
exec 9>"$folder/lock"
flock 9
if [ "$(cat "$folder/whole" 2>/dev/null)" = "$mark" ]; then
    printf '%s\n' "$folder"
    exit 0
fi

python=
for candidate in python3 python3.13 python3.12 python3.11; do
    if is_fit "$candidate"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: python3-venv)"

printf 'fetch-letta: installing letta %s with %s (1.2 GB)\n' "$version" "$("$python" --version)" >&2
rm -rf "$folder/whole" "$folder/venv" "$folder/postgres"
pip() { "$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@" >&2; }
"$python" -m venv "$folder/venv" || fail "$python cannot make a virtual environment"
pip install --no-cache-dir --no-compile --constraint "$here/constraints.txt" \
    "letta[server]==$version" asyncpg pg8000 pgvector ||
    fail "letta $version could not be installed; is the Python registry reachable?"
# PostgreSQL 16 with pgvector. Only its programs are used, so its Python need not be ours.
pip install --no-cache-dir --no-compile --no-deps --only-binary=:all: --python-version 3.12 \
    --target "$folder/postgres" pgserver==0.1.4 ||
    fail "there is no PostgreSQL (pgserver 0.1.4) for this machine"
printf '%s' "$mark" >"$folder/whole"
printf '%s\n' "$folder"
