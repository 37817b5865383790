#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Values of a Loop's body as outputs: instrument.py PROGRAM SAMPLES. What is stacked over the iterations is what each iteration
made in the model itself. Prints TAP."""
import ast
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PROGRAM, SAMPLES = sys.argv[1], Path(sys.argv[2])
number = failed = 0


def call(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=100)


def check(good, what, done=None):
    global number, failed
    number += 1
    failed += not good
    print(f'{"ok" if good else "not ok"} {number} - {what}', flush=True)
    if not good and done is not None:
        print('# ' + (done.stdout + done.stderr).replace('\n', '\n# '))


def read_npz(path):
    """name -> (shape, bytes)"""
    values = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            data = archive.read(entry)
            size, start = (int.from_bytes(data[8:10], 'little'), 10) if data[6] == 1 else (int.from_bytes(data[8:12], 'little'), 12)
            values[entry[:-4]] = (ast.literal_eval(data[start:start + size].decode().strip())['shape'], data[start + size:])
    return values


def stacked(temp):
    model, data = SAMPLES / 'decoder' / 'model.onnx', SAMPLES / 'decoder' / 'test_data_set_0'
    done = call('instrument', '--bodies', '-o', temp / 'all.onnx', model)
    check(done.returncode == 0 and ' of iterations, stacked' in done.stdout, 'a Loop is instrumented', done)
    done = call('check', '-q', temp / 'all.onnx')
    check(done.returncode == 0, 'it is sound by the standard', done)
    done = call('run', '-q', '--data-set', data, '--npz', temp / 'all.npz', temp / 'all.onnx')
    check(done.returncode == 0, 'it runs, and gives what the model gives', done)
    done = call('run', '-q', '--data-set', data, '--npz', temp / 'each.npz', '--dump-all', model)
    check(done.returncode == 0, 'so does the model', done)
    whole, each = read_npz(temp / 'all.npz'), read_npz(temp / 'each.npz')
    names = [name for name in whole if name.startswith('/decoder/Loop/') and '#' not in name]
    frames = sorted({int(name.rsplit('#', 1)[1]) for name in each if '#' in name})
    check(len(names) > 3 and len(frames) > 1, f'{len(names)} values of bodies')
    bad = []
    for name in names:
        inner = name.removeprefix('/decoder/Loop/')
        parts = [each[f'{inner}#{frame}'] for frame in frames if f'{inner}#{frame}' in each]
        if len(parts) < 2 or whole[name] != ((len(parts), *parts[0][0]), b''.join(data for _, data in parts)):
            bad.append(name)
    check(not bad, 'each is what the iterations made, bit for bit' + ''.join(f' {name}' for name in bad))
    done = call('compare', '--reference', 'onnxruntime', '--data-set', data, temp / 'all.onnx')
    if 'ONNXSCOPE_ONNXRUNTIME' not in os.environ and 'libonnxruntime' in done.stderr:
        check(True, 'ONNX Runtime runs it # SKIP it is not on this machine')
    else:
        check(done.returncode == 0 and 'no node differs' in done.stdout, 'ONNX Runtime runs it, and gives the same', done)


with tempfile.TemporaryDirectory() as name:
    stacked(Path(name))
print(f'1..{number}')
sys.exit(failed != 0)
