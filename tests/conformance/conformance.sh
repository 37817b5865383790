#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# conformance.sh PROGRAM FOLDER LIST: runs the cases below FOLDER; 77 (skipped) if there are none.
# conformance.sh --expand PROGRAM FOLDER LIST: those with operators that are made of others, as bodies of these.
# conformance.sh --update PROGRAM FOLDER LIST: writes the list anew, keeping its head.
update=
if [ "$1" = --update ]; then
  update=1
  shift
fi
expand=
if [ "$1" = --expand ]; then
  expand=--expand
  shift
fi
program=$1 folder=$2 list=$3
if [ ! -d "$folder" ]; then
  echo "$folder is not there"
  exit 77
fi
if [ -z "$update" ]; then
  exec "$program" conformance $expand --expect-fail "$list" "$folder"
fi
new=$(mktemp) || exit 2
grep '^#' "$list" > "$new"
"$program" conformance "$folder" | sed -n 's/^FAILED \([^:]*\): /\1: /p' | LC_ALL=C sort >> "$new"
cat "$new" > "$list"
rm -f "$new"
