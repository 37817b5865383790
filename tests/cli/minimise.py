#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The smallest model that still shows it: minimise.py PROGRAM SAMPLES. The sample with a mistake is held against the one without,
and the case that is written is run again. Prints TAP."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM, SAMPLES = sys.argv[1], Path(sys.argv[2])
MISTAKE, RIGHT = SAMPLES / 'mistake' / 'model.onnx', SAMPLES / 'classifier' / 'model.onnx'
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


def differs(temp):
    """One Conv of the sample has other pads."""
    case = temp / 'differs'
    done = call('minimise', '--reference', RIGHT, '-o', case, '--json', MISTAKE)
    answer = json.loads(done.stdout) if done.returncode == 0 else {}
    check([(n['op_type'], n['node']) for n in answer.get('nodes', [])] == [('Conv', '/features/1/conv/Conv')],
          'one node is left', done)
    check([i['name'] for i in answer.get('inputs', [])] == ['p1'], 'and what it reads', done)
    done = call('conformance', case)
    check(done.returncode == 1 and '0 passed, 1 failed' in done.stdout, 'the case differs when it is run again', done)
    done = call('compare', '--reference', case / 'test_data_set_0', case / 'model.onnx')
    check(done.returncode == 1 and "first divergence: #0 Conv" in done.stdout, 'and when it is compared', done)
    check(call('check', '-q', case / 'model.onnx').returncode == 0, 'it is sound by the standard')
    done = call('minimise', '--reference', RIGHT, '--atol', '1e9', '-o', case, MISTAKE)
    check(done.returncode == 2 and 'nothing differs' in done.stderr, 'with other tolerances nothing differs', done)
    done = call('minimise', '--reference', RIGHT, '-o', case, RIGHT)
    check(done.returncode == 2 and 'nothing differs' in done.stderr, 'a model does not differ from itself', done)


def asks(temp):
    """A command that wants a Relu; no shell needs to be there."""
    script = temp / 'wants.py'
    script.write_text('import pathlib, sys\n'
                      'sys.exit(0 if b"Relu" in (pathlib.Path(sys.argv[1]) / "model.onnx").read_bytes() else 1)\n')
    case = temp / 'asks'
    done = call('minimise', '--test', f'{sys.executable} {script}', '-o', case, RIGHT)
    check(done.returncode == 0 and '1 node, 1 input, 0 weights' in done.stdout and "Relu" in done.stdout,
          'a command decides', done)
    check(sorted(p.name for p in (case / 'test_data_set_0').iterdir()) == ['input_0.pb', 'output_0.pb'], 'its values are there')
    check(call('conformance', case).returncode == 0, 'and are those of the run')
    done = call('minimise', '--test', f'{sys.executable} {script}', '--limit', 1, '-o', case, RIGHT)
    check(done.returncode == 0 and '1 cases tried' in done.stdout and 'stopped before the end' in done.stdout, 'a limit', done)
    done = call('minimise', '--test', 'false', '-o', case, RIGHT)
    check(done.returncode == 2 and 'do not show it' in done.stderr, 'a command that never agrees', done)
    done = call('minimise', '--test', '/nowhere/at/all', '-o', case, RIGHT)
    check(done.returncode == 2 and 'there is no program' in done.stderr, 'a command that is not there', done)


def refused(temp):
    cases = {
        'expected -o': ['--fails'],
        'expected one of --reference': ['-o', temp / 'x'],
        'and --test': ['-o', temp / 'x', '--fails', '--for', 'nan'],
        'the run does not fail': ['-o', temp / 'x', '--fails'],
        'no node makes': ['-o', temp / 'x', '--for', 'nan'],
        "expected inf, nan or overflow16": ['-o', temp / 'x', '--for', 'zeros'],
        'expected a reference': ['-o', temp / 'x', '-r', temp / 'none'],
        '/dev/null/x': ['-o', '/dev/null/x', '-r', MISTAKE],
    }
    for says, words in cases.items():
        done = call('minimise', *words, RIGHT)
        check(done.returncode == 2 and says in done.stderr, says, done)


def runtime(temp):
    """ONNX Runtime finds nothing wrong with the samples."""
    done = call('minimise', '--reference', 'onnxruntime', '-o', temp / 'x', RIGHT)
    if 'ONNXSCOPE_ONNXRUNTIME' not in os.environ and 'libonnxruntime' in done.stderr:
        check(True, 'ONNX Runtime # SKIP it is not on this machine')
    else:
        check(done.returncode == 2 and 'nothing differs' in done.stderr, 'ONNX Runtime', done)


with tempfile.TemporaryDirectory() as name:
    differs(Path(name))
    asks(Path(name))
    refused(Path(name))
    runtime(Path(name))
print(f'1..{number}')
sys.exit(failed != 0)
