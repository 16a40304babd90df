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

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

# Property tests try the same cases every time; another number tries others.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-1}"

step bash scripts/setup.sh
step cargo fmt --all --check
step cargo clippy --locked --all-targets -- -D warnings
step env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
# The examples in the documentation; then every test, bench and example.
step cargo test --locked --doc 2>&1 | tee "$out/tests.log"
step cargo test --locked --all-targets 2>&1 | tee -a "$out/tests.log"
# Both programs at once, as linking each keeps one core busy for minutes. Then the README's first
# command, without `cargo run`: that would link once more, as it leaves out what only tests need.
step cargo build --locked --release --bin netsim --bench instructions
step "${CARGO_TARGET_DIR:-target}/release/netsim" run topologies/lossy.toml --out "$out/lossy"
step tshark -r "$out/lossy/all.pcapng" -q -z io,phs

# What the parts cost in instructions, against the checked-in figures.
if [ "$(uname)" = Linux ]; then
    step cargo bench --locked --bench instructions
fi

# Two builds of the program, optimised in different ways, write the same bytes.
same_bytes() {
    local build file name
    for file in topologies/*.toml; do
        name=$(basename "$file" .toml)
        for build in debug release; do
            "${CARGO_TARGET_DIR:-target}/$build/netsim" run "$file" --quiet --out "$out/$build/$name"
        done
    done
    diff -r "$out/debug" "$out/release"
}
step same_bytes

printf '\nall checks passed\n'
# What a machine without /dev/net/tun or namespaces leaves out.
grep -a '^kernel peer: NOT RUN' "$out/tests.log" || true
awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' \
    "$out/tests.log"
