#!/usr/bin/env bash
# Draws the pictures of the README again. A test says when that is due.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for name in handshake lossy congestion grpc http2_push; do
    cargo run --locked --quiet -- run "topologies/$name.toml" --quiet --out "$out/$name"
done
cp "$out/handshake/ladder.svg" docs/img/ladder.svg
cp "$out/lossy/topology.svg" docs/img/topology.svg
cp "$out/lossy/osi-stack.svg" docs/img/osi-stack.svg
cp "$out/lossy/encapsulation.svg" docs/img/encapsulation.svg
cp "$out/lossy/tcp-sequence.svg" docs/img/tcp-sequence.svg
cp "$out/congestion/tcp-window.svg" docs/img/tcp-window.svg
cp "$out/grpc/ladder-1-tcp-phone-web-50051.svg" docs/img/grpc-ladder.svg
cp "$out/grpc/encapsulation.svg" docs/img/grpc-encapsulation.svg
cp "$out/http2_push/ladder-2-tcp-browser-web-80.svg" docs/img/http2-push.svg
