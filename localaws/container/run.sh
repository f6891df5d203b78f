#!/usr/bin/env bash
# Run the built function in SAM's containers and check its answers: the given events with `sam local invoke`, or a few
# of events/ with it and then all in one container of `sam local start-lambda`. Everything is in a network of its own
# that ends at the bridge of an engine of its own.
# usage: run.sh [EVENT.json ...]; exit status 0 also where a laptop lacks what this needs, unless CI=true.
set -euo pipefail

skip() {
  if [[ ${CI:-} == true ]]; then
    echo "sam-local: $1" >&2
    exit 1
  fi
  echo "sam-local: skipped, $1"
  exit 0
}

[[ $(uname -s) == Linux ]] || skip "it needs Linux"
export PATH=$PATH:/usr/sbin:/sbin
missing=()
for command in docker dockerd ip ldd mount setpriv unshare; do
  command -v "$command" >/dev/null || missing+=("$command")
done
((${#missing[@]} == 0)) || skip "not installed: ${missing[*]} (Debian: docker.io iproute2)"
((EUID == 0)) || skip "it needs root, for a network namespace and an engine of its own"
unshare --net --mount true 2>/dev/null || skip "namespaces cannot be made here"

events=()
for event in "$@"; do events+=("$(readlink -f "$event")"); done
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
for made in .venv/bin/python:setup .venv-sam/bin/sam:build .aws-sam/build/template.yaml:build; do
  [[ -e ${made%:*} ]] || { echo "sam-local: ${made%:*} is missing, run make ${made#*:} first" >&2; exit 1; }
done

export PYTHONPATH=functions/gate:. PYTHONDONTWRITEBYTECODE=1
# The engine and SAM shall know nothing of the user's own.
unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH "${!AWS_@}" "${!SAM_CLI_@}"
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_DEFAULT_REGION=us-east-1
export SAM_CLI_TELEMETRY=0

# Before the network is left behind.
root=$(.venv/bin/python -m localaws.container.root)
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

# An own /run, so that dockerd does not find the machine's containerd there and use it.
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --net --mount -- bash -euc '
  ip link set lo up
  mount -t tmpfs tmpfs /run
  exec "$@"
' sam-local .venv/bin/python -m localaws.container "$root" "${events[@]}"
