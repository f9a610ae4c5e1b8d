#!/bin/sh
# Make rows.wasm of rows.c, or another file ($1). Needs clang and lld (Debian: apt install clang lld; the committed one is of clang 14).
set -eu
cd "$(dirname "$0")"
# memory comes from the page, which also places everything in it; the stack lies in the first 16 kB
clang --target=wasm32 -msimd128 -O3 -fno-builtin -nostdlib -Wl,--no-entry -Wl,--import-memory -Wl,--strip-all \
  -Wl,-z,stack-size=16384 -Wl,--export=convolve -Wl,--export=relu -Wl,--export=add -o "${1:-rows.wasm}" rows.c
