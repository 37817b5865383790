# SPDX-License-Identifier: Apache-2.0
"""junit.py PROGRAM SAMPLES: the report of compare for build servers. Prints TAP."""
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

program, samples = sys.argv[1], Path(sys.argv[2])
number = 0


def say(good, name, why=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if good else "not ok", number, name))
    if not good:
        print("# " + str(why).replace("\n", "\n# "))


def compare(reference, model, path, *options):
    words = [program, "compare", "--json", "--junit", path, "--reference", reference, model, *options]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    return json.loads(done.stdout), done.returncode


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "report.xml"
    right, wrong = samples / "classifier" / "model.onnx", samples / "mistake" / "model.onnx"

    answer, status = compare(right, wrong, path)
    root = xml.parse(path).getroot()
    cases, failures = root.findall(".//testcase"), root.findall(".//failure")
    differ = [t for t in answer["tensors"] if t["verdict"] == "DIFFERS"]
    say(status == 1 and len(cases) == answer["compared"] and len(cases) == int(root.get("tests")), "cases", len(cases))
    say(len(failures) == len(differ) == int(root.get("failures")) > 0, "failures", len(failures))
    say([c.get("name") for c in cases if c.find("failure") is not None] == [t["name"] for t in differ], "names")
    say("max abs" in failures[0].get("message") and "max abs" in failures[0].text, "numbers", failures[0].text)
    say(sum(d["count"] for d in differ[0]["histogram"]["decades"]) == differ[0]["unequal"], "histogram",
        differ[0]["histogram"])

    # Of every value both runs' errors; a node after the wrong one adds nothing of its own.
    tensors = answer["tensors"]
    say(all(t["own"] and t["inherited"] and t["max_abs"] == t["inherited"]["max_abs"] for t in tensors), "both errors")
    heirs = [t for t in tensors if t["verdict"] == "inherited"]
    say(heirs and all(t["own"]["max_abs"] == 0 < t["inherited"]["max_abs"] for t in heirs), "inherited", heirs)
    say(all(t["own"]["max_abs"] > 0 for t in differ), "own", differ)
    alone = {t["name"]: t["own"] for t in compare(right, wrong, path, "--isolated")[0]["tensors"]}
    say(alone == {t["name"]: t["own"] for t in tensors}, "the same when isolated is shown")
    quick = compare(right, wrong, path, "--through")[0]["tensors"]
    say(quick and all(t["own"] is None and t["inherited"] is not None for t in quick), "through has no own error")

    answer, status = compare("twice", right, path)
    root = xml.parse(path).getroot()
    say(status == 0 and root.get("failures") == "0" and not root.findall(".//failure"), "good")

    # A name with all that XML minds.
    strange = right.read_bytes().replace(b"centred", b'c<&">\x01d')
    model = Path(folder) / "strange.onnx"
    model.write_bytes(strange)
    answer, status = compare("twice", model, path)
    names = [c.get("name") for c in xml.parse(path).getroot().findall(".//testcase")]
    say('c<&">\ufffdd' in names, "escapes", names)
print("1..%d" % number)
