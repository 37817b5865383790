# SPDX-License-Identifier: Apache-2.0
"""What a run leaves behind, from the window: files are made with keys and read here, and by the command line.

usage: handover.py PROGRAM SAMPLES"""
import json
import subprocess
import sys
import time
from pathlib import Path

from display import area, changed, check, choose, leave, plan, play, settled, skip, wait_for


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


# The button of the main menu, where the menu is then, and the bar on top that tells of what went wrong.
MENU, OPENED, TROUBLE = (1138, 28), (1000, 70, 1250, 300), (560, 56, 900, 84)


def hand_over(display, letter, title, target):
    """An entry of the submenu by its letter, and a file in the place of the one that is proposed."""
    display.focus("model.onnx$")
    before = settled(display)
    # Keys that come before the menu is there go to the graph; a click may go to a window that is just going away.
    for _ in range(3):
        display.click(*MENU)
        if wait_for(lambda: changed(area(before, *OPENED), area(display.picture(), *OPENED)) > 0.2, 3):
            break
    menu = settled(display)
    display.key("h")
    wait_for(lambda: changed(area(menu, *OPENED), area(display.picture(), *OPENED)) > 0.02, 5)
    settled(display)
    display.key(letter)
    done = choose(display, title, target, title.startswith("^Export"))
    display.focus("model.onnx$")
    return done


def whole(path):
    """The file once it does not grow any more."""
    if not wait_for(path.exists):
        return b""
    time.sleep(0.7)
    return path.read_bytes()


def run_files(display, program, folder):
    """The times of the run and a record of it, without a run before: its inputs are those beside the model."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the classifier is opened for its times")
    settled(display)
    profile, record, other = (folder / name for name in ("times.json", "run.oxtrace", "other.oxtrace"))
    check(hand_over(display, "o", "^Export Profile$", profile), "Profile of the Run asks for a file")
    try:
        events = json.loads(whole(profile))
    except ValueError:
        events = []
    nodes = {event["name"] for event in events if event["cat"] == "Node"}
    check(len(nodes) == 14 and "/head/Softmax_kernel_time" in nodes, "which has the times of all nodes")
    check(hand_over(display, "u", "^Export Recorded Run$", record), "Recorded Run asks for a file")
    check(len(whole(record)) > 0, "which is written")
    call("run", "-q", "--record", other, "--record-values", "65536", "--data-set", CLASSIFIER.parent / "test_data_set_0", CLASSIFIER)
    check("15 values, all with the same bits" in call("trace", "--against", other, record), "and has what the command line has")
    check("[2]" in call("trace", "--value", "label", record), "values too")
    leave(display, program)


def comparison(display, program, folder):
    """What was compared, to the byte what the command line says."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "a model with a mistake is opened to be compared")
    settled(display)
    json_file, xml_file, nothing = (folder / name for name in ("found.json", "found.xml", "nothing.json"))
    check(not hand_over(display, "j", "^Export Comparison$", nothing), "before there is nothing to hand over")
    display.key("Escape", "Escape")
    display.key("ctrl+r")
    check(choose(display, "^Choose a Reference$", CLASSIFIER), "it is compared with the good one")
    display.focus("model.onnx$")
    settled(display)
    expected = folder / "expected.xml"
    words = ["compare", "--json", "--isolated", "--junit", expected, "--reference", CLASSIFIER, "--data-set",
             MISTAKE.parent / "test_data_set_0", MISTAKE]
    told = call(*words)
    check(hand_over(display, "j", "^Export Comparison$", json_file), "Comparison as JSON asks for a file")
    check(whole(json_file) == told.encode() and '"first_divergence" : {' in told, "with what the command line says")
    check(hand_over(display, "n", "^Export Comparison$", xml_file), "Comparison as JUnit does, too")
    check(whole(xml_file) == expected.read_bytes() and b"<failure" in whole(xml_file), "with the same as the command line's")
    case = folder / "case"
    check(hand_over(display, "f", "^Export Test Case$", case), "the first difference as a test case asks for a folder")
    whole(case / "test_data_set_0" / "output_0.pb")
    check(passes(case) and b"/features/1/conv/Conv" in whole(case / "model.onnx"), "which has the node to blame, and passes")
    leave(display, program)


def edits(display, program, folder):
    """Changes as a script, taken back, and made again from it."""
    check(wait_for(lambda: display.has_window("model.onnx$")), "the classifier is opened to be changed")
    display.key("F5")
    settled(display)
    display.key("Down", "Down", "Down", "Down")
    settled(display)
    node_menu(display, "Down", "Return")
    settled(display)
    first, again, last, wrong = (folder / (name + ".txt") for name in ("first", "again", "last", "wrong"))
    check(hand_over(display, "e", "^Export Edits$", first), "Edits as Script asks for a file")
    check(whole(first) == b"run\nmute /features/0/act/Relu\ncontinue\n", "with the commands")
    display.key("ctrl+z")
    settled(display)
    check(not hand_over(display, "e", "^Export Edits$", again), "without changes there is nothing to hand over")
    display.key("Escape", "Escape")
    check(hand_over(display, "d", "^Open Edits$", first), "Open Edits asks for a file")
    settled(display)
    check(hand_over(display, "e", "^Export Edits$", again) and whole(again) == whole(first), "and makes them again")
    script = "set label 3\nprofile /tmp/never\n"
    wrong.write_text(script, encoding="utf-8")
    before = settled(display)
    check(hand_over(display, "d", "^Open Edits$", wrong), "a script that does something else")
    check(changed(area(before, *TROUBLE), area(settled(display), *TROUBLE)) > 0.5, "is told of on top")
    check(hand_over(display, "e", "^Export Edits$", last) and whole(last) == whole(first), "and nothing of it is done")
    leave(display, program)


PROGRAM, SAMPLES = sys.argv[1], Path(sys.argv[2]).resolve()
CLASSIFIER = SAMPLES / "classifier" / "model.onnx"
MISTAKE = SAMPLES / "mistake" / "model.onnx"
if not CLASSIFIER.exists():
    skip("no such model: %s" % CLASSIFIER)
play(PROGRAM, [str(CLASSIFIER)], test_case)
play(PROGRAM, [str(CLASSIFIER)], report)
play(PROGRAM, [str(CLASSIFIER)], run_files)
play(PROGRAM, [str(MISTAKE)], comparison)
play(PROGRAM, [str(CLASSIFIER)], edits)
plan()
