# SPDX-License-Identifier: Apache-2.0
"""Uses of the debugger in the window, from the question to its answer. What was found is read from pictures the window exports,
where text is text.

usage: walks.py PROGRAM SAMPLES"""
import re
import shutil
import struct
import sys
import tempfile
import time
from pathlib import Path

from display import area, changed, check, choose, colours, leave, plan, play, settled, skip, wait_for

# The ring around what is to blame, as the light picture has it.
BLAMED = re.compile("stroke:#c01c28;stroke-width:2.4")
# A bar of what came through, which is hollow.
THROUGH = "stroke:#b35c00;stroke-width:0.8"
# "Stale" before the sentence of the comparison, and its colour; the buttons behind it; what changes the value shown.
VERDICT, BAD = (260, 628, 310, 650), b"\x9c\x6e\x03"
GO_THERE, AGAIN, PENCIL = (707, 638), (606, 638), (1155, 116)
RIGHT = (960, 60, 1270, 780)
MIDDLE, TOP = (260, 110, 900, 500), (560, 56, 900, 84)


def export(display, target):
    """The graph as it is shown, as an SVG."""
    display.key("ctrl+e")
    if not display.focus("^Export Picture$"):
        return ""
    display.key("Return")
    if not choose(display, "^Export to File$", target, True):
        return ""
    done = wait_for(lambda: target.exists() and target.read_text(encoding="utf-8").rstrip().endswith("</svg>"))
    display.focus("model.onnx$")
    return target.read_text(encoding="utf-8") if done else ""


def cards(picture):
    """The groups of a picture: the first line of each, and all of it."""
    return [(re.search("<title>(.*?)</title>", group, re.S).group(1), group) for group in re.findall("<g>.*?</g>", picture, re.S)]


def seeded_fault(display, program, folder):
    """A model that was changed, and the one it was: which node is it?"""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the model with a mistake is opened")
    before = settled(display)
    display.key("ctrl+r")
    check(choose(display, "^Choose a Reference$", SAMPLES / "classifier" / "model.onnx"), "the good model is the reference")
    display.focus("model.onnx$")
    after = settled(display)
    check(changed(area(before, 260, 600, 900, 780), area(after, 260, 600, 900, 780)) > 0.05, "the table of errors comes up")
    picture = export(display, folder / "errors.svg")
    blamed = [title for title, group in cards(picture) if BLAMED.search(group)]
    check(len(blamed) == 1 and GUILTY in blamed[0], "one node is to blame, and it is the one: %s" % blamed)
    hollow = [title for title, group in cards(picture) if THROUGH in group]
    check(len(hollow) >= 2, "those behind it inherit the error")
    display.key("F5")
    settled(display)
    display.click(*GO_THERE)
    there = settled(display)
    display.click(*PENCIL)
    time.sleep(0.6)
    display.key("r")
    check(wait_for(lambda: BAD in colours(area(display.picture(), *VERDICT)), 8),
          "with its value replaced by the reference's, the errors are those of before")
    changed_run = settled(display)
    check(changed(area(there, *RIGHT), area(changed_run, *RIGHT)) > 0.005, "while the value shown is the new one")
    display.key("ctrl+z")
    check(wait_for(lambda: BAD not in colours(area(display.picture(), *VERDICT)), 8), "undone, they are those of the run")
    display.key("ctrl+shift+z")
    check(wait_for(lambda: BAD in colours(area(display.picture(), *VERDICT)), 8), "and again they are not")
    display.click(*AGAIN)
    check(wait_for(lambda: BAD not in colours(area(display.picture(), *VERDICT)), 8), "compared again, they are")
    picture = export(display, folder / "mended.svg")
    check(not [title for title, group in cards(picture) if BLAMED.search(group)], "and nothing is to blame any more")
    leave(display, program)


def marks(folder):
    """Breakpoints and watches as the program keeps them for the model."""
    return "".join(file.read_text(encoding="utf-8") for file in folder.glob("onnxscope/marks/*.marks"))


def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def write_data(path, dims, numbers):
    """A tensor as the data set of a model has it."""
    data = struct.pack("<%df" % len(numbers), *numbers)
    path.parent.mkdir()
    path.write_bytes(b"".join(b"\x08" + varint(dim) for dim in dims) + b"\x10\x01\x4a" + varint(len(data)) + data)


def first_nan(display, program, folder):
    """An image too bright for f32: which node makes the first NaN, and what does one have to know to see it coming?"""
    check(wait_for(lambda: display.has_window("model.onnx$")), "a model with a data set beside it is opened")
    before = settled(display)
    display.key("ctrl+h")
    hunted = settled(display)
    time.sleep(1)
    hunted = settled(display)
    check(changed(area(before, *MIDDLE), area(hunted, *MIDDLE)) > 0.02, "Ctrl+H hunts, and what has no part in it steps back")
    display.focus("model.onnx$")
    display.key("F9")
    check(wait_for(lambda: "break /features/0/conv/Conv\n" in marks(folder), 5),
          "the node that makes the first NaN is selected: its breakpoint is kept: %r" % marks(folder))
    display.key("F5")
    settled(display)
    display.key("ctrl+shift+w")
    time.sleep(0.5)
    display.type("max(normalized)")
    display.key("Return")
    check(wait_for(lambda: "watch max(normalized)\n" in marks(folder), 5), "a formula is watched, and kept")
    leave(display, program)


# The line of turns in the drawer, the list of nodes, where one is.
LINE, LEFT, STEPS = 637, (10, 110, 240, 700), (680, 525, 770, 552)


# More ways through the run; where toasts are while the drawer is open.
MORE, TOAST = (677, 538), (480, 690, 660, 730)


def words(picture):
    """The writing on the step bar, through which the graph shines."""
    return bytes(byte > 160 for byte in area(picture, *STEPS))


def time_and_conditions(display, program, folder):
    """A condition stops the run; the line of turns takes it back."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the classifier is opened")
    display.key("F10")
    settled(display)
    display.key("ctrl+shift+d")
    first = settled(display)
    display.key("ctrl+F9")
    time.sleep(0.5)
    display.type("max(out)>")
    display.key("Return")
    time.sleep(0.5)
    check(changed(area(first, *MIDDLE), area(settled(display), *MIDDLE)) > 0.02, "what is no formula keeps the popover open")
    display.type("0-1e9")
    display.key("Return")
    time.sleep(0.5)
    display.focus("model.onnx$")
    check(changed(area(first, 10, 700, 240, 790), area(settled(display), 10, 700, 240, 790)) > 0.01, "the breakpoint is listed")
    display.key("F5")
    stopped = settled(display)
    check(changed(area(first, *TOP), area(stopped, *TOP)) > 0.5, "the run stops and says why on top")
    display.key("F5")
    check(wait_for(lambda: changed(area(stopped, *TOP), area(display.picture(), *TOP)) > 0.5), "and goes on to the end")
    ended = settled(display)
    display.click(400, LINE)
    back = settled(display)
    check(changed(area(ended, *LEFT), area(back, *LEFT)) > 0.001, "a click on the line goes back")
    display.click(911, LINE)
    again = settled(display)
    check(words(back) != words(ended) == words(again), "and one at its end forwards again")
    display.key("ctrl+F5")
    check(wait_for(lambda: words(display.picture()) != words(ended), 5), "Ctrl+F5 runs back to the breakpoint")
    stopped = settled(display)
    display.click(911, LINE)
    check(wait_for(lambda: words(display.picture()) == words(ended), 5), "the line's end is the end")
    display.key("ctrl+shift+F11")
    check(wait_for(lambda: words(display.picture()) != words(ended), 5), "Ctrl+Shift+F11 runs back to where the node wrote")
    check(words(settled(display)) != words(stopped), "which is before it, where no breakpoint stops")
    display.click(911, LINE)
    settled(display)
    display.click(*MORE)
    time.sleep(0.6)
    display.key("n")
    check(wait_for(lambda: changed(area(ended, *TOAST), area(display.picture(), *TOAST)) > 0.2, 5),
          "the menu looks for a NaN before, and says that there is none")
    leave(display, program)


def pencils(picture):
    """Pixels of the badges in the graph."""
    return colours(area(picture, *MIDDLE)).get(b"\xb3\x5c\x00", 0)


def edit_and_continue(display, program, folder):
    """A node is muted from its menu; what that does to the outputs is computed again, and taken back."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the classifier is opened to be changed")
    display.key("F5")
    settled(display)
    display.key("Down", "Down", "Down", "Down")
    time.sleep(5)
    before = settled(display)
    display.key("Menu")
    time.sleep(0.6)
    display.key("Down", "Return")
    muted = settled(display)
    check(pencils(muted) > pencils(before) + 60, "its card has a pencil")
    display.key("ctrl+z")
    back = settled(display)
    check(abs(pencils(back) - pencils(before)) < 20, "Ctrl+Z takes it back")
    display.key("ctrl+shift+z")
    check(pencils(settled(display)) > pencils(before) + 60, "Ctrl+Shift+Z makes it again")
    leave(display, program)


# A bar that is filled, as the light picture has it; the sentence over what was found.
FILLED = "fill:#c01c28"
SAID = (260, 652, 330, 675)


def barred(picture):
    """The nodes with a filled bar."""
    return [title for title, group in cards(picture) if FILLED in group]


def narrower(display, program, folder):
    """Would the model stand a narrower type? The map first, then one node, whose answer is stale when the run is another."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the classifier is opened to be made narrower")
    before = settled(display)
    display.key("ctrl+p")
    time.sleep(1)
    mapped = settled(display)
    check(changed(area(before, 260, 600, 900, 780), area(mapped, 260, 600, 900, 780)) > 0.03, "Ctrl+P maps what is safe")
    check(len(barred(export(display, folder / "map.svg"))) >= 8, "as bars on the nodes")
    display.key("Escape")
    display.key("Down", "Down", "Down", "Down")
    settled(display)
    display.key("Menu")
    time.sleep(0.6)
    display.key("Up", "Up", "Return")
    time.sleep(0.6)
    display.key("Down", "Return")
    time.sleep(1)
    display.focus("model.onnx$")
    asked = settled(display)
    picture = export(display, folder / "node.svg")
    check(len(barred(picture)) == 1, "what one node adds by itself is at it: %s" % barred(picture))
    check(len([title for title, group in cards(picture) if THROUGH in group]) >= 3, "and goes on to those behind it")
    display.key("Menu")
    time.sleep(0.6)
    display.key("Down", "Down", "Down", "Return")
    time.sleep(1)
    display.focus("model.onnx$")
    check(changed(area(asked, *SAID), area(settled(display), *SAID)) > 0.02, "with a node muted, that is stale")
    leave(display, program)


def message(*fields):
    """A protobuf message of (number, what): numbers, texts, bytes and messages."""
    return b"".join(varint(number << 3) + varint(what) if isinstance(what, int)
                    else varint(number << 3 | 2) + varint(len(what)) + (what.encode() if isinstance(what, str) else what)
                    for number, what in fields)


def write_quantised(folder):
    """X of 4 numbers in codes and back; two of them are beyond. The model it was before leaves them as they are."""
    def value(name):
        return message((1, name), (2, message((1, message((1, 1), (2, message((1, message((1, 4))))))))))

    def node(op, given, made):
        return message(*[(1, name) for name in given], (2, made), (3, op), (4, op))

    scale = message((2, 1), (8, "scale"), (9, struct.pack("<f", 0.01)))
    zero = message((2, 2), (8, "zero"), (9, b"\x80"))
    graph = message((1, node("QuantizeLinear", ["X", "scale", "zero"], "codes")),
                    (1, node("DequantizeLinear", ["codes", "scale", "zero"], "Y")),
                    (2, "g"), (5, scale), (5, zero), (11, value("X")), (12, value("Y")))
    plain = message((1, node("Identity", ["X"], "Y")), (2, "g"), (11, value("X")), (12, value("Y")))
    for name, what in (("model", graph), ("plain", plain)):
        (folder / (name + ".onnx")).write_bytes(message((1, 8), (7, what), (8, message((2, 13)))))
    write_data(folder / "test_data_set_0" / "input_0.pb", (4,), [0.1, 0.2, 9, -9])


AGAINST = (310, 635)


def quantised(display, program, folder):
    """What did the codes cost?"""
    check(wait_for(lambda: display.has_window("model.onnx$")), "a quantised model is opened")
    before = settled(display)
    display.key("ctrl+shift+p")
    time.sleep(1)
    check(changed(area(before, 260, 600, 900, 780), area(settled(display), 260, 600, 900, 780)) > 0.03, "Ctrl+Shift+P looks at it")
    picture = export(display, folder / "codes.svg")
    blamed = [title for title, group in cards(picture) if BLAMED.search(group)]
    check(len(blamed) == 1 and "QuantizeLinear" in blamed[0] and "Dequantize" not in blamed[0], "the worst has the flag: %s" % blamed)
    check([title for title, group in cards(picture) if THROUGH in group] == blamed, "and a bar of what is clipped")
    before = settled(display)
    display.click(*AGAINST)
    check(choose(display, "^Choose the Model", CODES / "plain.onnx"), "it is held against the model it was")
    display.focus("model.onnx$")
    time.sleep(1)
    check(changed(area(before, 260, 690, 900, 780), area(settled(display), 260, 690, 900, 780)) > 0.01, "which is a column more")
    leave(display, program)


def write_stuck(path):
    """A node in the middle that nobody knows, and what it may be thought to give."""
    def value(name):
        return message((1, name), (2, message((1, message((1, 1), (2, message((1, message((1, 3))))))))))

    def node(op, given, made, domain=""):
        return message(*[(1, name) for name in given], *[(2, name) for name in made], (3, op), (4, op), (7, domain))

    graph = message((1, node("Neg", ["x"], ["a"])), (1, node("Riddle", ["a"], ["b", "c"], "nobody")),
                    (1, node("Add", ["b", "c"], ["y"])), (2, "g"), (11, value("x")), (12, value("y")))
    path.write_bytes(message((1, 8), (7, graph), (8, message((2, 17))), (8, message((1, "nobody"), (2, 1)))))
    for name in "b", "c":
        (path.parent / (name + ".pb")).write_bytes(message((1, 3), (2, 1), (9, struct.pack("<3f", 1, 2, 3))))


def stuck(display, program, folder):
    """A node cannot run; its outputs are supplied, and the run goes on."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "a model with a node that nobody knows is opened")
    before = settled(display)
    display.key("F5")
    failed = settled(display)
    check(changed(area(before, *TOP), area(failed, *TOP)) > 0.5, "the run stops and says so on top")
    display.key("Menu")
    time.sleep(0.6)
    display.key("Up", "Up", "Up", "Return")
    check(choose(display, "^Supply Output “b”$", STUCK.parent / "b.pb"), "the menu asks for the first output")
    check(choose(display, "^Supply Output “c”$", STUCK.parent / "c.pb"), "and for the second")
    display.focus("model.onnx$")
    supplied = settled(display)
    check(changed(area(failed, *TOP), area(supplied, *TOP)) > 0.5, "the trouble is over")
    display.key("F5")
    time.sleep(0.5)
    check(changed(area(supplied, *LEFT), area(settled(display), *LEFT)) > 0.0005, "and the run goes on")
    check(pencils(settled(display)) > 60, "with a pencil at what was changed")
    leave(display, program)


def write_constant(path):
    """y = x + c, where c is a Constant of three numbers."""
    def value(name):
        return message((1, name), (2, message((1, message((1, 1), (2, message((1, message((1, 3))))))))))

    tensor = message((1, 3), (2, 1), (9, struct.pack("<3f", 1, 2, 3)))
    constant = message((2, "c"), (3, "c"), (4, "Constant"), (5, message((1, "value"), (5, tensor), (20, 4))))
    graph = message((1, constant), (1, message((1, "x"), (1, "c"), (2, "y"), (3, "add"), (4, "Add"))),
                    (2, "g"), (11, value("x")), (12, value("y")))
    path.write_bytes(message((1, 8), (7, graph), (8, message((2, 17)))))
    (path.parent / "c.pb").write_bytes(message((1, 3), (2, 1), (9, struct.pack("<3f", 7, 8, 9))))


ATTRIBUTE = (1241, 350)


def attribute(display, program, folder):
    """A tensor that is an attribute is typed, then taken from a file."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "a model with a Constant is opened")
    display.key("F10")
    settled(display)
    display.key("shift+F10")
    before = settled(display)
    display.click(*ATTRIBUTE)
    check(display.focus("^Change “value”$"), "its pencil asks for the value")
    display.key("ctrl+a")
    display.type("4, 5")
    time.sleep(0.3)
    display.key("Return")
    time.sleep(0.5)
    check(display.has_window("^Change “value”$"), "two numbers are not three")
    display.type(", 6")
    display.key("Return")
    check(wait_for(lambda: not display.has_window("^Change “value”$"), 5), "three are")
    display.focus("model.onnx$")
    check(wait_for(lambda: changed(area(before, *RIGHT), area(display.picture(), *RIGHT)) > 0.0003, 5), "the page has the numbers")
    typed = settled(display)
    check(pencils(typed) > 60, "and the card that reads it a pencil")
    display.click(*ATTRIBUTE)
    display.focus("^Change “value”$")
    display.key("alt+l")
    check(choose(display, "^Load a Value$", CONSTANT.parent / "c.pb"), "or they come from a file")
    display.focus("model.onnx$")
    check(wait_for(lambda: changed(area(typed, *RIGHT), area(display.picture(), *RIGHT)) > 0.0003, 5), "which the page shows")
    leave(display, program)


PLOTS = (500, 660, 925, 775)


def ink(picture):
    """Pixels of the lines of a plot."""
    return colours(area(picture, *PLOTS)).get(b"\x1c\x71\xd8", 0)


def iterations(display, program, folder):
    """What does the Loop carry? A click on the plot goes to an iteration."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the decoder is opened")
    display.key("F5")
    settled(display)
    display.key("ctrl+shift+d")
    time.sleep(1)
    drawer = ink(settled(display))
    display.click(374, 598)
    check(wait_for(lambda: ink(display.picture()) > drawer + 400), "Iterations plots what the Loop carries")
    time.sleep(5)
    end = settled(display)
    display.click(709, 764)
    there = settled(display)
    check(changed(area(end, *LEFT), area(there, *LEFT)) > 0.005, "a click goes into an iteration")
    display.key("F10")
    check(wait_for(lambda: changed(area(there, *RIGHT), area(display.picture(), *RIGHT)) > 0.003), "from where the run goes on")
    leave(display, program)


PROGRAM, SAMPLES = sys.argv[1], Path(sys.argv[2]).resolve()
MISTAKE = SAMPLES / "mistake" / "model.onnx"
if not MISTAKE.exists():
    skip("no such model: %s" % MISTAKE)
GUILTY = "/features/1/conv/Conv"
play(PROGRAM, [str(MISTAKE)], seeded_fault)
with tempfile.TemporaryDirectory() as bright:
    shutil.copy(SAMPLES / "classifier" / "model.onnx", bright)
    # Both are finite, and infinite once they are divided by 0.3; the convolution then takes one from the other.
    write_data(Path(bright) / "test_data_set_0" / "input_0.pb", (1, 1, 16, 16), [3e38 if at in (100, 101) else 0.5 for at in range(256)])
    play(PROGRAM, [str(Path(bright) / "model.onnx")], first_nan)
play(PROGRAM, [str(SAMPLES / "classifier" / "model.onnx")], time_and_conditions)
play(PROGRAM, [str(SAMPLES / "classifier" / "model.onnx")], edit_and_continue)
play(PROGRAM, [str(SAMPLES / "classifier" / "model.onnx")], narrower)
with tempfile.TemporaryDirectory() as codes:
    CODES = Path(codes)
    write_quantised(CODES)
    play(PROGRAM, [str(Path(codes) / "model.onnx")], quantised)
with tempfile.TemporaryDirectory() as riddle:
    STUCK = Path(riddle) / "model.onnx"
    write_stuck(STUCK)
    play(PROGRAM, [str(STUCK)], stuck)
with tempfile.TemporaryDirectory() as typed_in:
    CONSTANT = Path(typed_in) / "model.onnx"
    write_constant(CONSTANT)
    play(PROGRAM, [str(CONSTANT)], attribute)
play(PROGRAM, [str(SAMPLES / "decoder" / "model.onnx")], iterations)
plan()
