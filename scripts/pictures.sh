#!/usr/bin/env bash
# Draws the pictures of the README and of docs/protocols again. A test says when that is due.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for name in handshake lossy congestion http compression proxy; do
    cargo run --locked --quiet -- run "topologies/$name.toml" --quiet --out "$out/$name"
done
cp "$out/handshake/ladder.svg" docs/img/ladder.svg
cp "$out/lossy/topology.svg" docs/img/topology.svg
cp "$out/lossy/osi-stack.svg" docs/img/osi-stack.svg
cp "$out/lossy/encapsulation.svg" docs/img/encapsulation.svg
cp "$out/lossy/tcp-sequence.svg" docs/img/tcp-sequence.svg
cp "$out/congestion/tcp-window.svg" docs/img/tcp-window.svg
cp "$out/http/ladder-3-tcp-browser-web-80.svg" docs/img/http-ladder.svg
cp "$out/compression/encapsulation.svg" docs/img/compression-encapsulation.svg
cp "$out/proxy/ladder-12-tcp-bob-gate-8081.svg" docs/img/proxy-ladder.svg
