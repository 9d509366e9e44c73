#!/usr/bin/env bash
# The engine's library and its header come from two packages: checks that every function we call is
# declared in the header and exported by the library.
set -u
cd "$(dirname "$0")/.." || exit 1
header=node_modules/duckdb/src/duckdb/src/include/duckdb.h
library=$(ls node_modules/@duckdb/node-bindings-linux-*/libduckdb.so 2>/dev/null | head -n 1)
if [ ! -f "$header" ] || [ -z "$library" ]; then
    echo "setup: DuckDB is missing in node_modules (this machine: $(uname -m)); run npm ci" >&2
    exit 1
fi
exported=$(nm -D --defined-only "$library" | awk '{print $3}')
bad=0
for name in $(grep -ohE '\bduckdb_[a-z_0-9]+\(' src/platform/db/*.c | tr -d '(' | sort -u); do
    # our own functions share the prefix
    case "$name" in duckdb_cell_type | duckdb_view_vector | duckdb_view_chunk | duckdb_function_register) continue ;; esac
    if ! grep -qE "\b$name\(" "$header"; then
        echo "setup: $name is not declared in duckdb.h; change the version of the npm package duckdb" >&2
        bad=1
    elif ! grep -qx "$name" <<<"$exported"; then
        echo "setup: $name is not exported by libduckdb.so; change the version of @duckdb/node-bindings" >&2
        bad=1
    fi
done
exit "$bad"
