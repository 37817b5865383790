# SPDX-License-Identifier: Apache-2.0
"""Compiles every header alone, with the flags of a source of its own room.

A header without "#pragma once" is the body of a template and is meant to be included with its parameters defined.
"""
import json
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

root, build = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
flags_of = {}
for entry in json.loads((build / "compile_commands.json").read_text()):
    source = (Path(entry["directory"]) / entry["file"]).resolve()
    words = shlex.split(entry["command"])
    keep, skip = [], False
    for word in words:
        if skip or word in ("-MD", "-c", entry["file"]):
            skip = False
        elif word in ("-o", "-MQ", "-MF"):
            skip = True
        elif word != "ccache":
            keep.append(word)
    if source.suffix == ".c" and root in source.parents and build not in source.parents:
        flags_of.setdefault(source.parent, keep)


def check(header):
    folder = header.parent
    while folder not in flags_of and folder != root:
        folder = folder.parent
    flags = flags_of.get(folder) or flags_of[root / "app"]
    text = '#include "%s"\n' % header
    return subprocess.run(flags + ["-Werror", "-fsyntax-only", "-x", "c", "-"], input=text, text=True,
                          cwd=build, capture_output=True)


rooms = ["engine", "proto"] + (["ui", "app"] if root / "ui" in flags_of else [])
headers = [h for room in rooms for h in sorted((root / room).glob("**/*.h")) if "#pragma once" in h.read_text()]
print("1..%d" % len(headers), flush=True)
with ThreadPoolExecutor(2) as pool:
    for number, (header, result) in enumerate(zip(headers, pool.map(check, headers)), 1):
        for line in result.stderr.splitlines():
            print("# " + line)
        print("%s %d - %s" % ("not ok" if result.returncode else "ok", number, header.relative_to(root)), flush=True)
