#!/usr/bin/env bash
# Brings what the tests need beside Rust: tshark and capinfos, valgrind, the programs that talk to
# the house from Linux's side (tests/kernel_peer.rs), and rustfmt and clippy.
# On Debian and Ubuntu it installs them; elsewhere it says what to install.
# Quick and silent if everything is there.
set -euo pipefail

# Package of Debian for each program.
declare -A package=([tshark]=tshark [capinfos]=wireshark-common [cc]=build-essential)
# Counting instructions, and the kernel as peer: on Linux alone.
if [ "$(uname)" = Linux ]; then
    package+=([valgrind]=valgrind [ip]=iproute2 [unshare]=util-linux [ping]=iputils-ping
        [curl]=curl [python3]=python3 [iperf3]=iperf3 [nc]=netcat-openbsd)
fi

missing=()
for program in "${!package[@]}"; do
    command -v "$program" >/dev/null || missing+=("${package[$program]}")
done

install_packages() {
    if ! command -v apt-get >/dev/null; then
        echo "setup: please install: $*" >&2
        echo "setup: (tshark and capinfos come with Wireshark)" >&2
        exit 1
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "setup: as root: apt-get install $*" >&2; exit 1; }
        as_root=(sudo)
    fi
    echo "setup: installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # sudo drops the environment, so the variable goes along by hand.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
}

if [ "${#missing[@]}" -gt 0 ]; then
    install_packages "${missing[@]}"
fi

if ! command -v cargo >/dev/null; then
    echo "setup: please install Rust 1.91 or newer: https://rustup.rs" >&2
    exit 1
fi
for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 && continue
    command -v rustup >/dev/null || { echo "setup: please install $component" >&2; exit 1; }
    echo "setup: adding $component"
    rustup component add "$component"
done
