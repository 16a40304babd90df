#!/usr/bin/env bash
# Draws the pictures of the documents again: docs/img/NAME/PICTURE is what topologies/NAME.toml draws.
# A test says when that is due. A new picture: put an empty file in its place, and run this.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for scenario in topologies/*.toml; do
    name=$(basename "$scenario" .toml)
    [ -d "docs/img/$name" ] || continue
    cargo run --locked --quiet -- run "$scenario" --quiet --out "$out/$name"
    for picture in "docs/img/$name"/*; do
        cp "$out/$name/$(basename "$picture")" "$picture"
    done
done
