#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Node, the tools that wall student code in, and the grader's packages.
set -euo pipefail

# A Node that is there already is taken if it is new enough.
NODE_VERSION="${NODE_VERSION:-v24.21.0}"
NODE_MIRROR="${NODE_MIRROR:-https://nodejs.org/dist}"
LEAST_NODE='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends bubblewrap ca-certificates curl util-linux xz-utils

if ! node -e "$LEAST_NODE" 2>/dev/null; then
  case "$(uname -m)" in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) echo "There is no Node for $(uname -m)." >&2; exit 1 ;;
  esac
  name="node-$NODE_VERSION-linux-$arch"
  folder="$(mktemp -d)"
  (
    cd "$folder"
    curl -fsSL --retry 3 -O "$NODE_MIRROR/$NODE_VERSION/$name.tar.xz" -O "$NODE_MIRROR/$NODE_VERSION/SHASUMS256.txt"
    grep " $name.tar.xz\$" SHASUMS256.txt | sha256sum -c -
    tar -xJf "$name.tar.xz" -C /usr/local --strip-components=1
  )
  rm -rf "$folder"
fi

# Where this file lies, the rest of the zip file does.
cd "$(dirname "${BASH_SOURCE[0]}")/faultline"
npm ci --omit=dev --no-audit --no-fund
# For the log: what it finds may be different when submissions are graded.
node -r ts-node/register grade.ts doctor || true
# What is built on first use is built now, and not for every submission again.
node -r ts-node/register grade.ts student-template --quiet || true
