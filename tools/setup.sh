#!/usr/bin/env bash
# Installs what building (and, with --tests or --bench, testing or measuring) needs: Debian packages
# and npm packages. Does nothing, quickly, when all is there. Usage: tools/setup.sh [--tests|--bench]
set -u
cd "$(dirname "$0")/.." || exit 1

stop() {
    printf 'setup: %s\n' "$1" >&2
    exit 1
}

packages=(build-essential cmake ninja-build pkg-config libmicrohttpd-dev libgnutls28-dev libsqlite3-dev
    libjansson-dev libicu-dev zlib1g-dev libzstd-dev libxxhash-dev libsodium-dev
    liboath-dev libqrencode-dev libcurl4-gnutls-dev libgeos-dev libgdal-dev libxlsxwriter-dev
    libstemmer-dev libzip-dev libarchive-dev libxml2-dev libcmark-gfm-dev libcmark-gfm-extensions-dev libpq-dev libprotobuf-c-dev protobuf-c-compiler
    libpango1.0-dev libcairo2-dev fonts-dejavu-core)
postgresql=(postgresql-15 postgresql-15-postgis-3)
grep -q '^VERSION_ID="12"' /etc/os-release || postgresql=(postgresql postgresql-postgis) # the system's own
case "${1:-}" in
--tests) packages+=(libcmocka-dev clang libclang-rt-dev curl zstd chromium-headless-shell openssl sqlite3
    gdal-bin python3 python3-openpyxl python3-rdflib libxml2-utils openssh-server libnss-wrapper
    "${postgresql[@]}" procps nginx-light) ;;
--bench) packages+=(nginx-light wrk curl chromium "${postgresql[@]}") ;;
esac
command -v node >/dev/null && command -v npm >/dev/null || packages+=(nodejs npm)

command -v apt-get >/dev/null ||
    stop "this system has no apt; parvis is built on Debian 12 or newer (see README.md)"
version=$(. /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-}" "${VERSION_ID:-0}")
case "$version" in
debian\ 1[2-9]* | ubuntu\ 2[4-9]* | debian\ 0) ;;
*) stop "'$version' is not supported; use Debian 12 or newer, or Ubuntu 24.04 or newer" ;;
esac

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            stop "packages are missing and there is no sudo; as root: apt-get install ${missing[*]}"
        sudo -v || stop "packages are missing and sudo was refused; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    printf 'installing %s\n' "${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    "${as_root[@]}" apt-get update -q >"$log" 2>&1 ||
        stop "apt-get update failed; check the network ($(tail -n 1 "$log"))"
    no_cluster=
    if [[ " ${missing[*]} " == *" postgresql"* ]]; then
        # The tests start servers of their own; without this the package would set up and start one, too.
        no_cluster=/etc/postgresql-common/createcluster.d/parvis-tests.conf
        printf 'create_main_cluster = false\n' | "${as_root[@]}" install -D /dev/stdin "$no_cluster"
    fi
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
        stop "apt-get install failed; check the network and apt's sources ($(tail -n 1 "$log"))"
    rm -f "$log"
    [ -z "$no_cluster" ] || "${as_root[@]}" rm -f "$no_cluster"
fi

stamp=node_modules/.parvis-lock
if ! cmp -s package-lock.json "$stamp"; then
    printf 'installing npm packages\n'
    log=$(mktemp)
    npm ci --no-progress >"$log" 2>&1 ||
        stop "npm ci failed; check the network ($(grep -m 1 '^npm [Ee]' "$log" || tail -n 1 "$log"))"
    rm -f "$log"
    cp package-lock.json "$stamp"
    tools/check_duckdb.sh || { rm -f "$stamp"; exit 1; }
fi
