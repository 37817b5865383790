# SPDX-License-Identifier: Apache-2.0
"""A display nobody sees, with keys, a mouse and pictures of it; what every walk through the window needs."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NEEDED = ["Xvfb", "xdotool", "import", "dbus-run-session"]
WIDTH, HEIGHT = 1280, 800
number = 0


def skip(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def check(good, what):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if good else "not ok", number, what), flush=True)
    return good


class Display:
    """A screen nobody sees."""

    def __init__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "%dx%dx24" % (WIDTH, HEIGHT)],
                                       pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as stream:
            name = stream.readline().strip()
        if not name:
            skip("Xvfb does not start here")
        self.env = dict(os.environ, DISPLAY=":" + name)

    def close(self):
        self.server.terminate()
        self.server.wait()

    def key(self, *keys):
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], env=self.env, check=True)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "15", text], env=self.env, check=True)

    def click(self, x, y):
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], env=self.env, check=True)

    def drag(self, program, file, where):
        """Takes a file out of another program's window, in the upper left corner, and drops it at a place."""
        other = subprocess.Popen([program, str(file)], env=self.env, stderr=subprocess.DEVNULL)
        try:
            if not wait_for(lambda: self.has_window("Drag Source")):
                return False
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "Drag Source"], env=self.env,
                                   stdout=subprocess.PIPE, check=True)
            window = found.stdout.split()[-1].decode()
            subprocess.run(["xdotool", "windowmove", window, "0", "0", "windowraise", window], env=self.env, check=True)
            time.sleep(0.5)
            # Not in one go: a drag begins with some way, and each window hears of the pointer.
            way = [(80, 60)] + [(80 + (where[0] - 80) * i // 12, 60 + (where[1] - 60) * i // 12) for i in range(1, 13)]
            for number_of, (x, y) in enumerate(way + [where]):
                subprocess.run(["xdotool", "mousemove", str(x), str(y)], env=self.env, check=True)
                if number_of == 0:
                    subprocess.run(["xdotool", "mousedown", "1"], env=self.env, check=True)
                time.sleep(0.08)
            time.sleep(0.3)
            subprocess.run(["xdotool", "mouseup", "1"], env=self.env, check=True)
            time.sleep(0.5)
        finally:
            other.terminate()
            other.wait()
        return True

    def has_window(self, title):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], env=self.env, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        return found.returncode == 0 and found.stdout.strip() != b""

    def focus(self, title):
        """Without a window manager nobody gives the keyboard to a new window."""
        if not wait_for(lambda: self.has_window(title)):
            return False
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], env=self.env, stdout=subprocess.PIPE)
        subprocess.run(["xdotool", "windowfocus", found.stdout.split()[-1].decode()], env=self.env, check=True)
        time.sleep(0.3)
        return True

    def picture(self):
        made = subprocess.run(["import", "-window", "root", "-depth", "8", "rgb:-"], env=self.env, stdout=subprocess.PIPE, check=True)
        return made.stdout


def area(picture, left, top, right, bottom):
    rows = [picture[(y * WIDTH + left) * 3:(y * WIDTH + right) * 3] for y in range(top, bottom)]
    return b"".join(rows)


def colours(pixels):
    counts = {}
    for at in range(0, len(pixels), 3):
        colour = pixels[at:at + 3]
        counts[colour] = counts.get(colour, 0) + 1
    return counts


def changed(a, b):
    """The share of pixels that are not the same."""
    return sum(a[at:at + 3] != b[at:at + 3] for at in range(0, len(a), 3)) / (len(a) // 3)


def wait_for(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def settled(display, seconds=10.0):
    """The screen once it stands still."""
    end = time.monotonic() + seconds
    before = display.picture()
    while time.monotonic() < end:
        time.sleep(0.4)
        now = display.picture()
        if now == before:
            break
        before = now
    return before


def choose(display, title, path, over=False):
    """Types a path into a file chooser, over the name it proposes."""
    if not display.focus(title):
        return False
    if over:
        display.key("ctrl+a")
    display.type(str(path))
    time.sleep(0.3)
    display.key("Return")
    return wait_for(lambda: not display.has_window(title), 8)


def leave(display, program):
    check(program.poll() is None, "the program is still there")
    display.key("ctrl+q")
    check(wait_for(lambda: program.poll() is not None, 10), "Ctrl+Q ends it")


def play(program, arguments, walk):
    """Starts the program on a display of its own and walks through it: walk (display, process, folder)."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        skip("not installed: " + ", ".join(missing))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        screen = Display()
        try:
            # The runtime folder is a place of its own, so that no other instance of the program takes the file.
            env = dict(screen.env, GSK_RENDERER="cairo", GSETTINGS_BACKEND="memory", GTK_A11Y="none", HOME=home,
                       XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, XDG_CACHE_HOME=home, XDG_RUNTIME_DIR=home, GDK_BACKEND="x11",
                       ADW_DISABLE_PORTAL="1")
            screen.env = dict(env)
            os.chmod(home, 0o700)
            with open(os.path.join(home, "stderr"), "w+b") as stderr:
                # The toolkit and its drivers keep what they have for the life of the process; the other suites look for leaks.
                env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
                child = subprocess.Popen(["dbus-run-session", "--", program, *arguments], env=env, stderr=stderr)
                try:
                    walk(screen, child, Path(home))
                finally:
                    if child.poll() is None:
                        child.terminate()
                        child.wait()
                stderr.seek(0)
                complaints = [line for line in stderr.read().decode(errors="replace").splitlines()
                              if "CRITICAL" in line or "ERROR" in line or "Sanitizer" in line]
                for line in complaints:
                    print("# " + line)
                check(not complaints, "nothing critical was said")
        finally:
            screen.close()


def plan():
    print("1..%d" % number)
