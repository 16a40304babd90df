#!/usr/bin/env bash
# All checks of the project, in the order in which they fail fastest. Works from a fresh clone.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    printf '\n==> %s\n' "$*"
    local begin=$SECONDS
    "$@"
    printf '    %ss\n' "$((SECONDS - begin))"
}

export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

step bash scripts/setup.sh
step cargo fmt --all --check
step cargo clippy --locked --all-targets -- -D warnings
step env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
# Every test, every example; then the examples in the documentation.
step cargo test --locked --all-targets
step cargo test --locked --doc
# The README's first command, in a folder of its own.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
step cargo run --locked --release -- run topologies/lossy.toml --out "$out/lossy"
step tshark -r "$out/lossy/all.pcapng" -q -z io,phs

printf '\nall checks passed\n'
