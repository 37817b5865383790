#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# conformance.sh PROGRAM FOLDER LIST: runs the cases below FOLDER; 77 (skipped) if there are none.
# conformance.sh --update PROGRAM FOLDER LIST: writes the list anew, keeping its head.
update=
if [ "$1" = --update ]; then
  update=1
  shift
fi
program=$1 folder=$2 list=$3
if [ ! -d "$folder" ]; then
  echo "$folder is not there"
  exit 77
fi
if [ -z "$update" ]; then
  exec "$program" conformance --expect-fail "$list" "$folder"
fi
new=$(mktemp) || exit 2
grep '^#' "$list" > "$new"
"$program" conformance "$folder" | sed -n 's/^FAILED \([^:]*\): /\1: /p' | LC_ALL=C sort >> "$new"
cat "$new" > "$list"
rm -f "$new"
