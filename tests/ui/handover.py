# SPDX-License-Identifier: Apache-2.0
"""What a run leaves behind, from the window: files are made with keys and read here, and by the command line.

usage: handover.py PROGRAM SAMPLES"""
import json
import subprocess
import sys
import time
from pathlib import Path

from display import check, choose, leave, plan, play, settled, skip, wait_for


def call(*words):
    done = subprocess.run([PROGRAM, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True)
    return done.stdout


def node_menu(display, *keys):
    """The menu of the selected node's card."""
    display.focus("model.onnx$")
    display.key("Menu")
    time.sleep(0.8)
    for key in keys:
        display.key(key)
        time.sleep(0.4)


def passes(case):
    return "1 passed, 0 failed" in call("conformance", case)


def test_case(display, program, folder):
    """Nodes with the values of the run, which was changed, become test cases, which the command line runs."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the classifier is opened for a part of it")
    display.key("F5")
    settled(display)
    display.key("Down", "Down", "Down", "Down")
    settled(display)
    node_menu(display, "Down", "Return")
    settled(display)
    display.focus("model.onnx$")
    display.key("Down")
    settled(display)
    # The menu's last line opens another, which begins with a line that goes back.
    node_menu(display, "Up", "Return", "Down", "Return")
    one, several = folder / "one", folder / "several"
    check(choose(display, "^Export Test Case$", one, True), "the menu asks for a folder")
    check(wait_for((one / "test_data_set_0" / "output_0.pb").exists), "a node behind a muted one is written")
    time.sleep(0.5)
    check(passes(one), "and passes")
    check((one / "test_data_set_0" / "input_0.pb").read_bytes().endswith(bytes(4 * 8 * 16 * 16)), "with the zeros that it reads")
    node_menu(display, "Up", "Return", "Up", "Return")
    check(display.focus("^Test Case of Several Nodes$"), "what lies between asks where it begins")
    display.key("Return")
    check(choose(display, "^Export Test Case$", several, True), "and then for a folder")
    check(wait_for((several / "test_data_set_0" / "output_0.pb").exists), "several nodes are written")
    time.sleep(0.5)
    check(passes(several), "and pass")
    info = json.loads(call("info", "--json", several / "model.onnx") or "{}")
    # The Relu is muted: its zeros are given.
    check(info.get("nodes") == 4 and [i["name"] for i in info["inputs"]] == ["image", "r1"], "without the one that is muted")
    leave(display, program)


def report(display, program, folder):
    """The run as a page to keep."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the classifier is opened for a report")
    settled(display)
    display.key("ctrl+shift+e")
    target = folder / "report.html"
    check(choose(display, "^Export Report$", target, True), "the key asks for a file")
    check(wait_for(target.exists), "the report is written")
    text = target.read_text(encoding="utf-8") if target.exists() else ""
    check("probabilities" in text and text.endswith("</html>\n"), "and whole")
    leave(display, program)


PROGRAM, SAMPLES = sys.argv[1], Path(sys.argv[2]).resolve()
CLASSIFIER = SAMPLES / "classifier" / "model.onnx"
if not CLASSIFIER.exists():
    skip("no such model: %s" % CLASSIFIER)
play(PROGRAM, [str(CLASSIFIER)], test_case)
play(PROGRAM, [str(CLASSIFIER)], report)
plan()
