#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Parts of models as test cases: extract.py PROGRAM SAMPLES. Every node of the samples, and regions, are written and run
again; what they give is what they gave inside. Prints TAP."""
import json
import subprocess
import sys
import tempfile
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


def extract(sample, folder, *words):
    return call('extract', '--data-set', 'test_data_set_0', '-o', folder, *words, SAMPLES / sample / 'model.onnx')


def every_node(temp):
    """By number, in the main graph."""
    for sample, n in (('classifier', 14), ('decoder', 7)):
        found = json.loads(call('info', '--json', SAMPLES / sample / 'model.onnx').stdout)['nodes']
        check(found == n, f'{sample} has {n} nodes')
        bad = [done for i in range(n) if (done := extract(sample, temp / 'nodes' / f'{sample}-{i}', '--node', f'#{i}')).returncode]
        check(not bad, f'each node of {sample} is written', bad[0] if bad else None)
    done = call('conformance', temp / 'nodes')
    check(done.returncode == 0 and '21 passed, 0 failed, 0 skipped' in done.stdout, 'each gives what it gave inside', done)


def regions(temp):
    cases = {
        'between': ('classifier', ['--from', 'p1', '--to', 'h'], '5 nodes, 1 inputs, 1 outputs'),
        'named': ('classifier', ['--from', '/features/0/conv/Conv', '--to', '/features/1/act/Relu'], '5 nodes, 1 inputs, 1 outputs'),
        'end': ('classifier', ['--from', 'logits'], '2 nodes, 1 inputs, 2 outputs'),
        'scope': ('classifier', ['--scope', 'features'], '6 nodes, 1 inputs, 1 outputs'),
        'scopes': ('classifier', ['--scope', 'features/*/conv'], '2 nodes, 2 inputs, 2 outputs'),
        'loop': ('decoder', ['--node', 'Loop'], '1 node, 1 inputs, 2 outputs'),
        'body-node': ('decoder', ['--node', '/decoder/cell/Tanh', '--iteration', '2'], '1 node, 1 inputs, 1 outputs'),
        'body-region': ('decoder', ['--body', '/decoder/Loop', '--from', 'state', '--to', 'probabilities'], '7 nodes, 2 inputs'),
    }
    for name, (sample, words, says) in cases.items():
        done = extract(sample, temp / 'regions' / name, *words)
        check(done.returncode == 0 and says in done.stdout, f'{name}: {says}', done)
    done = call('conformance', temp / 'regions')
    check(done.returncode == 0 and f'{len(cases)} passed, 0 failed' in done.stdout, 'they give what they gave inside', done)
    part = temp / 'regions' / 'weights'
    done = extract('classifier', part, '--from', 'p1', '--to', 'h', '--weights-as-inputs')
    info = json.loads(call('info', '--json', part / 'model.onnx').stdout)
    check(done.returncode == 0 and info['initializers'] == 0 and len(info['inputs']) > 1, 'weights as inputs', done)
    done = call('conformance', part)
    check(done.returncode == 0 and '1 passed' in done.stdout, 'with their values', done)
    a, b = ((temp / 'tanh' / str(i), extract('decoder', temp / 'tanh' / str(i), '--node', '/decoder/cell/Tanh', '--iteration', i))[0]
            for i in (0, 1))
    check((a / 'test_data_set_0/input_0.pb').read_bytes() != (b / 'test_data_set_0/input_0.pb').read_bytes(),
          'another iteration has other values')


def models(temp):
    file = temp / 'part.onnx'
    done = extract('classifier', file, '--scope', 'features')
    info = json.loads(call('info', '--json', file).stdout)
    check(done.returncode == 0 and info['nodes'] == 6 and info['initializers'] == 4, 'a file takes its weights along', done)
    check(info['inputs'][0]['name'] == 'normalized' and info['outputs'][0]['name'] == 'p2', 'and has the ends of the region')
    check(call('check', '-q', file).returncode == 0, 'and is sound by the standard')
    done = extract('classifier', file, '--scope', 'features', '--weights-as-inputs')
    types = [i['type'] for i in json.loads(call('info', '--json', file).stdout)['inputs']]
    check(done.returncode == 0 and len(types) == 5 and '?' not in ''.join(types), 'weights as inputs have their types', done)


def debug(sample, temp, *lines):
    script = temp / 'script'
    script.write_text('\n'.join(lines) + '\n')
    return call('debug', '--data-set', 'test_data_set_0', '--script', script, SAMPLES / sample / 'model.onnx')


def console(temp):
    """In the debugger, with what was changed there."""
    conv = '/features/1/conv/Conv'
    plain, edited, padded, weights, before, body = (temp / 'console' / n for n in ('plain', 'edited', 'padded', 'weights', 'before', 'body'))
    done = debug('classifier', temp, 'run', f'extract {conv} -o {plain}', 'fill p1 2', f'extract {conv} -o {edited}',
                 f'attribute {conv} pads 0,0,0,0', f'extract {conv} -o {padded}', 'fill features.1.conv.bias 7',
                 'fill features.1.conv.weight 0', f'extract {conv} -o {weights} --weights-as-inputs')
    check(done.returncode == 0 and f'{plain}: 1 node, 1 inputs, 1 outputs' in done.stdout
          and f'{weights}: 1 node, 3 inputs, 1 outputs' in done.stdout, 'extract in the console', done)
    done = debug('decoder', temp, 'until Tanh', 'continue', f'extract /decoder/cell/Tanh -o {body}')
    check(done.returncode == 0 and f'{body}: 1 node' in done.stdout, 'of a body', done)
    done = debug('classifier', temp, f'until {conv}', f'extract {conv} -o {before}')
    check(done.returncode == 0, 'before its turn has come', done)
    done = call('conformance', temp / 'console')
    check(done.returncode == 0 and '6 passed, 0 failed' in done.stdout, 'each gives what it gave there', done)
    check((plain / 'test_data_set_0/output_0.pb').read_bytes() == (before / 'test_data_set_0/output_0.pb').read_bytes(),
          'before and after give the same')
    # A Conv of zeros is its bias, whatever it reads; without pads an 8x8 picture becomes 6x6.
    done = call('run', '--table', '--data-set', weights / 'test_data_set_0', weights / 'model.onnx')
    check(done.returncode == 0 and '1x16x6x6' in done.stdout and '    7' in done.stdout, 'weights as they were changed', done)
    info = json.loads(call('info', '--json', padded / 'model.onnx').stdout)
    check('6x6' in info['outputs'][0]['type'] and '8x8' in json.loads(call('info', '--json', edited / 'model.onnx').stdout)['outputs'][0]['type'],
          'an attribute as it was changed')
    inner = ['until Tanh', 'scale embedded 2', 'run', f'extract Loop -o {plain}']
    done = debug('decoder', temp, *inner)
    check(done.returncode == 2 and '"scale embedded 2" is about a body' in done.stderr, 'changes in a body are not left out', done)
    for says, lines in {'expected extract NODE': ['extract Softmax'], 'expected extract': [f'extract {conv} --scope head -o {plain}'],
                        'is passed over': ['run', f'mute {conv}', f'extract {conv} -o {plain}'],
                        '/dev/null/x': ['run', f'extract {conv} -o /dev/null/x']}.items():
        done = debug('classifier', temp, *lines)
        check(done.returncode == 2 and says in done.stderr, says, done)


def outputs(case):
    """What a case gives when it is run: names and elements."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / 'outputs.npz'
        call('run', '-q', '--npz', file, '--data-set', case / 'test_data_set_0', case / 'model.onnx')
        with zipfile.ZipFile(file) as archive:
            return {name[:-4]: archive.read(name) for name in archive.namelist()}


def changed_regions(temp):
    """Several nodes of a run that was changed: the case gives what that run gave."""
    conv, folder = '/features/1/conv/Conv', temp / 'changed'
    names = {n: folder / n for n in ('before', 'after', 'scope', 'weights', 'given', 'muted', 'body')}
    done = debug('classifier', temp, 'run', 'fill features.1.conv.bias 0.25', f'attribute {conv} dilations 2,2', f'attribute {conv} pads 2,2,2,2',
                 'restart', f'extract --from {conv} --to probabilities -o {names["before"]}', 'run',
                 f'extract --from {conv} --to probabilities -o {names["after"]}', f'extract --scope features -o {names["scope"]}',
                 f'extract --scope features -o {names["weights"]} --weights-as-inputs', 'scale r2 2',
                 f'extract --from {conv} --to probabilities -o {names["given"]}', f'mute {conv}',
                 f'extract --scope features -o {names["muted"]}')
    check(done.returncode == 0 and f'{names["before"]}: 8 nodes, 1 inputs, 2 outputs' in done.stdout
          and f'{names["scope"]}: 6 nodes' in done.stdout and f'{names["muted"]}: 4 nodes' in done.stdout,
          'regions of a run that was changed', done)
    done = debug('decoder', temp, 'until Tanh', 'fill cell.bias 0.1', 'scale both 0.5',
                 f'extract --from embedded --to projected -o {names["body"]}')
    check(done.returncode == 0 and f'{names["body"]}: ' in done.stdout, 'and of a body', done)
    done = call('conformance', folder)
    check(done.returncode == 0 and f'{len(names)} passed, 0 failed' in done.stdout, 'each gives what that run gave', done)
    for kind in 'input', 'output':
        a, b = (sorted((names[n] / 'test_data_set_0').glob(f'{kind}_*.pb')) for n in ('before', 'after'))
        check(len(a) > 0 and [f.read_bytes() for f in a] == [f.read_bytes() for f in b], f'{kind}s before the run as after it')
    infos = {n: json.loads(call('info', '--json', names[n] / 'model.onnx').stdout) for n in names}
    check([i['name'] for i in infos['given']['inputs']] == ['r2'] and infos['given']['nodes'] == 6,
          'what stands in the place of a value inside is an input, and what made it is not needed')
    check([i['name'] for i in infos['muted']['inputs']] == ['normalized', 'r2'] and infos['muted']['nodes'] == 4,
          'nor is a node that is passed over')
    check(len(infos['weights']['inputs']) == 5 and infos['weights']['initializers'] == 0, 'weights as inputs')
    check([i['name'] for i in infos['body']['inputs']] == ['both'] and infos['body']['nodes'] == 3, 'in a body, too')


def failing(temp):
    """A node that fails is a case without expected values; one that runs is checked where the same script says so."""
    case = temp / 'failing'
    # Without pads 8x8 becomes 6x6, then 3x3: 144 numbers for a Gemm that takes 256.
    done = debug('classifier', temp, 'run', 'attribute /features/1/conv/Conv pads 0,0,0,0', f'extract /head/hidden/Gemm -o {case}')
    check(f'{case}: 1 node, 1 inputs, 1 outputs; it fails: ' in done.stdout and '256' in done.stdout, 'a node that fails', done)
    check([f.name for f in sorted((case / 'test_data_set_0').iterdir())] == ['input_0.pb'], 'has no expected values')
    done = call('run', '--data-set', case / 'test_data_set_0', case / 'model.onnx')
    check(done.returncode != 0 and '256' in done.stderr, 'and fails by itself', done)


def refused():
    cases = {
        "there is no node 'Nope'": ['--node', 'Nope'],
        "there are 2 nodes 'Conv'": ['--node', 'Conv'],
        "there is no node 'zz', nor a tensor": ['--from', 'zz', '--to', 'h'],
        'no way leads': ['--from', 'h', '--to', 'p1'],
        "no node is in the scope 'zz'": ['--scope', 'zz'],
        "there is no body 'zz'": ['--body', 'zz', '--to', 'h'],
        'expected one of --node': [],
        'expected one of --node,': ['--node', 'Softmax', '--scope', 'head'],
    }
    for says, words in cases.items():
        done = extract('classifier', '/dev/null/x', *words)
        check(done.returncode == 2 and says in done.stderr, says, done)
    done = extract('decoder', '/dev/null/x', '--node', '/decoder/cell/Tanh', '--iteration', '99')
    check(done.returncode == 2 and 'do not run in iteration 99' in done.stderr, 'an iteration that is not there', done)
    done = extract('classifier', '/dev/null/x', '--node', 'Softmax')
    check(done.returncode == 2 and '/dev/null/x' in done.stderr, 'a folder that cannot be made', done)
    done = call('extract', '--node', 'Softmax', SAMPLES / 'classifier' / 'model.onnx')
    check(done.returncode == 2 and 'expected -o' in done.stderr, 'no output', done)


with tempfile.TemporaryDirectory() as name:
    every_node(Path(name))
    regions(Path(name))
    models(Path(name))
    console(Path(name))
    changed_regions(Path(name))
    failing(Path(name))
    refused()
print(f'1..{number}')
sys.exit(failed != 0)
