# SPDX-License-Identifier: Apache-2.0
"""Rooms look one way: reads the include lines of every room against the table of docs/architecture.md."""
import re
import sys
from pathlib import Path

ENGINE = ["core", "tensor", "model", "kernel", "ops", "session", "debug", "protocol", "layout", "scene", "report"]
MAY = {
    "engine/core": "",
    "engine/tensor": "core",
    "engine/model": "core tensor",
    "engine/kernel": "core tensor",
    "engine/ops": "core tensor model kernel",
    "engine/session": "core tensor model kernel ops",
    "engine/debug": "core tensor model ops session",
    "engine/protocol": "core tensor model session debug",
    "engine/layout": "core",
    "engine/scene": "core tensor model ops session debug layout",
    "engine/report": "core tensor model session debug scene",
    "proto": "core tensor model",
    "ui": "core tensor model ops session debug layout scene",
    "app": "core tensor model ops session debug protocol layout scene report proto ui",
}
# What only these rooms may know of.
OUTSIDE = {
    r"<(gtk|adwaita|gdk/)": ("ui", "app"),
    r"<(graphviz/|gvc|cgraph)": ("engine/layout",),
    r"<protobuf-c/|onnx\.pb-c\.h": ("proto",),
    r"cblas\.h|<(oneapi/)?dnnl": ("engine/kernel",),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<][^">]+[">])')


def wrong(room, include):
    match = re.match(r'"(\w+)/', include)
    if match and match[1] in ENGINE + ["proto", "ui", "app"]:
        return match[1] not in MAY[room].split() + [room.split("/")[-1]]
    return any(re.search(what, include) and room not in rooms for what, rooms in OUTSIDE.items())


root = Path(sys.argv[1])
print("1..%d" % len(MAY))
for number, room in enumerate(MAY, 1):
    bad = []
    for path in sorted((root / room).glob("**/*.[ch]")):
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            if found and wrong(room, found[1]):
                bad.append("%s:%d includes %s" % (path.relative_to(root), at, found[1]))
    for line in bad:
        print("# " + line)
    print("%s %d - %s" % ("not ok" if bad else "ok", number, room))
