#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the broken models that test-broken opens: make-broken.py FOLDER.

Each file is broken in one way; expected.txt says what its error, or its warning, must contain.
"""
import struct
import sys
from pathlib import Path


def varint(n):
    n &= (1 << 64) - 1
    out = b''
    while True:
        byte = n & 127
        n >>= 7
        out += bytes([byte | (128 if n else 0)])
        if not n:
            return out


def num(field, value):
    return varint(field << 3) + varint(value)


def data(field, content):
    if isinstance(content, str):
        content = content.encode()
    return varint(field << 3 | 2) + varint(len(content)) + content


def node(op, inputs, outputs, *more):
    return data(1, b''.join(data(1, i) for i in inputs) + b''.join(data(2, o) for o in outputs) + data(3, op.lower())
                + data(4, op) + b''.join(more))


def tensor(name, dims, dtype=1, *more):
    return b''.join(num(1, d) for d in dims) + num(2, dtype) + data(8, name) + b''.join(more)


def graph(*parts):
    return (data(2, 'g') + data(11, data(1, 'x')) + data(12, data(1, 'y')) + node('Neg', ['x'], ['y']) + b''.join(parts))


def model(*parts, **kw):
    return num(1, 9) + data(8, data(1, '') + num(2, 17)) + data(7, kw.get('graph') or graph(*parts))


def external(**pairs):
    return b''.join(data(13, data(1, k) + data(2, v)) for k, v in pairs.items()) + num(14, 1)


def nested(depth):
    inner = graph()
    for _ in range(depth):
        inner = graph(node('If', ['x'], ['r%d' % _], data(5, data(1, 'then_branch') + data(6, inner) + num(20, 5))))
    return inner


def sequence_type(depth):
    kind = data(1, num(1, 1))
    for _ in range(depth):
        kind = data(4, data(1, kind))
    return kind


good = model()
files = {
    'empty': (b'', 'empty'),
    'text': (b'This is a letter, not a model.\n', 'ONNX'),
    'zeros': (bytes(64), 'not protobuf'),
    'cut-in-graph': (good[:-3], 'cut off or damaged'),
    'cut-in-tag': (good + b'\x80', 'inside a field'),
    'length-too-long': (good + b'\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f', 'cut off or damaged'),
    'endless-varint': (b'\x08' + b'\xff' * 20, 'inside a number'),
    'group': (good + b'\x0b\x0c', 'of a kind that ONNX does not use'),
    'wrong-kind': (data(1, 'nine') + data(7, graph()), 'of another kind'),
    'no-graph': (num(1, 9), 'no graph'),
    'a-tensor': (tensor('t', [2], 1, data(9, bytes(8))), 'ONNX|kind'),
    'reserved-field': (good + data(536870911, bytes(24)), 'no such field number'),
    'undefined-input': (model(node('Abs', ['nowhere'], ['z'])), "'nowhere', which nothing produces"),
    'undefined-output': (model(data(12, data(1, 'nowhere'))), "'nowhere', which nothing produces"),
    'duplicate-output': (model(node('Abs', ['x'], ['y'])), "already an output of node 'neg'"),
    'duplicate-input': (model(data(11, data(1, 'x'))), "two inputs named 'x'"),
    'duplicate-initializer': (model(*[data(5, tensor('w', [1], 1, data(9, bytes(4))))] * 2), "two initializers named 'w'"),
    'output-is-input': (model(node('Abs', ['y'], ['x'])), 'already the name of an input'),
    'cycle': (model(node('Abs', ['b'], ['a']), node('Exp', ['a'], ['b'])), 'cycle'),
    'self-loop': (model(node('Abs', ['a'], ['a'])), 'cycle'),
    'cycle-through-body': (model(node('If', ['x'], ['a'], data(5, data(1, 'then_branch') + num(20, 5) + data(
        6, node('Abs', ['a'], ['i']) + data(12, data(1, 'i')))))), 'cycle'),
    'dims-overflow': (model(data(5, tensor('w', [1 << 40, 1 << 40]))), 'do not multiply'),
    'dims-negative': (model(data(5, tensor('w', [-1]))), 'dimension 0 is -1'),
    'dims-many': (model(data(5, tensor('w', [1] * 100))), '100 dimensions'),
    'data-short': (model(data(5, tensor('w', [4], 1, data(9, bytes(3))))), 'takes 16 bytes, found 3'),
    'data-long': (model(data(5, tensor('w', [4], 1, data(9, bytes(17))))), 'takes 16 bytes, found 17'),
    'external-outside': (model(data(5, tensor('w', [1], 1, external(location='../../secret')))), "outside the model's folder"),
    'external-absolute': (model(data(5, tensor('w', [1], 1, external(location='/dev/zero')))), "outside the model's folder"),
    'external-missing': (model(data(5, tensor('w', [1], 1, external(location='nothing-here.bin')))), "'nothing-here.bin' cannot be opened"),
    'external-itself-short': (model(data(5, tensor('w', [1 << 30], 1, external(location='external-itself-short.onnx')))), 'are wanted'),
    'external-offset': (model(data(5, tensor('w', [1], 1, external(location='good.onnx', offset='18446744073709551615')))), 'as offset'),
    'sparse-no-indices': (model(data(15, data(1, tensor('w', [1], 1, data(9, bytes(4)))) + num(3, 4))), 'needs values and indices'),
    'nested-graphs': (model(graph=nested(80)), 'nested too deeply'),
    'nested-types': (model(data(13, data(1, 'v') + data(2, sequence_type(500)))), 'nested too deeply'),
    'duplicate-function': (good + data(25, data(1, 'F') + data(10, 'd')) * 2, 'two functions d.F'),
    'function-undefined': (good + data(25, data(1, 'F') + data(10, 'd') + data(7, data(1, 'p') + data(2, 'q') + data(4, 'Abs'))), "'p', which nothing produces"),
}

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
(folder / 'good.onnx').write_bytes(good)
lines = []
for name, (content, words) in sorted(files.items()):
    (folder / (name + '.onnx')).write_bytes(content)
    lines.append('%s\t%s\n' % (name, words))
(folder / 'expected.txt').write_text(''.join(lines))
