#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The debugger by messages: protocol.py PROGRAM SAMPLES. Prints TAP."""
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM, SAMPLES = sys.argv[1], Path(sys.argv[2])
PATIENCE = 60
number = failed = 0


def check(good, what, found=None):
    global number, failed
    number += 1
    failed += not good
    print(f'{"ok" if good else "not ok"} {number} - {what}', flush=True)
    if not good:
        print('# ' + str(found).replace('\n', '\n# ')[:2000], flush=True)


class Client:
    """One conversation; framed as the Debug Adapter Protocol has it, or a line a message."""

    def __init__(self, *words, framed=False):
        self.framed, self.seq, self.left, self.events = framed, 0, b'', []
        self.process = subprocess.Popen([PROGRAM, 'debug', '--protocol', *map(str, words)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)

    def raw(self, data):
        self.process.stdin.write(data)

    def send(self, command, **arguments):
        self.seq += 1
        text = json.dumps({'seq': self.seq, 'type': 'request', 'command': command, 'arguments': arguments}).encode()
        self.raw(b'Content-Length: %d\r\n\r\n%s' % (len(text), text) if self.framed else text + b'\n')
        return self.seq

    def more(self, patience):
        if not select.select([self.process.stdout], [], [], patience)[0]:
            raise TimeoutError
        data = os.read(self.process.stdout.fileno(), 65536)
        if not data:
            raise EOFError(self.process.stderr.read())
        self.left += data

    def message(self, patience=PATIENCE):
        while True:
            if self.framed and b'\r\n\r\n' in self.left:
                head, rest = self.left.split(b'\r\n\r\n', 1)
                n = int(head.split(b':')[1])
                if len(rest) >= n:
                    self.left = rest[n:]
                    return json.loads(rest[:n])
            elif not self.framed and b'\n' in self.left:
                line, self.left = self.left.split(b'\n', 1)
                return json.loads(line)
            self.more(patience)

    def answer(self, seq):
        while True:
            message = self.message()
            if message['type'] == 'response':
                assert message['request_seq'] == seq, message
                return message
            self.events.append(message)

    def ask(self, command, **arguments):
        return self.answer(self.send(command, **arguments))

    def body(self, command, **arguments):
        answer = self.ask(command, **arguments)
        assert answer['success'], answer
        return answer.get('body', {})

    def event(self, *names):
        """The next of these, earlier ones too; others are dropped."""
        while True:
            message = self.events.pop(0) if self.events else self.message()
            if message.get('event') in names:
                return message

    def stop(self):
        message = self.event('stopped', 'terminated')
        return message['body']['reason'] if message['event'] == 'stopped' else 'terminated'

    def launch(self, entry=True, begin=True, **arguments):
        self.body('initialize', adapterID='onnxscope')
        self.body('launch', stopOnEntry=entry, **arguments)
        self.event('initialized')
        if begin:
            self.body('configurationDone')
            return self.stop()
        return None

    def move(self, command, **arguments):
        self.body(command, threadId=1, **arguments)
        return self.stop()

    def frames(self):
        return self.body('stackTrace', threadId=1)['stackFrames']

    def at(self):
        frame = self.frames()[0]
        return frame['onnxscope'].get('index'), frame['onnxscope'].get('operator')

    def scope(self, name, level=0):
        for scope in self.body('scopes', frameId=self.frames()[level]['id'])['scopes']:
            if scope['name'] == name:
                return scope['variablesReference']
        raise KeyError(name)

    def variables(self, reference, **arguments):
        return self.body('variables', variablesReference=reference, **arguments)['variables']

    def value(self, scope, name):
        return next(v for v in self.variables(self.scope(scope)) if v['name'] == name)

    def number(self, formula):
        return self.body('evaluate', expression=formula)['result']

    def end(self):
        self.body('disconnect')
        return self.close()

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        said = self.process.stderr.read()
        return status if not said else said


# ---- models ----------------------------------------------------------------------------------------------------------

def varint(n):
    out = b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def data(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def integer(field, value):
    return varint(field << 3) + varint(value)


def node(op, inputs, outputs, name):
    return data(1, b''.join(data(1, i) for i in inputs) + b''.join(data(2, o) for o in outputs) + data(3, name) + data(4, op))


def tensor(field, name, *symbols):
    dims = b''.join(data(1, data(2, s)) for s in symbols)
    return data(field, data(1, name) + data(2, data(1, integer(1, 1) + data(2, dims))))


def write(path, nodes, infos):
    path.write_bytes(integer(1, 9) + data(8, data(1, '') + integer(2, 17)) + data(7, nodes + data(2, 'g') + infos))


def write_long(path):
    """Products of n x n, some minutes of them."""
    nodes = b''.join(node('MatMul', [f'x{i}', 'x0'], [f'x{i + 1}'], f'product{i}') for i in range(3000))
    write(path, nodes, tensor(11, 'x0', 'n', 'n') + tensor(12, 'x3000', 'n', 'n'))


def write_bad(path):
    """Log of -1 is NaN, 1 / 0 infinite, and a node that fails for its shapes."""
    nodes = (node('Neg', ['x'], ['minus'], 'minus') + node('Log', ['minus'], ['log'], 'log')
             + node('Sub', ['x', 'x'], ['zero'], 'zero') + node('Div', ['x', 'zero'], ['infinite'], 'divide')
             + node('MatMul', ['x', 'x'], ['y'], 'misfit'))
    write(path, nodes, tensor(11, 'x', 'n', 'm') + tensor(12, 'y', 'a', 'b'))


# ---- what is tried ---------------------------------------------------------------------------------------------------

def beginning():
    client = Client()
    able = client.body('initialize', adapterID='x')
    check(able['supportsStepBack'] and able['exceptionBreakpointFilters'], 'what it can do', able)
    check(not client.ask('next')['success'], 'a move before launch')
    check('model' in client.ask('launch')['message'], 'launch without a model')
    check(not client.ask('launch', model='nothing.onnx')['success'], 'a model that is not there')
    check('nothing.onnx' in client.ask('launch', program='nothing.onnx')['message'], 'a program that is not there')
    check('seed' in client.ask('launch', model=str(SAMPLES / 'decoder/model.onnx'), seed='x')['message'], 'a seed that is none')
    body = client.ask('launch', model=str(SAMPLES / 'decoder/model.onnx'), fill='zeros', stopOnEntry=True)
    check(body['success'] and 'made up' in client.event('output')['body']['output'], 'inputs that are made up are told', body)
    check(client.event('initialized'), 'initialized')
    check(not client.ask('continue')['success'], 'a move before configurationDone')
    client.body('configurationDone')
    check(client.stop() == 'entry', 'entry')
    check(not client.ask('launch', model='x')['success'], 'launch twice')
    check(client.body('threads')['threads'][0]['id'] == 1, 'threads')
    check(not client.ask('fly')['success'], 'a request that nobody knows')
    check(client.end() == 0, 'disconnect')


def stepping(framed):
    kind = 'framed' if framed else 'lines'
    client = Client(SAMPLES / 'decoder/model.onnx', '--data-set', 'test_data_set_0', framed=framed)
    client.launch()
    places = [client.at()]
    before = {}
    for _ in range(3):
        check(client.move('next') == 'step', f'{kind}: next')
        places.append(client.at())
    check([p[0] for p in places] == [0, 1, 2, 3], f'{kind}: places', places)
    while client.at()[1] != 'Loop' and client.at()[0]:
        client.move('stepBack')
    for _ in range(9):
        client.move('stepIn')
        frames = client.frames()
        place = tuple((f['name'], f['line']) for f in frames)
        before[place] = [(v['name'], v['value']) for v in client.variables(client.scope('Values'))]
    check(len(frames) > 1 and 'Loop' in frames[0]['onnxscope']['frame'], f'{kind}: a frame of a body', frames)
    check([f['name'] for f in client.body('stackTrace', threadId=1, startFrame=1, levels=1)['stackFrames']] == [frames[1]['name']],
          f'{kind}: a part of the stack')
    same = 0
    for _ in range(4):
        client.move('stepBack')
        place = tuple((f['name'], f['line']) for f in client.frames())
        same += place in before and before[place] == [(v['name'], v['value']) for v in client.variables(client.scope('Values'))]
    check(same == 4, f'{kind}: back, the same values', same)
    depth = len(client.frames())
    client.move('stepOut')
    check(len(client.frames()) == depth - 1, f'{kind}: out')
    check(client.move('continue') == 'terminated', f'{kind}: the end')
    outputs = {v['name']: v['value'] for v in client.variables(client.scope('Outputs'))}
    check(set(outputs) == {'letters', 'confidence', 'verdict'}, f'{kind}: outputs', outputs)
    check(client.move('reverseContinue') == 'entry', f'{kind}: back to the start')
    check(client.move('continue') == 'terminated', f'{kind}: the end again')
    check({v['name']: v['value'] for v in client.variables(client.scope('Outputs'))} == outputs, f'{kind}: the same outputs')
    check(client.move('goto', turn=1) == 'goto' and client.at()[0] == 1, f'{kind}: to a turn')
    check(client.move('restart') == 'entry', f'{kind}: restart')
    check(client.end() == 0, f'{kind}: the end of it')


def breakpoints():
    client = Client(SAMPLES / 'decoder/model.onnx', '--data-set', 'test_data_set_0')
    client.launch(begin=False, stopAtEnd=True)

    def put(*points):
        return client.body('setFunctionBreakpoints', breakpoints=list(points))['breakpoints']

    found = put({'name': 'MatMul'}, {'name': 'nothing'}, {'name': 'op:Add', 'condition': 'max('}, {'name': 'Add', 'hitCondition': '% 3'})
    check([b['verified'] for b in found] == [True, False, False, False], 'which are understood', found)
    check(all(b['message'] for b in found[1:]), 'and why not', found)
    client.body('configurationDone')
    check(client.stop() == 'entry', 'entry')
    client.body('continue')
    stop = client.event('stopped')['body']
    check(stop['reason'] == 'breakpoint' and stop['hitBreakpointIds'] == [found[0]['id']] and client.at()[1] == 'MatMul', 'stops', stop)
    again = put({'name': 'MatMul'}, {'name': 'op:ArgMax', 'condition': 'out >= 0'})
    check(again[0]['id'] == found[0]['id'] and again[1]['id'] != found[0]['id'], 'one that stays keeps its number', again)
    put({'name': 'op:ArgMax', 'condition': 'out >= 0'})
    client.body('continue')
    stop = client.event('stopped')['body']
    check(stop['hitBreakpointIds'] == [again[1]['id']] and stop['text'], 'a condition says what it found', stop)
    put({'name': 'ArgMax', 'hitCondition': '3'})
    client.move('restart')
    check(client.move('continue') == 'breakpoint', 'the third')
    check(client.frames()[0]['onnxscope']['iteration'] == 2, 'is that of iteration 2', client.frames()[0])
    put({'name': 'ArgMax', 'hitCondition': '==2'})
    client.move('restart')
    check(client.move('continue') == 'breakpoint' and client.frames()[0]['onnxscope']['iteration'] == 1, 'the second alone')
    check(client.move('continue') == 'end', 'and the end, as a stop')
    client.move('restart')
    check(client.move('continue') == 'breakpoint', 'which is there again after restart')
    put({'name': 'ArgMax', 'logMessage': 'letter {out0} of {max(out0) + 1}'})
    client.move('restart')
    client.body('continue')
    line = client.event('output')['body']['output']
    check(line.startswith('letter ') and '{' not in line, 'what is logged', line)
    check(client.stop() == 'end', 'logs do not stop')
    lines = client.body('source', source={'name': 'main'})['content'].splitlines()
    check(len(lines) == 7 and ' = Loop (' in lines[[n for n, t in enumerate(lines) if 'Loop' in t][0]], 'a graph as a text', lines)
    put()
    line = [n for n, t in enumerate(lines, 1) if ' = Loop (' in t][0]
    found = client.body('setBreakpoints', source={'name': 'main'}, breakpoints=[{'line': line}, {'line': 99}])['breakpoints']
    check([b['verified'] for b in found] == [True, False], 'lines', found)
    client.move('restart')
    check(client.move('continue') == 'breakpoint' and client.at()[1] == 'Loop' and client.frames()[0]['line'] == line, 'stops in its line')
    client.body('setBreakpoints', source={'name': 'main'}, breakpoints=[])
    check(client.move('continue') == 'end', 'no more')
    targets = client.body('gotoTargets', source={'name': 'main'}, line=line)['targets']
    check(len(targets) == 1 and client.move('goto', targetId=targets[0]['id']) == 'goto' and client.at()[1] == 'Loop', 'goto', targets)
    check(client.end() == 0, 'nothing is left, nothing was said')


def failures(folder):
    write_bad(folder / 'bad.onnx')
    client = Client(folder / 'bad.onnx')
    client.launch(begin=False, shapes={'x': [2, 3]}, fill='ones')
    found = client.body('setExceptionBreakpoints', filters=['nan', 'inf', 'odd'])['breakpoints']
    check([b['verified'] for b in found] == [True, True, False], 'filters', found)
    client.body('configurationDone')
    check(client.stop() == 'entry', 'entry')
    check(client.move('continue') == 'exception' and client.number('log')[:4] != '' and 'NaN' in client.number('log'), 'NaN stops')
    check('NaN' in client.body('exceptionInfo', threadId=1)['description'], 'and says so')
    check(client.move('continue') == 'exception' and 'Inf' in client.number('infinite'), 'infinity stops')
    client.body('continue')
    stop = client.event('stopped')['body']
    check(stop['reason'] == 'exception' and 'misfit' in stop['text'], 'a node that fails stops', stop)
    check('2x3' in client.body('exceptionInfo', threadId=1)['description'], 'and says why')
    client.body('setExceptionBreakpoints', filters=[], filterOptions=[{'filterId': 'nan', 'condition': 'op:Div'}])
    client.move('restart')
    client.body('continue')
    check('misfit' in client.event('stopped')['body']['text'], 'a filter for some nodes')
    check(client.end() == 0, 'nothing is left, nothing was said')


def values(folder):
    nodes = node('Neg', ['x'], ['y'], 'minus') + node('Abs', ['y'], ['z'], 'abs') + node('Add', ['z', 'z'], ['w'], 'twice')
    write(folder / 'large.onnx', nodes, tensor(11, 'x', 'n', 'm') + tensor(12, 'w', 'n', 'm'))
    client = Client()
    client.launch(model=str(folder / 'large.onnx'), shapes={'x': [123, 1000]})
    client.move('next')
    y = client.value('Values', 'y')
    check(y['type'] == 'f32 123x1000', 'type', y)
    inside = client.variables(y['variablesReference'])
    facts = {v['name']: v['value'] for v in inside}
    check(facts['shape'] == '123x1000' and facts['nan'] == '0' and -1 <= float(facts['min']) < float(facts['mean']) < float(facts['max']) <= 0,
          'statistics', facts)
    ranges = [v for v in inside if v['variablesReference']]
    check(len(ranges) == 13 and ranges[1]['name'] == '[10,0] to [19,999]' and ranges[-1]['value'] == '3000 elements', 'ranges', ranges)
    deeper = client.variables(ranges[-1]['variablesReference'])
    check(len(deeper) == 30 and deeper[-1]['name'] == '[122,900] to [122,999]', 'ranges of ranges', deeper)
    last = client.variables(deeper[-1]['variablesReference'])
    check(len(last) == 100 and last[-1]['name'] == '[122,999]', 'elements', last[-1])
    page = client.variables(y['variablesReference'], filter='indexed', start=122999, count=50)
    check(page == [last[-1]], 'the same by start and count', page)
    check(len(client.variables(y['variablesReference'], filter='indexed', start=0, count=100000)) == 1000, 'never too many')
    check(client.number("y[122,999]") == last[-1]['value'] or abs(float(client.number('y[122,999]')) - float(last[-1]['value'])) < 1e-5,
          'a formula says the same', (client.number('y[122,999]'), last[-1]))
    held = client.body('evaluate', expression='y * 2')
    check(len(client.variables(held['variablesReference'], filter='indexed', start=5, count=3)) == 3, 'a result has elements')
    check('no' in client.ask('evaluate', expression='nothing + 1')['message'], 'a name that is not there')

    done = client.body('setVariable', variablesReference=deeper[-1]['variablesReference'], name='[122,999]', value='-7')
    check(done['value'] == '-7', 'an element is changed', done)
    again = client.variables(deeper[-1]['variablesReference'])
    check(again[-1]['value'] == '-7' and again[:-1] == last[:-1], 'and no other')
    check(not client.ask('setVariable', variablesReference=y['variablesReference'], name='[123,0]', value='1')['success'], 'outside')
    check(not client.ask('setVariable', variablesReference=y['variablesReference'], name='[1,0]', value='one')['success'], 'no number')
    client.move('continue')
    check(client.number('w[122,999]') == '14', 'what comes after is computed with it', client.number('w[122,999]'))
    client.move('stepBack')
    check(client.body('setVariable', variablesReference=client.scope('Values'), name='z', value='3')['variablesReference'], 'a whole value')
    client.move('continue')
    check(client.number('min(w)') == '6' and client.number('max(w)') == '6', 'computed with that', client.number('max(w)'))
    old = y['variablesReference']
    check(not client.ask('variables', variablesReference=old)['success'], 'references go when the run goes on')
    check('undone' in client.body('evaluate', expression='undo', context='repl')['result'], 'a command')
    check(client.number('max(w)') != '6', 'has been done')
    client.events.clear()
    check(client.body('evaluate', expression='start', context='repl') and client.stop() == 'entry', 'a command that moves')
    check(client.at() == (0, 'Neg'), 'has moved')
    found = client.body('completions', text='brea', column=5)['targets']
    check('break' in [t['label'] for t in found], 'completions', found)
    check(not client.ask('evaluate', expression='nonsense', context='repl')['success'], 'a command that is none')
    check(client.end() == 0, 'nothing is left, nothing was said')


def attributes():
    client = Client(SAMPLES / 'decoder/model.onnx', '--data-set', 'test_data_set_0')
    client.launch(begin=False)
    client.body('setFunctionBreakpoints', breakpoints=[{'name': 'Softmax'}])
    client.body('configurationDone')
    client.stop()
    client.move('continue')
    scope = client.scope('Attributes')
    check([v['name'] for v in client.variables(scope)] == ['axis'], 'attributes', client.variables(scope))
    check(client.body('setVariable', variablesReference=scope, name='axis', value='0')['value'] == '0', 'one is changed')
    check(client.variables(scope)[0]['value'] == '0', 'and stays so', client.variables(scope))
    check(not client.ask('setVariable', variablesReference=scope, name='axes', value='0')['success'], 'one that it does not know')
    check(client.end() == 0, 'nothing is left, nothing was said')


def interrupts(folder):
    write_long(folder / 'long.onnx')
    client = Client(folder / 'long.onnx')
    check(client.launch(shapes={'n': 1000}, budget=64) == 'entry', 'a long run')
    client.body('continue')
    time.sleep(0.3)
    check(client.ask('stackTrace', threadId=1)['message'] == 'notStopped', 'it runs')
    check(client.ask('next', threadId=1)['message'] == 'notStopped', 'one move at a time')
    check(client.body('setFunctionBreakpoints', breakpoints=[{'name': 'product2999'}])['breakpoints'][0]['verified'], 'breakpoints meanwhile')
    begun = time.monotonic()
    client.body('pause', threadId=1)
    check(client.stop() == 'pause', 'pause')
    took = time.monotonic() - begun
    print(f'# paused in {took * 1000:.0f} ms')
    check(took < 5, 'soon', took)
    check(client.frames()[0]['onnxscope']['operator'] == 'MatMul', 'somewhere')
    check(not client.ask('pause', threadId=1)['success'], 'nothing to pause')
    seq = client.send('evaluate', expression='continue', context='repl')
    client.event('continued')
    client.send('pause', threadId=1)
    found = [client.message() for _ in range(3)]
    check({m.get('event', m.get('command')) for m in found} == {'pause', 'stopped', 'evaluate'}, 'a command is interrupted', (seq, found))
    client.body('continue')
    client.send('disconnect')
    check(client.close() == 0, 'disconnect in the midst of a run')
    client = Client(folder / 'long.onnx')
    client.launch(shapes={'n': 1000}, budget=64)
    client.body('continue')
    time.sleep(0.2)
    check(client.close() == 0, 'no more input in the midst of a run')


def broken():
    client = Client(SAMPLES / 'classifier/model.onnx')
    client.launch()
    deep = b'{"seq":1,"type":"request","command":"evaluate","arguments":' + b'[' * 100000 + b']' * 100000 + b'}'
    hidden = b'{/*"*/"a":' + b'[' * 100000 + b'/*"*/}'
    for line in (b'nonsense', b'{', b'[]', b'null', b'{"seq":1}', b'{"seq":"1","type":"request","command":"threads"}', deep, hidden,
                 b'{"seq":1,"type":"request","command":["threads"]}', b'{"seq":1,"type":"event","command":"threads"}',
                 b'{"seq":1,"type":"request","command":"threads","arguments":7}', b'{"seq":1,"type":"request","command":"thr\xffeads"}',
                 b'{"seq":1.5,"type":"request","command":"threads"}', b'{"seq":1e99,"type":"request","command":"threads"}',
                 b'{"seq":1,"type":"request","command":"\0threads"}', b'x' * 3000000):
        client.raw(line + b'\n')
        answer = client.message()
        check(answer['type'] == 'response' and not answer['success'] and answer['message'], f'refused: {line[:40]!r}', answer)
    for command, arguments in (('scopes', {'frameId': 'x'}), ('scopes', {}), ('variables', {'variablesReference': 99}),
                               ('variables', {'variablesReference': 0}), ('stackTrace', {'levels': -1}), ('evaluate', {}),
                               ('evaluate', {'expression': 3}), ('setFunctionBreakpoints', {'breakpoints': {}}),
                               ('setFunctionBreakpoints', {'breakpoints': [3]}), ('setExceptionBreakpoints', {'filters': [1]}),
                               ('setBreakpoints', {'source': {'sourceReference': 77}}), ('goto', {}), ('completions', {'text': 'x'}),
                               ('setVariable', {'variablesReference': 1, 'name': 'x'}), ('goto', {'turn': 1e30})):
        answer = client.ask(command, **arguments)
        check(not answer['success'] and answer['message'], f'wrong arguments of {command}', answer)
    client.raw(b'\n\r\n  \n')
    check(client.ask('threads')['success'], 'goes on')
    client.raw(b'{"seq":1,"type":"requ')
    check(client.close() == 0, 'the end in the midst of a line')
    client = Client(framed=True)
    client.raw(b'Content-Length: 3\r\n\r\nabcContent-Length: x\r\n\r\nContent-Length: 9000000\r\n\r\n' + b' ' * 9000000)
    found = [client.message() for _ in range(3)]
    check(not any(m['success'] for m in found), 'headers that are wrong', found)
    check(client.ask('threads')['success'], 'goes on behind them')
    check(client.end() == 0, 'and ends')


with tempfile.TemporaryDirectory() as name:
    beginning()
    stepping(False)
    stepping(True)
    breakpoints()
    failures(Path(name))
    values(Path(name))
    attributes()
    interrupts(Path(name))
    broken()
print(f'1..{number}')
sys.exit(failed != 0)
