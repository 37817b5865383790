#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of the debugger: pages.py PROGRAM [--write] FOLDER. Prints TAP.

A page is what `onnxscope debug --script` prints, below a line `# MODEL OPTION...`: its commands, and what they
answer. A line that is only `...` stands for any lines, one that begins with `! ` for the error the page ends with.
--write writes the answers anew; read them before they are committed.
"""
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PROMPT = '(onnxscope) '


def data(field, content):
    content = content.encode() if isinstance(content, str) else content
    length = bytes([len(content)]) if len(content) < 128 else bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([field << 3 | 2]) + length + content


def number(field, value):
    return bytes([field << 3, value])


def node(op, domain, inputs, outputs, name):
    return data(1, b''.join(data(1, i) for i in inputs) + b''.join(data(2, o) for o in outputs) + data(3, name)
                + data(4, op) + data(7, domain))


def info(field, name):
    return data(field, data(1, name) + data(2, data(1, number(1, 1) + data(2, data(1, number(1, 3))))))


def write_npz(path, arrays):
    with zipfile.ZipFile(path, 'w') as archive:
        for name, (kind, shape, content) in arrays.items():
            head = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (kind, shape)
            head = head.ljust(117) + '\n'
            archive.writestr(name + '.npy', b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head.encode() + content)


def write_models(folder):
    """A model with an operator nobody knows in the middle, and values that may stand for what it gives."""
    graph = (node('Neg', '', ['x'], ['a'], 'first') + node('Riddle', 'nobody', ['a'], ['b', 'c'], 'riddle')
             + node('Add', '', ['b', 'c'], ['y'], 'last') + data(2, 'g') + info(11, 'x') + info(12, 'y'))
    opsets = data(8, data(1, '') + number(2, 17)) + data(8, data(1, 'nobody') + number(2, 1))
    (folder / 'unknown.onnx').write_bytes(number(1, 9) + opsets + data(7, graph))
    (folder / 'renamed.marks').write_text('# #10 ArgMax in main > Loop \'/decoder/Loop\' body\n'
                                          'break /decoder/AnotherName if out == 4\nignore 1 1\nbreak nothing if nan\n'
                                          'log op:Gemm : max(out)\ndisable 3\nwatch max(probabilities)\nstep\n')
    (folder / 'bad.edits').write_text('run\nfill b 1\nprofile /dev/null/there\n')
    (folder / 'half.edits').write_text('# remarks\nrun\nset probabilities[0,2] 7\nfill nothing 1\nfill a 1\n')
    for name, values in ('one', (1, 2, 3)), ('two', (10, 20, 30)):
        tensor = number(1, 3) + number(2, 1) + data(8, name) + data(9, struct.pack('<3f', *values))
        (folder / (name + '.pb')).write_bytes(tensor)
    write_npz(folder / 'reference.npz', {'a': ('<f4', (3,), struct.pack('<3f', 4, 5, 6)),
                                         'b': ('<f8', (3,), struct.pack('<3d', 7, 8, 9)),
                                         'y': ('<f4', (2,), struct.pack('<2f', 1, 2))})
    # x through QuantizeLinear, with a scale of 1/4 and a zero point of 3.
    weights = (data(5, number(2, 1) + data(8, 's') + data(9, struct.pack('<f', 0.25)))
               + data(5, number(2, 2) + data(8, 'z') + data(9, bytes([3]))))
    graph = (node('QuantizeLinear', '', ['x', 's', 'z'], ['q'], 'quantise') + node('DequantizeLinear', '', ['q', 's', 'z'], ['y'], 'back')
             + data(2, 'g') + weights + info(11, 'x') + info(12, 'y'))
    (folder / 'quantised.onnx').write_bytes(number(1, 9) + opsets + data(7, graph))


def write_misfit(folder):
    """A shape that is computed, and a product that it does not fit."""
    def tensor(name, kind, dims, raw):
        return data(5, b''.join(number(1, d) for d in dims) + number(2, kind) + data(8, name) + data(9, raw))

    def shaped(field, name, dims):
        shape = data(2, b''.join(data(1, number(1, d)) for d in dims))
        return data(field, data(1, name) + data(2, data(1, number(1, 1) + shape)))

    axis = data(5, data(1, 'axis') + number(3, 0) + bytes([0xa0, 1, 2]))
    join = node('Concat', '', ['minus', 'a'], ['b'], 'join')
    join = data(1, join[2:] + axis)
    graph = (node('Shape', '', ['x'], ['s'], 'shape') + node('Gather', '', ['s', 'one'], ['a'], 'pick') + join
             + node('Reshape', '', ['x', 'b'], ['r'], 'reshape') + node('MatMul', '', ['r', 'w'], ['p'], 'product')
             + node('Neg', '', ['p'], ['y'], 'last') + data(2, 'g')
             + tensor('one', 7, [1], struct.pack('<q', 1)) + tensor('minus', 7, [1], struct.pack('<q', -1))
             + tensor('w', 1, [2, 5], struct.pack('<10f', *range(10))) + shaped(11, 'x', [4, 3]) + shaped(12, 'y', [4, 5]))
    (folder / 'misfit.onnx').write_bytes(number(1, 9) + data(8, data(1, '') + number(2, 17)) + data(7, graph))


def split(page):
    """The line of the model, the commands, and the lines expected."""
    lines = page.read_text().splitlines()
    assert lines[0].startswith('# '), f'{page}: expected "# MODEL" as the first line'
    return lines[0][2:].split(), [line[len(PROMPT):] for line in lines if line.startswith(PROMPT)], lines[1:]


def run(program, root, temp, head, commands):
    script = temp / 'script'
    words = [word.replace('@', str(temp) + '/') for word in head]
    script.write_text(''.join(command.replace('@', str(temp) + '/') + '\n' for command in commands))
    done = subprocess.run([program, 'debug', '--script', script, *words[1:], root / words[0]],
                          capture_output=True, text=True, timeout=100)
    lines = done.stdout.replace(str(temp) + '/', '@').splitlines()
    errors = [line for line in done.stderr.replace(str(temp) + '/', '@').splitlines() if 'is made up' not in line]
    return lines + ['! ' + line.split(': ', 1)[-1] for line in errors]


def matches(expected, found):
    """Whether the lines agree; "..." takes any number of them."""
    if not expected:
        return not found
    if expected[0] == '...':
        return any(matches(expected[1:], found[i:]) for i in range(len(found) + 1))
    return bool(found) and expected[0] == found[0] and matches(expected[1:], found[1:])


def main():
    program, write, folder = sys.argv[1], '--write' in sys.argv, Path(sys.argv[-1])
    pages = sorted(folder.glob('*.page'))
    print(f'1..{len(pages)}')
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        temp = Path(name)
        write_models(temp)
        write_misfit(temp)
        for i, page in enumerate(pages, 1):
            head, commands, expected = split(page)
            found = run(program, folder.parents[2], temp, head, commands)
            if write:
                page.write_text('\n'.join(['# ' + ' '.join(head)] + found) + '\n')
            good = write or matches(expected, found)
            failed += not good
            print(f'{"ok" if good else "not ok"} {i} /pages/{page.stem}')
            if not good:
                print('\n'.join('# ' + line for line in found))
    sys.exit(failed != 0)


main()
