#!/usr/bin/env bash
# Brings the real Vibe Kanban 0.0.71 out of its npm package into a cache folder and prints the
# binary's path. With the binary there already, nothing is done. The download is 138 MB.
#
# Cache folder: $REAL_VIBE_CACHE, else $XDG_CACHE_HOME/huly-vibe-sync, else
# ~/.cache/huly-vibe-sync.
set -euo pipefail

version=0.0.71
# The whole package, for every platform: what is run here is what the tests were written against.
sha256=fcee61ff47b3020d1cf29c6aa8c8f884260a63613d1e4d5683109c83ed0ae5cc

fail() {
    printf 'fetch-vibe: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# The package's folder for this machine.
platform() {
    case "$(uname -s)/$(uname -m)" in
        Linux/x86_64 | Linux/amd64) echo linux-x64 ;;
        Linux/aarch64 | Linux/arm64) echo linux-arm64 ;;
        Darwin/arm64) echo macos-arm64 ;;
        # A shell under Rosetta says x86_64 on an arm64 machine; either binary runs there.
        Darwin/x86_64) echo macos-x64 ;;
        *) fail "Vibe Kanban $version has no binary for $(uname -s) on $(uname -m)" ;;
    esac
}

check_sum() {
    local sum
    if have sha256sum; then
        sum=$(sha256sum "$1")
    elif have shasum; then
        sum=$(shasum -a 256 "$1")
    else
        fail "sha256sum or shasum is needed to check the download"
    fi
    [ "${sum%% *}" = "$sha256" ] || fail "the package has the sum ${sum%% *}, expected $sha256"
}

extract_zip() {
    if have unzip; then
        unzip -q "$1" -d "$2"
    elif have python3; then
        python3 -m zipfile -e "$1" "$2"
    elif have bsdtar; then
        bsdtar -xf "$1" -C "$2"
    else
        fail "unzip, python3 or bsdtar is needed to unpack the binary"
    fi
}

cache=${REAL_VIBE_CACHE:-${XDG_CACHE_HOME:-${HOME:?neither REAL_VIBE_CACHE nor HOME is set}/.cache}/huly-vibe-sync}
folder=$cache/vibe-kanban-$version

if [ -x "$folder/vibe-kanban" ]; then
    printf '%s\n' "$folder/vibe-kanban"
    exit 0
fi

platform=$(platform)
have npm || fail "npm is needed to download vibe-kanban@$version"

# Beside the final place, so that the last step is a rename on one file system: the binary is
# there whole or not at all, also when two of these run at once.
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
temp=$(mktemp -d "$folder/.fetch.XXXXXX")
trap 'rm -rf "$temp"' EXIT

printf 'fetch-vibe: downloading vibe-kanban@%s (138 MB)\n' "$version" >&2
# npm's own cache would keep a second copy of the package for good, so it goes with the rest.
(cd "$temp" && npm pack "vibe-kanban@$version" --silent --ignore-scripts --cache "$temp/npm" >&2) ||
    fail "npm pack vibe-kanban@$version failed; is the npm registry reachable?"
package=$temp/vibe-kanban-$version.tgz
[ -f "$package" ] || fail "npm pack left no vibe-kanban-$version.tgz"
check_sum "$package"

zip=package/dist/$platform/vibe-kanban.zip
tar -xzf "$package" -C "$temp" "$zip" || fail "the package has no $zip"
mkdir "$temp/unpacked"
extract_zip "$temp/$zip" "$temp/unpacked" || fail "$zip could not be unpacked"
[ -s "$temp/unpacked/vibe-kanban" ] || fail "$zip holds no vibe-kanban"
chmod 755 "$temp/unpacked/vibe-kanban"
mv -f "$temp/unpacked/vibe-kanban" "$folder/vibe-kanban"

printf '%s\n' "$folder/vibe-kanban"
