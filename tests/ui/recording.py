# SPDX-License-Identifier: Apache-2.0
"""Recorded runs in the window: opened beside the graph, looked at, held against another, and without their model. What is selected
is told by the breakpoint that F9 sets there, and which the program keeps as text.

usage: recording.py PROGRAM SAMPLES"""
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from display import area, changed, check, choose, leave, plan, play, settled, skip, wait_for

# The tab in the drawer and its filter, the Tensor page, and the words of the step bar.
FILTER, RIGHT, STEPS = (380, 659), (960, 110, 1270, 440), (680, 525, 770, 552)
TOP, DRAWER = (560, 56, 900, 84), (260, 620, 900, 790)


def record(target, *commands):
    """A run of the classifier with made-up inputs, which are the same every time; with commands one that was changed."""
    text = "".join(command + "\n" for command in commands)
    words = ["debug"] if commands else ["run", "-q"]
    subprocess.run([PROGRAM, *words, "--record", str(target), "--record-values", "all", str(MODEL)], input=text, check=True,
                   universal_newlines=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def marks(folder):
    return "".join(file.read_text(encoding="utf-8") for file in folder.glob("onnxscope/marks/*.marks"))


def selected(display, folder, node):
    """Whether F9 sets a breakpoint at that node."""
    display.key("F9")
    return wait_for(lambda: "break %s\n" % node in marks(folder), 5)


def same_words(before, after):
    """Whether the step bar says the same; the graph shines through it, so an edge here and there may not."""
    lit = [[byte > 160 for byte in area(picture, *STEPS)] for picture in (before, after)]
    return sum(a != b for a, b in zip(*lit)) < 0.01 * len(lit[0])


def looked_at(display, program, folder):
    """Rows lead to nodes and elements; nothing runs."""
    check(wait_for(lambda: display.has_window("^one.oxtrace$")), "a recorded run is opened from the command line")
    before = settled(display)
    display.key("Down", "Down")
    second = settled(display)
    check(changed(area(before, *RIGHT), area(second, *RIGHT)) > 0.05, "a row of the list shows its elements on the right")
    check(selected(display, folder, "/normalize/Sub"), "and selects its node: %r" % marks(folder))
    display.click(*FILTER)
    display.type("softmax STORED")
    time.sleep(0.6)
    filtered = settled(display)
    check(changed(area(second, 260, 700, 900, 790), area(filtered, 260, 700, 900, 790)) > 0.01, "the filter leaves fewer rows")
    display.click(450, 718)
    settled(display)
    check(selected(display, folder, "/head/Softmax"), "the one that is left is Softmax: %r" % marks(folder))
    check(same_words(second, settled(display)), "nothing has run")
    display.key("Return")
    check(display.focus("^probabilities, recorded in turn 13$"), "Return shows the recorded elements in a window")
    display.key("Escape")
    display.focus("^one.oxtrace$")
    display.key("F10")
    check(wait_for(lambda: not same_words(second, display.picture()), 10), "until somebody takes a step")
    leave(display, program)


def held_against(display, program, folder):
    """The first value that another run has otherwise."""
    check(wait_for(lambda: display.has_window("^one.oxtrace$")), "a recorded run is opened to hold another against it")
    settled(display)
    display.key("alt+h")
    check(choose(display, "^Choose Another Recorded Run$", FOLDER / "two.oxtrace"), "the button asks for another")
    display.focus("^one.oxtrace$")
    settled(display)
    check(selected(display, folder, CHANGED), "the first node that made something else is selected: %r" % marks(folder))
    before = settled(display)
    display.key("alt+h")
    check(choose(display, "^Choose Another Recorded Run$", FOLDER / "broken.oxtrace"), "one that is broken is chosen")
    display.focus("^one.oxtrace$")
    time.sleep(0.5)
    told = settled(display)
    check(changed(area(before, *TOP), area(told, *TOP)) > 0.5, "and told of on top")
    display.key("alt+c")
    time.sleep(1)
    compared = settled(display)
    check(changed(area(told, *DRAWER), area(compared, *DRAWER)) > 0.02, "a run is compared with the recorded one")
    leave(display, program)


def without_model(display, program, folder):
    """The model is missing; one that is another is chosen, opened in spite of it, and the run is still there."""
    check(wait_for(lambda: display.has_window("^lost.oxtrace$")), "a recorded run without its model")
    missing = settled(display)
    display.key("F9")
    time.sleep(1)
    check(marks(folder) == "", "shows no graph")
    display.key("Return")
    check(choose(display, "^Choose the Recorded Model$", FOLDER / "changed.onnx"), "its button asks for the model")
    display.focus("^lost.oxtrace$")
    other = settled(display)
    check(changed(missing, other) > 0.001, "a model that is another is not taken without asking")
    display.key("Tab", "Return")
    time.sleep(1)
    opened = settled(display)
    check(changed(other, opened) > 0.1, "but opened when asked for")
    display.key("Down", "Down")
    settled(display)
    check(selected(display, folder, "/normalize/Sub"), "with the run beside it: %r" % marks(folder))
    leave(display, program)


def broken(display, program, folder):
    """What is no recorded run is told of."""
    check(wait_for(lambda: display.has_window("^broken.oxtrace$")), "a broken file gets a page that says so")
    check(len(set(settled(display))) > 8, "which is not blank")
    leave(display, program)


PROGRAM, SAMPLES = sys.argv[1], Path(sys.argv[2]).resolve()
CLASSIFIER = SAMPLES / "classifier" / "model.onnx"
CHANGED = "/features/0/act/Relu"
if not CLASSIFIER.exists():
    skip("no such model: %s" % CLASSIFIER)
with tempfile.TemporaryDirectory() as place:
    FOLDER = Path(place)
    MODEL = FOLDER / "classifier.onnx"
    shutil.copy(CLASSIFIER, MODEL)
    record(FOLDER / "one.oxtrace")
    record(FOLDER / "two.oxtrace", "until p1", "set r1[0,0,0,0] 50", "continue")
    # A field that no reader knows: the same model in other bytes.
    (FOLDER / "changed.onnx").write_bytes(MODEL.read_bytes() + b"\xf8\x07\x01")
    (FOLDER / "broken.oxtrace").write_bytes((FOLDER / "one.oxtrace").read_bytes()[:3000])
    play(PROGRAM, [str(FOLDER / "one.oxtrace")], looked_at)
    play(PROGRAM, [str(FOLDER / "one.oxtrace")], held_against)
    play(PROGRAM, [str(FOLDER / "broken.oxtrace")], broken)
    shutil.copy(FOLDER / "one.oxtrace", FOLDER / "lost.oxtrace")
    MODEL.unlink()
    play(PROGRAM, [str(FOLDER / "lost.oxtrace")], without_model)
plan()
