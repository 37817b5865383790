# SPDX-License-Identifier: Apache-2.0
"""Which versions of the standard's operators nothing runs: versions.py OPERATORS-JSON CASES TESTS.

A version is run by a case of the standard (in a graph, a body or a function, as the opset says that is imported there),
by a line of test-ops-*.c that expects values, or by a row of test-versions-flow.c.
"""
import collections
import json
import re
import sys
from pathlib import Path

LINE = re.compile(r'"(?:([A-Za-z.]+)/)?([A-Z]\w*):(\d+) ')
FLOW = re.compile(r'\{ "(\w+)", (\d+), OX_')


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7


def fields(data):
    """Number and value of each field of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = (8, at) if key & 7 == 1 else (4, at) if key & 7 == 5 else varint(data, at)
            value = data[at : at + size]
            at += size
        yield key >> 3, value


def canonical(domain):
    return domain or "ai.onnx"


def add_node(data, nodes):
    name = domain = ""
    for field, value in fields(data):
        if field == 4:
            name = value.decode()
        elif field == 7:
            domain = value.decode()
        elif field == 5:
            for inner, body in fields(value):
                if inner in (6, 11):
                    add_graph(body, nodes)
    nodes.append((canonical(domain), name))


def add_graph(data, nodes):
    for field, value in fields(data):
        if field == 1:
            add_node(value, nodes)


def add_import(data, imports):
    parts = dict(fields(data))
    imports[canonical(parts.get(1, b"").decode())] = parts.get(2, 0)


def bodies(path):
    """Nodes and imports of the graph and of each function."""
    nodes, imports, functions = [], {}, []
    for field, value in fields(path.read_bytes()):
        if field == 7:
            add_graph(value, nodes)
        elif field == 8:
            add_import(value, imports)
        elif field == 25:
            inner, own = [], {}
            for part, data in fields(value):
                if part == 7:
                    add_node(data, inner)
                elif part == 9:
                    add_import(data, own)
            functions.append((inner, own))
    return [(nodes, imports)] + functions


def main(operators, cases, tests):
    if not Path(operators).exists() or not Path(cases).is_dir():
        print("1..0 # SKIP there are no operators.json and no cases")
        return
    since = collections.defaultdict(list)
    for row in json.loads(Path(operators).read_text(encoding="utf-8")):
        since[row["domain"], row["name"]].append(row["since"])
    run = set()
    for path in Path(cases).glob("**/model.onnx"):
        for nodes, imports in bodies(path):
            for domain, name in nodes:
                older = [v for v in since.get((domain, name), []) if v <= imports.get(domain, 0)]
                if older:
                    run.add((domain, name, max(older)))
    for path in Path(tests).glob("test-ops-*.c"):
        text = path.read_text(encoding="utf-8")
        starts = list(LINE.finditer(text))
        for i, start in enumerate(starts):
            rest = text[start.end() : starts[i + 1].start() if i + 1 < len(starts) else len(text)]
            if re.search(r"-> (?!!)", rest):
                run.add((canonical(start[1]), start[2], int(start[3])))
    for found in FLOW.finditer((Path(tests) / "test-versions-flow.c").read_text(encoding="utf-8")):
        run.add(("ai.onnx", found[1], int(found[2])))
    everything = {(domain, name, v) for (domain, name), all_of in since.items() for v in all_of}
    missing = sorted(everything - run)
    print("1..1")
    for domain, name, version in missing:
        print("# %s/%s-%d" % (domain, name, version))
    print("%s 1 - %d of %d versions run" % ("not ok" if missing else "ok", len(everything) - len(missing), len(everything)))


main(*sys.argv[1:])
