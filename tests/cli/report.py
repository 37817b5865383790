# SPDX-License-Identifier: Apache-2.0
"""report.py PROGRAM SAMPLES: the page that report writes. Prints TAP."""
import io
import json
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
import zipfile
from html.parser import HTMLParser
from pathlib import Path

program, samples = sys.argv[1], Path(sys.argv[2])
number = 0
VOID = {"meta", "input", "br", "link", "img"}


def say(good, name, why=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if good else "not ok", number, name))
    if not good:
        print("# " + str(why)[:2000].replace("\n", "\n# "))


class Page(HTMLParser):
    """Tags that fit, attributes, the text of every element of interest."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.tags, self.rows, self.texts = [], [], [], [], []
        self.feed(text)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("/" + tag)

    def handle_data(self, data):
        self.texts.append(data)
        if any(tag in ("td", "th") for tag in self.open) and self.rows:
            self.rows[-1][-1] += data

    def values(self):
        """Rows of the table of values: its first column is a number, and it has many."""
        return [row for row in self.rows if len(row) >= 8 and row[0].isdigit()]


def report(model, *words, status=0, name=""):
    path = Path(folder) / "report.html"
    path.unlink(missing_ok=True)
    done = subprocess.run(list(map(str, [program, "report", "-o", path, *words, model])), capture_output=True, text=True,
                          check=False)
    if done.returncode != status:
        say(False, name + " exit status", "%d\n%s" % (done.returncode, done.stderr))
    return path.read_text(encoding="utf-8") if path.exists() else ""


def sound(text, name):
    """Well-formed, with links that lead somewhere, one script, and nothing from elsewhere."""
    page = Page(text)
    ids = [a["id"] for _, a in page.tags if "id" in a]
    ways = [a["href"] for _, a in page.tags if "href" in a]
    scripts = [a for tag, a in page.tags if tag == "script"]
    bad = [w for w in ways if not w.startswith("#") or w[1:] not in ids]
    live = [a for _, a in page.tags if any(k.startswith("on") for k in a)]
    sources = [a for _, a in page.tags if "src" in a]
    outside = [u for u in re.findall(r"\b(?:https?:)?//[\w.]+", text) if u != "http://www.w3.org"]
    say(not page.wrong, name + ": tags", page.wrong)
    say(len(ids) == len(set(ids)) and not bad, name + ": links", bad)
    say(len(scripts) == 1 and not scripts[0] and not live and not sources, name + ": one script", (scripts, live, sources))
    say(not [u for u in outside if u.startswith("http")], name + ": no network", outside)
    for svg in re.findall(r"<svg.*?</svg>", text, re.S):
        try:
            xml.fromstring(svg.encode("utf-8"))
        except xml.ParseError as error:
            say(False, name + ": svg", error)
            break
    else:
        say(True, name + ": svg")
    return page


def read_npy(data):
    length = struct.unpack("<H", data[8:10])[0]
    kind = re.search(rb"'descr': '<(f4|i8)'", data[10:10 + length])
    if not kind:
        return None
    code, size = ("f", 4) if kind[1] == b"f4" else ("q", 8)
    return struct.unpack("<%d%s" % ((len(data) - 10 - length) // size, code), data[10 + length:])


with tempfile.TemporaryDirectory() as folder:
    right, wrong = samples / "classifier" / "model.onnx", samples / "mistake" / "model.onnx"

    # What it says of a run.
    text = report(right, "--no-times", name="plain")
    page = sound(text, "plain")
    info = json.loads(subprocess.run([program, "info", "--json", right], capture_output=True, text=True, check=True).stdout)
    said = " ".join(" ".join(page.texts).split())
    facts = [info["producer"], "ai.onnx %d" % info["opset_import"]["ai.onnx"], info["graph"], "probabilities", "f32 N × 1 × 16 × 16"]
    say(all(fact in said for fact in facts), "facts", [fact for fact in facts if fact not in said])
    sha = subprocess.run(["sha256sum", right], capture_output=True, text=True, check=True).stdout.split()[0]
    say(sha in said, "hash")
    say("Nothing is wrong with the model" in said or "note" in said, "check")
    say(len(page.values()) == 14 and "no NaN and no infinity" in said, "rows", len(page.values()))
    say(len([t for t, a in page.tags if a.get("class") == "card"]) == 14 + 1 + 2, "cards")

    # Its numbers, from the values themselves.
    npz = Path(folder) / "all.npz"
    subprocess.run([program, "run", "--quiet", "--data-set", right.parent / "test_data_set_0", "--dump-all", "--npz", npz, right],
                   capture_output=True, check=True)
    arrays = {}
    with zipfile.ZipFile(npz) as archive:
        for name in archive.namelist():
            arrays[name[:-4]] = read_npy(io.BytesIO(archive.read(name)).read())
    checked, off = 0, []
    for row in page.values():
        for name, values in arrays.items():
            if values is None or not row[2].startswith(name + ("f32" if not name == "label" else "i64")):
                continue
            checked += 1
            mean = sum(values) / len(values)
            for found, expected in zip(map(float, row[3:6]), (min(values), mean, max(values))):
                if abs(found - expected) > 6e-4 * abs(expected) + 1e-6 * max(map(abs, values)):
                    off.append((name, found, expected))
    say(checked >= 2 and not off, "numbers", (checked, off, sorted(arrays)))

    # The same run, the same bytes; and what it says only when asked.
    say(text == report(right, "--no-times", name="again"), "same bytes")
    say("Date" not in text and "<dt>Date</dt><dd>20" in report(right, "--date", name="date"), "date")

    # Names of strangers.
    evil, value = b"\"><script>x()</script>&'", b"<b>\"&'</b>"
    strange = right.read_bytes().replace(b"/features/0/pool/MaxPool", evil).replace(b"normalized", value)
    model = Path(folder) / "<img src=x>&.onnx"
    model.write_bytes(strange)
    text = report(model, "--data-set", right.parent / "test_data_set_0", name="strange")
    page = sound(text, "strange")
    cells = [cell for row in page.values() for cell in row]
    say(any(evil.decode() in cell for cell in cells) and any(cell.startswith(value.decode()) for cell in cells), "names are read", cells)
    say(evil.decode() not in text and "<img" not in text and "<b>\"" not in text, "names are text")

    # A reference.
    text = report(wrong, "--reference", right, status=1, name="reference")
    page = sound(text, "reference")
    answer = json.loads(subprocess.run([program, "compare", "--json", "--isolated", "--reference", right, wrong], capture_output=True,
                                       text=True, check=False).stdout)
    first, said = answer["first_divergence"], " ".join(" ".join(page.texts).split())
    say("First divergence: %s %s" % (first["op_type"], first["node"]) in said, "first divergence", first)
    rows = {row[0]: row for row in page.values()}
    off = []
    for tensor in answer["tensors"]:
        row = rows[str(tensor["index"])]
        same = row[9] == tensor["verdict"].lower() and abs(float(row[10]) - tensor["own"]["max_abs"]) <= 6e-3 * tensor["own"]["max_abs"]
        off += [] if same else [(row, tensor["own"]["max_abs"])]
    say(len(answer["tensors"]) == len(rows) and not off, "own errors", off)
    drawn = [t for t in answer["tensors"] if t["verdict"] not in ("same", "RANDOM") and t["histogram"]]
    say(text.count("<figure>") == len(drawn) > 0, "histograms", (text.count("<figure>"), len(drawn)))
    say("class=\"bar\"" in text and "the first to differ" in said, "bars")
    text = report(right, "--reference", "twice", name="good")
    say("agrees with the reference" in text and "<figure>" not in text, "agrees")

    # A NaN, and a run that stops.
    csv = Path(folder) / "nan.csv"
    csv.write_text("\n".join(",".join("nan" if i == j == 0 else "0.5" for j in range(16)) for i in range(16)) + "\n", encoding="ascii")
    text = report(right, "--input", "image=%s" % csv, "--shape", "image=1x1x16x16", status=1, name="nan")
    page = sound(text, "nan")
    say("First NaN: Sub" in " ".join(page.texts).replace("\n", " ") and "an input" in text and "data-bad" in text, "nan")
    model = Path(folder) / "stops.onnx"
    model.write_bytes(right.read_bytes().replace(b"\x22\x07Flatten", b"\x22\x07Flutter"))
    text = report(model, "--fill", "ones", status=3, name="stopped")
    page = sound(text, "stopped")
    say("The run stopped" in text and "Flutter" in text and 0 < len(page.values()) < 14, "stopped", len(page.values()))

    # Sizes.
    text = report(right, "--rows", 3, "--cards", 5, name="small")
    page = sound(text, "small")
    say(len(page.values()) == 3 and "3 of 14 values are listed" in text, "rows bounded")
    say("scopes of depth 1 are one card each" in text and text.count("class=\"card\"") <= 5 + 3, "cards bounded", text.count("class=\"card\""))
    text = report(right, "--cards", 1, name="none")
    sound(text, "no picture")
    say("is left out" in text and "class=\"card\"" not in text, "left out")
    report(right, "-r", Path(folder) / "nowhere.npz", status=2, name="no reference")
    say(not (Path(folder) / "report.html").exists(), "no page without its reference")

print("1..%d" % number)
