#!/usr/bin/env bash
# Builds the layer from the committed requirements three times: as they are, with the hashes of one package wrong, and
# with them taken away. The first must succeed and the others must fail, or hashes are not checked.
set -euo pipefail
cd "$(dirname "$0")/dependencies"
python="$PWD/../../.venv/bin/python"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # REQUIREMENTS
  make --no-print-directory build-DependenciesX8664 PYTHON="$python" REQUIREMENTS="$1" ARTIFACTS_DIR="$work/out" \
    >"$work/log" 2>&1
}

must_fail() { # REQUIREMENTS SAYING
  if build "$1"; then
    echo "the layer builds although it must not: $2" >&2
    exit 1
  fi
  grep -q "$2" "$work/log" || { cat "$work/log" >&2; exit 1; }
  echo "refused by pip: $2"
}

zeros=$(printf '0%.0s' {1..64})
awk -v zeros="$zeros" '/^[^ ]/ {mine = /^six==/} mine {gsub(/sha256:[0-9a-f]+/, "sha256:" zeros)} {print}' \
  requirements.txt >"$work/wrong.txt"
awk '/^[^ ]/ {mine = /^six==/} mine && /^ / {next} mine {sub(/ *\\$/, "")} {print}' requirements.txt >"$work/without.txt"

build requirements.txt || { cat "$work/log" >&2; echo "the layer does not build as it is" >&2; exit 1; }
echo "the layer builds as it is"
must_fail "$work/wrong.txt" "DO NOT MATCH THE HASHES"
must_fail "$work/without.txt" "Hashes are required"
