# SPDX-License-Identifier: Apache-2.0
"""Drives the window as a person does: a display, keys, and pictures of the screen looked at in coarse features.

usage: window.py PROGRAM MODEL DRAG-SOURCE"""
import shutil
import struct
import sys
import time
from pathlib import Path

from display import area, changed, check, colours, plan, play, settled, skip, wait_for, HEIGHT, WIDTH

LEFT = (10, 110, 240, 780)
RIGHT = (960, 60, 1270, 780)
MIDDLE = (300, 120, 900, 600)


def drive(display, program, folder):
    title = "%s/%s" % (MODEL.parent.name, MODEL.name) if MODEL.name == "model.onnx" else MODEL.name
    check(wait_for(lambda: display.has_window(title)), "a window with the model's name")
    start = settled(display)
    used = colours(start)
    check(len(used) > 40 and max(used.values()) < 0.97 * WIDTH * HEIGHT, "the screen is not blank")
    check(len(colours(area(start, *LEFT))) > 8, "the outline lists nodes")
    check(len(colours(area(start, *RIGHT))) > 8, "the Model page tells of the model")

    display.key("F10")
    first = settled(display)
    check(changed(area(start, *RIGHT), area(first, *RIGHT)) > 0.01, "F10 shows the node that is next")
    check(changed(area(start, *LEFT), area(first, *LEFT)) > 0.0005, "F10 marks what has run")
    display.key("F10")
    second = settled(display)
    check(changed(area(first, *LEFT), area(second, *LEFT)) > 0.0005, "F10 goes on")
    display.key("shift+F10")
    back = settled(display)
    check(changed(area(first, *RIGHT), area(second, *RIGHT)) > 0.003 > changed(area(first, *RIGHT), area(back, *RIGHT)),
          "Shift+F10 takes the step back")

    display.key("ctrl+shift+i")
    closed = settled(display)
    check(changed(area(back, *RIGHT), area(closed, *RIGHT)) > 0.02, "Ctrl+Shift+I closes the inspector")
    display.key("ctrl+shift+i")
    opened = settled(display)
    check(changed(area(back, *RIGHT), area(opened, *RIGHT)) < 0.01, "Ctrl+Shift+I opens it again")
    display.key("ctrl+shift+d")
    drawer = settled(display)
    check(changed(area(opened, 260, 600, 900, 780), area(drawer, 260, 600, 900, 780)) > 0.02, "Ctrl+Shift+D opens the drawer")
    display.key("ctrl+shift+d")

    check(len(colours(area(settled(display), *MIDDLE))) > 20, "the graph is drawn")

    target = folder / "picture.svg"
    display.key("ctrl+e")
    check(display.focus("^Export Picture$"), "Ctrl+E asks what to export")
    display.key("Return")
    check(display.focus("^Export to File$"), "and then where to")
    display.key("ctrl+a")
    display.type(str(target))
    display.key("Return")
    check(wait_for(lambda: target.exists() and target.read_text(encoding="utf-8").rstrip().endswith("</svg>")), "a picture is written")
    written = target.read_text(encoding="utf-8") if target.exists() else ""
    check(">Conv</text>" in written and "<title>" in written, "its text is text")
    display.focus(title)

    check(program.poll() is None, "the program is still there")
    display.key("ctrl+q")
    check(wait_for(lambda: program.poll() is not None, 10), "Ctrl+Q ends it")


def dialog_open(display, title):
    """A dialog, which stands in the upper left corner where nobody manages windows."""
    if not display.focus(title):
        return False
    time.sleep(0.5)
    return True


def choose(display, path):
    """Types a path into the file chooser."""
    if not dialog_open(display, "^Choose "):
        return False
    display.type(str(path))
    time.sleep(0.3)
    display.key("Return")
    return wait_for(lambda: not display.has_window("^Choose "), 5)


# The bar on top of the page, where what went wrong is said.
TROUBLE = (560, 56, 900, 84)
DATA_SET_ROW, FILE_BUTTON, USE_THESE = (250, 100), (462, 405), (452, 28)


def change_inputs(display, click, path):
    """Opens the dialog, chooses a path after a click, and takes what was chosen; the pictures before and after choosing."""
    display.key("ctrl+i")
    if not dialog_open(display, "^Inputs$"):
        return None
    before = settled(display)
    display.click(*click)
    if not choose(display, path) or not dialog_open(display, "^Inputs$"):
        return None
    after = settled(display)
    display.click(*USE_THESE)
    if not wait_for(lambda: not display.has_window("^Inputs$"), 5):
        return None
    display.focus("model.onnx$")
    return before, after


def drop(display, program, folder):
    """A window without a model; models are dropped on it, and their inputs come from files."""
    other = folder / "second.onnx"
    shutil.copy(MODEL, other)
    check(wait_for(lambda: display.has_window("^Onnxscope$")), "a window without a model")
    check(display.drag(SOURCE, MODEL, (700, 500)) and wait_for(lambda: display.has_window("model.onnx$")),
          "a model dropped on the empty window is opened")
    settled(display)
    check(display.drag(SOURCE, other, (600, 400)) and wait_for(lambda: display.has_window("second.onnx$")),
          "a model dropped on another is opened, too")
    display.focus("second.onnx$")
    display.key("ctrl+Page_Up")
    check(wait_for(lambda: display.has_window("model.onnx$")), "and the first one is still there")
    display.key("ctrl+Page_Down")
    display.key("ctrl+w")
    display.focus("model.onnx$")
    clear = settled(display)

    found = change_inputs(display, DATA_SET_ROW, MODEL.parent / "test_data_set_0")
    check(found is not None and changed(area(found[0], 20, 370, 340, 430), area(found[1], 20, 370, 340, 430)) > 0.005,
          "a data set's folder names the files of the inputs")
    display.key("F10")
    time.sleep(0.5)
    check(changed(area(clear, *TROUBLE), area(settled(display), *TROUBLE)) < 0.01, "and the model runs with them")

    good = folder / "image.npy"
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 16, 16), }"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    good.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(4 * 256))
    bad = folder / "bad.npy"
    bad.write_bytes(b"not an array at all")
    found = change_inputs(display, FILE_BUTTON, bad)
    time.sleep(0.5)
    check(found is not None and changed(area(clear, *TROUBLE), area(settled(display), *TROUBLE)) > 0.5,
          "a file that cannot be read is told of on top")
    found = change_inputs(display, FILE_BUTTON, good)
    time.sleep(0.5)
    check(found is not None and changed(area(clear, *TROUBLE), area(settled(display), *TROUBLE)) < 0.01,
          "one that can is taken")
    display.key("F5")
    time.sleep(0.5)
    check(changed(area(clear, *TROUBLE), area(settled(display), *TROUBLE)) < 0.01, "and the model runs with it")
    check(program.poll() is None, "the program is still there")
    display.key("ctrl+q")
    check(wait_for(lambda: program.poll() is not None, 10), "Ctrl+Q ends it")


PROGRAM, MODEL = sys.argv[1], Path(sys.argv[2])
if not MODEL.exists():
    skip("no such model: %s" % MODEL)
SOURCE = sys.argv[3]
play(PROGRAM, [str(MODEL)], drive)
play(PROGRAM, [], drop)
plan()
