#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# models.sh PROGRAM FOLDER LIST: runs every model below FOLDER that has recorded outputs and compares with them. What is on
# LIST is expected to fail. Prints TAP.
program=$1 folder=$2 list=$3 n=0
if [ ! -d "$folder" ]; then
  echo "1..0 # SKIP $folder is not there"
  exit 0
fi
for output in "$folder"/*/test_data_set_0/output_0.pb; do
  set=${output%/output_0.pb}
  model=${set%/test_data_set_0}
  name=${model##*/}
  n=$((n + 1))
  todo=
  if grep -q "^$name:" "$list"; then
    todo=" # TODO known"
  fi
  if said=$("$program" run --quiet --data-set "$set" "$model/model.onnx" 2>&1); then
    echo "ok $n - $name$todo"
  else
    echo "not ok $n - $name$todo"
    echo "$said" | grep -v '^same' | sed 's/^/# /'
  fi
done
echo "1..$n"
