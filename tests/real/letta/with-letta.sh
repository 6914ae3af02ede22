#!/usr/bin/env bash
# Runs a command beside a real Letta 0.16.8 on a loopback port, with an empty memory, and stops it
# again, however the command ends. The command finds REAL_LETTA_URL and REAL_LETTA_PASSWORD in its
# environment; its exit code is this one's.
#
#     tests/real/letta/with-letta.sh cargo test --locked --test real_letta
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$("$here/fetch-letta.sh")
exec "$folder/venv/bin/python" "$here/serve.py" "$folder" "$@"
