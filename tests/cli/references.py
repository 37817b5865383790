# SPDX-License-Identifier: Apache-2.0
"""references.py PROGRAM SAMPLES: what other tools save, as compare reads it. Prints TAP."""
import base64
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

program, samples = sys.argv[1], Path(sys.argv[2])
right, wrong = samples / "classifier" / "model.onnx", samples / "mistake" / "model.onnx"
data = samples / "classifier" / "test_data_set_0"
OLD = "polygraphy_serialized_json_type"
number = 0


def say(good, name, why=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if good else "not ok", number, name))
    if not good:
        print("# " + str(why).replace("\n", "\n# "))


def call(*words):
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)


def check(name, reference, count):
    """All values are compared; the right model agrees, and the wrong node of the other is found."""
    good = call("compare", "--json", "--data-set", data, "--reference", reference, right)
    bad = call("compare", "--json", "--data-set", data, "--reference", reference, wrong)
    if good.returncode != 0 or bad.returncode != 1:
        return say(False, name, good.stdout[-200:] + good.stderr + bad.stderr)
    answer, first = json.loads(good.stdout), json.loads(bad.stdout)["first_divergence"]
    return say(answer["compared"] == count and answer["missing"] == 0 and first["output"] == "c2", name,
               (answer["compared"], answer["missing"], first))


def zipped(name, npy):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, npy)
    return file.getvalue()


def base64_text(data):
    return base64.b64encode(data).decode()


def latin_text(data):
    return data.decode("latin-1")


def new(kind, members):
    return {**members, "polygraphy_class": kind}


def old(kind, members):
    return {**members, "__polygraphy_encoded_" + kind: OLD}


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(tag, payload):
    return bytes([tag << 3 | 2]) + varint(len(payload)) + payload


def tensor_proto(name, npy):
    """dims 1, data_type 2, name 8, raw_data 9."""
    size = int.from_bytes(npy[8:10], "little")
    head, raw = npy[10:10 + size].decode(), npy[10 + size:]
    shape = [int(n) for n in head.split("'shape': (")[1].split(")")[0].split(",") if n.strip()]
    kind = {"<f4": 1, "<i8": 7}[head.split("'descr': '")[1].split("'")[0]]
    dims = b"".join(b"\x08" + varint(n) for n in shape)
    return dims + b"\x10" + varint(kind) + field(8, name.encode()) + field(9, raw)


def runs(outputs, mark, lazy):
    """RunResults of one runner and one iteration; @lazy: what stands around an array, or None."""
    held = {name: mark(lazy, {"values": array}) if lazy else array for name, array in outputs.items()}
    iteration = mark("IterationResult", {"outputs": held, "runtime": 0.5, "runner_name": "runner"})
    return mark("RunResults", {"lst": [["runner", [iteration]]]})


with tempfile.TemporaryDirectory() as folder:
    folder = Path(folder)
    call("run", "-q", "--data-set", data, "--npz", folder / "all.npz", "--dump-all", right)
    with zipfile.ZipFile(folder / "all.npz") as archive:
        arrays = {n[:-4]: archive.read(n) for n in archive.namelist() if n.endswith(".npy")}
    inside = {i["name"] for i in json.loads(call("info", "--json", right).stdout)["inputs"]}
    arrays = {n: a for n, a in arrays.items() if n not in inside}

    def save(name, mark, text, lazy, wrap=lambda n, a: a):
        encoded = {n: mark("ndarray", {"array": text(wrap(n, a))}) for n, a in arrays.items()}
        (folder / name).write_text(json.dumps(runs(encoded, mark, lazy), indent=4))
        check(name, folder / name, len(arrays))

    save("new.json", new, base64_text, "LazyArray")
    save("lazy-numpy.json", new, base64_text, "LazyNumpyArray")
    save("old-lazy.json", old, base64_text, "LazyNumpyArray")
    save("old.json", old, base64_text, None)
    save("old-npz.json", old, base64_text, None, lambda n, a: zipped("arr_0.npy", a))
    save("latin.json", old, latin_text, None)
    save("latin-npz.json", old, latin_text, None, lambda n, a: zipped("arr_0.npy", a))
    # Inputs: a list with an iteration each.
    encoded = {n: new("ndarray", {"array": base64_text(a)}) for n, a in arrays.items()}
    (folder / "list.json").write_text(json.dumps([encoded]))
    check("list.json", folder / "list.json", len(arrays))
    plain = [{n: {"array": latin_text(a)} for n, a in arrays.items()}]
    (folder / "latin-unescaped.json").write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    check("latin-unescaped.json", folder / "latin-unescaped.json", len(arrays))

    first = next(iter(arrays))
    for name, text in (("not base64", "AAAA*AAA"), ("no byte", "\u4e00"),
                       ("no array", base64_text(b"PK\x05\x06" + b"\0" * 18)),
                       ("cut off", latin_text(arrays[first][:100])),
                       ("cut npz", base64_text(zipped("a.npy", arrays[first])[:60]))):
        (folder / "broken.json").write_text(json.dumps([{first: {"array": text}}]))
        done = call("compare", "--data-set", data, "--reference", folder / "broken.json", right)
        say(done.returncode == 2 and first in done.stderr and "broken.json" in done.stderr, name, done.stdout + done.stderr)

    # Node dumps: file names are tame, the names inside are not.
    for suffix in ("", "_default_rank_0", "_rank_3"):
        dump = folder / ("dump" + suffix)
        dump.mkdir()
        for n, a in arrays.items():
            tame = "".join(c if c.isascii() and c.isalnum() else "_" for c in n)
            (dump / (tame + suffix + ".tensorproto")).write_bytes(tensor_proto(n, a))
        check("node dump '%s'" % suffix, dump, len(arrays))
    two = folder / "dump_rank_3" / "other_rank_4.tensorproto"
    two.write_bytes(tensor_proto(first, arrays[first]))
    done = call("compare", "--data-set", data, "--reference", two.parent, right)
    say(done.returncode == 2 and two.name in done.stderr and "'%s'" % first in done.stderr, "two ranks", done.stderr)
print("1..%d" % number)
