#!/bin/sh
# run.sh [--quick] [--only SECTION,...] [--json FILE]: what `make bench` calls; see timing.py.
# Builds what it needs. A full run takes some minutes, --quick less than one. The last table has
# every aim, what was measured, and whether it is met.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=$here/../.venv/bin/python
[ -x "$python" ] || python=python3
exec "$python" "$here/timing.py" "$@"
