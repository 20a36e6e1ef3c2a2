#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""top_test.py PROGRAM [TEST...]: `kvm-exits top` in a terminal of tmux's, above the files
of a host that changes meanwhile."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from made_up_host import Host, Vm

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
DEADLINE_SECONDS = 60  # of a machine that does much else
REASON_HINT = "Up Down scroll  Esc back  o totals  e explain  ? keys  q quit"
HINT = "Enter deeper  Esc back  < > sort  / filter  o totals  e explain  ? keys  q quit"


def wait(what, condition):
    """Until `condition` returns something, which this returns."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {DEADLINE_SECONDS} s")
        time.sleep(0.02)
    return found


def state_of(pid):
    """Of a process, as proc(5) has it; "" where there is none."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return stat.rsplit(")", 1)[1].split()[0]


def normal(text):
    """Without what is never the same."""
    return re.sub(r"\d\d:\d\d:\d\dZ", "HH:MM:SSZ", text)


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, directory, *arguments, columns=80, lines=24, environment=(), before=""):
        own = pathlib.Path(tempfile.mkdtemp(dir=directory))
        self.socket = str(own / "tmux")
        self.sent = set()
        configuration = own / "tmux.conf"
        configuration.write_text(
            "set -g status off\nset -g default-terminal screen-256color\n"
        )
        # What the tests' own environment says of terminals is not the program's to know.
        clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TMUX", "COLUMNS")}
        clean |= {"LC_ALL": "C.UTF-8"}
        command = ["env", *environment, PROGRAM, "--root", str(directory / "host"), "top",
                   *arguments]
        # What a dead pane shows and tells of the end differs between versions of tmux, so
        # this one lives on.  A key for SIGINT is for all that run in a terminal.
        program = f"sh -c '{before} echo $$ >$0.pid; exec \"$@\"' \"$0\" \"$@\""
        end = 'echo $? >"$0.new"; mv "$0.new" "$0.status"; read -r line'
        self.state = own / "program"
        command = ["sh", "-c", f"trap : INT; {program}; {end}", str(self.state), *command]
        subprocess.run(
            ["tmux", "-u", "-S", self.socket, "-f", str(configuration), "new-session", "-d",
             "-x", str(columns), "-y", str(lines), "--", *command],
            env=clean, check=True)
        self.pid = int(wait("the program's start", lambda: self.told("pid")))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and self.tmux("has-session", check=False) is not None:
            print(self.raw(), file=sys.stderr)
        self.tmux("kill-server", check=False)

    def tmux(self, *arguments, check=True):
        """What it prints; None where it fails, and may."""
        done = subprocess.run(["tmux", "-u", "-S", self.socket, *arguments], check=check,
                              stdout=subprocess.PIPE,
                              stderr=None if check else subprocess.DEVNULL, text=True)
        return done.stdout if done.returncode == 0 else None

    def told(self, what):
        """By the shell that started it; "" as long as that has not."""
        path = self.state.with_suffix("." + what)
        return path.read_text(encoding="utf-8").strip() if path.exists() else ""

    def raw(self):
        """The screen with its looks."""
        return self.tmux("capture-pane", "-p", "-e")

    def lines(self):
        """The screen's text, a line each, without blanks at the ends."""
        return [line.rstrip() for line in normal(self.tmux("capture-pane", "-p")).split("\n")][:-1]

    def press(self, *keys):
        """Keys by tmux's names, or characters."""
        for key in keys:
            self.sent.add(key)
            literal = ["-l"] if len(key) == 1 else []
            self.tmux("send-keys", *literal, "--", key)

    def type(self, text):
        """A line that the program asks for."""
        self.tmux("send-keys", "-l", "--", text)
        self.press("Enter")

    def see(self, pattern):
        """Waits until some line has a match."""
        expression = re.compile(pattern)
        return wait(f"'{pattern}'", lambda: [m for m in map(expression.search, self.lines()) if m])

    def see_not(self, pattern):
        """Waits until no line has a match."""
        wait(f"no '{pattern}'",
             lambda: not any(re.search(pattern, line) for line in self.lines()))

    def see_screen(self, text, last):
        """Waits for the lines of `text`, and none but empty ones up to the last."""
        above = text.splitlines()

        def is_there():
            lines = self.lines()
            middle = lines[len(above):-1]
            return lines[:len(above)] == above and lines[-1] == last and not any(middle)

        try:
            wait("the screen", is_there)
        except AssertionError:
            print("\n".join(["expected:", *above, last, "seen:", *self.lines()]), file=sys.stderr)
            raise

    def see_selected(self, name):
        """Waits until the row of this name is the selected one, which is reverse."""
        look = r"(\x1b\[[\d;]*m)*"
        row = re.compile(rf"^{look}\x1b\[[\d;]*7m{look}{re.escape(name)} ", re.MULTILINE)
        wait(f"'{name}' selected", lambda: row.search(self.raw()))

    def see_rows(self, *names):
        """Waits until the table's rows are these."""
        def rows():
            lines = self.lines()
            titles = [i for i, line in enumerate(lines) if re.match(r"(VM|vCPU|REASON)  ", line)]
            return [re.split(r"  +", line)[0] for line in lines[titles[0] + 1:-1] if line] \
                if titles else []
        try:
            wait("the rows", lambda: rows() == list(names))
        except AssertionError:
            print(f"rows: expected {names}, seen {rows()}", file=sys.stderr)
            raise

    def resize(self, columns, lines):
        """The window is another's to size."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def see_end(self, status):
        """Waits until the program has ended, by itself."""
        seen = wait("the program's end", lambda: self.told("status"))
        assert seen == str(status), f"status {seen}, not {status}"


def three_vms(directory, **options):
    """A host that all can look at."""
    return Host(directory / "host", {
        1000: Vm("web-0", 2, 1), 1001: Vm("web-1", 2, 2), 1002: Vm("db", 12, 0.5)}, **options)


HOST_SCREEN = """\
kvm-exits top  host                                            totals  HH:MM:SSZ
source: module
3 VMs, 16 vCPUs, 84000 exits, 2.0 % of the vCPUs' time in exits, but for halted
guest 31.2 %  kernel 1.0 %  vmm 0.9 %  halted 66.8 %  preempted <0.1 %
GGGGGGGGGGGGGGGGGGGGGGGGHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH

VM                 PID vCPU   EXITS       GST KRN VMM HLT PRE TOP REASON
db                1002   12   42000 █████  31   1  <1  67  <1 IO_INSTRUCTION
web-1             1001    2   28000 ███▍   31   1  <1  67  <1 IO_INSTRUCTION
web-0             1000    2   14000 █▋     31   1  <1  67  <1 IO_INSTRUCTION
"""

VCPUS_SCREEN = """\
kvm-exits top  host > web-1                                    totals  HH:MM:SSZ
source: module
2 vCPUs, 28000 exits, 2.0 % of the vCPUs' time in exits, but for halted
guest 31.2 %  kernel 1.0 %  vmm 0.9 %  halted 66.8 %  preempted <0.1 %
GGGGGGGGGGGGGGGGGGGGGGGGHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH

vCPU             EXITS       GST KRN VMM HLT PRE TOP REASON
all vCPUs        28000 █████  31   1  <1  67  <1 IO_INSTRUCTION
vCPU 0           14000 ██▌    31   1  <1  67  <1 IO_INSTRUCTION
vCPU 1           14000 ██▌    31   1  <1  67  <1 IO_INSTRUCTION
"""

REASONS_SCREEN = """\
kvm-exits top  host > web-1 > vCPU 1                           totals  HH:MM:SSZ
source: module
14000 exits, 2.0 % of the vCPUs' time in exits, but for halted
guest 31.2 %  kernel 1.0 %  vmm 0.9 %  halted 66.8 %  preempted <0.1 %
GGGGGGGGGGGGGGGGGGGGGGGGHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH

REASON                EXITS           EXIT% TIME%   MEAN    P50    P99    MAX
EXTERNAL_INTERRUPT     6000 █████████  42.9   0.7      - 0.64us 20.5us 1.25us
MSR_WRITE              4000 ██████     28.6   0.4      - 0.64us 20.5us 1.25us
IO_INSTRUCTION         2400 ███▋       17.1   1.6      - 0.64us 20.5us 1.25us
EPT_VIOLATION           800 █▎          5.7  <0.1      - 0.64us 20.5us 1.25us
CPUID                   600 ▉           4.3  <0.1      - 0.64us 20.5us 1.25us
HLT                     200 ▎           1.4  97.2      - 0.64us 20.5us 1.25us
"""

REASON_SCREEN = """\
kvm-exits top  host > web-1 > vCPU 1 > IO_INSTRUCTION          totals  HH:MM:SSZ
source: module
14000 exits, 2.0 % of the vCPUs' time in exits, but for halted
guest 31.2 %  kernel 1.0 %  vmm 0.9 %  halted 66.8 %  preempted <0.1 %
GGGGGGGGGGGGGGGGGGGGGGGGHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH

REASON                    EXITS     /s EXIT% TIME%   MEAN    P50    P99    MAX
IO_INSTRUCTION             2400      -  17.1   1.6      - 0.64us 20.5us 1.25us

HOW LONG             EXITS
0.51us to 0.77us      2160 """ + "█" * 52 + """
16.4us to 24.6us       240 █████▊

what these exits are about needs BPF: tracefs is not mounted, or the kernel has
no tracepoints: try mount -t tracefs nodev /sys/kernel/tracing
"""

HELP_SCREEN = """\
kvm-exits top  host                                            totals  HH:MM:SSZ
source: module
3 VMs, 16 vCPUs, 84000 exits, 2.0 % of the vCPUs' time in exits, but for halted

Keys

  Up Down j k     select a row; also PgUp PgDn Home End
  Enter Right     go deeper: host, VM, vCPU, exit reason
  Esc Left Bksp   go back
  < >             sort by the next column to the left, to the right
  I               invert the order
  f /             show only names with a match of a regular expression
  c               clear that filter
  o               totals, or rates
  r               reset: totals are from now on
  s               set the delay between two readings, in seconds
  t               show the split of time, or not
  Z               freeze what is shown, and go on
  e               explain the selected exit reason
  ? h             this page
  q               quit

GST KRN VMM HLT PRE: % of the vCPUs' time in the guest, the kernel, the VMM,
"""


def test_levels(directory):
    """Deeper, and back: the text of each level to the letter."""
    three_vms(directory)
    with Terminal(directory, "-i", "0.2") as top:
        top.see_rows("web-0", "web-1", "db")  # no exits meanwhile: in their order
        top.press("o")
        top.see_screen(HOST_SCREEN, HINT)
        top.see_selected("db")
        top.press("Down")
        top.see_selected("web-1")
        top.press("Enter")
        top.see_screen(VCPUS_SCREEN, HINT)
        top.press("End")
        top.see_selected("vCPU 1")
        top.press("Right")
        top.see_screen(REASONS_SCREEN, HINT)
        top.press("/")
        top.see("^filter ")
        top.type("^IO")
        top.see_rows("IO_INSTRUCTION")
        top.press("Enter")
        top.see("HOW LONG")
        top.see_screen(REASON_SCREEN, REASON_HINT)
        filtered = "filter: ^IO  (c clears it)"
        for left, hint in (("vCPU 1", filtered), ("web-1", HINT), ("host", HINT)):
            top.press("Escape")
            top.see(f"^kvm-exits top .*{left}  ")
            top.see(f"^{re.escape(hint)}$")
        top.press("?")
        top.see_screen(HELP_SCREEN, "Up Down scroll  any other key: back  q quit")
        top.press("q")
        top.see_end(0)


def test_keys(directory):
    """Each key of the page of help does something that is seen."""
    vcpus = ["all vCPUs", *[f"vCPU {i}" for i in range(12)]]
    reasons = ["EXTERNAL_INTERRUPT", "MSR_WRITE", "IO_INSTRUCTION", "EPT_VIOLATION", "CPUID", "HLT"]
    by_time = ["HLT", "IO_INSTRUCTION", "EXTERNAL_INTERRUPT", "MSR_WRITE", "EPT_VIOLATION", "CPUID"]
    host = three_vms(directory)
    with Terminal(directory, "-i", "0.2") as top:
        top.press("o")
        top.see_rows("db", "web-1", "web-0")
        for key, selected in (
            ("Down", "web-1"), ("j", "web-0"), ("k", "web-1"), ("Up", "db"), ("Up", "db"),
            ("End", "web-0"), ("Down", "web-0"), ("Home", "db"), ("NPage", "web-0"),
            ("PPage", "db"),
        ):
            top.press(key)
            top.see_selected(selected)

        top.press("Enter")
        top.see_rows(*vcpus)
        top.press("<")
        top.see("^sorted by name$")
        top.see_rows(*vcpus)  # by number, and all of them first
        top.press("I")
        top.see_rows(vcpus[0], *vcpus[:0:-1])
        top.press("I", ">")
        top.see("^sorted by exits$")
        top.press("Down")
        top.see_selected("vCPU 0")
        top.press("Right")
        top.see_rows(*reasons)
        top.press("t")
        top.see_not("^guest ")
        top.press("t")
        top.see("^guest ")
        top.press(">")
        top.see("^sorted by time$")
        top.see_rows(*by_time)
        top.press("e")
        top.see("^HLT: ")
        top.press("x")  # none that means something
        top.see_rows(*by_time)
        top.press("Down")
        top.see_selected("IO_INSTRUCTION")
        top.press("Enter")
        top.see("^HOW LONG")
        top.press("Left")
        top.see_rows(*by_time)
        top.press("BSpace")
        top.see_rows(*vcpus)
        top.press("Escape")
        top.see_rows("db", "web-1", "web-0")

        # Lines that the user types.
        top.press("f")
        top.see("^filter .*: _$")
        top.press("W", "x", "BSpace")
        top.see("^filter .*: W_$")
        top.type("eb-[0]")
        top.see_rows("web-0")
        top.see(r"^filter: Web-\[0\]  \(c clears it\)$")
        top.press("/")
        top.see("^filter .*: _$")
        top.type("(")
        top.see("^that is no regular expression$")
        top.see_rows("web-0")
        top.press("/")
        top.type("(.*){90}[^ -~]")  # which takes longer than it may
        top.see("^nothing matches the filter$")
        top.press("c")
        top.see_rows("db", "web-1", "web-0")
        top.press("/")
        top.see("^filter ")
        top.press("Escape")
        top.see(re.escape(HINT))
        for wrong in ("0", "nan", "1e9", "-1", "2x"):
            top.press("s")
            top.see("^delay in seconds: _$")
            top.type(wrong)
            top.see("^the delay is a number of seconds from 0.1 to 86400$")
        top.press("s")
        top.see("^delay in seconds: _$")
        top.type("0.25")
        top.press("o")
        top.see(r" every 0\.25 s ")

        # Rates, once something happens; totals since now.
        host.vms[1000].scale += 1
        host.write()
        top.see(r"^web-0 +1000 +2 +[1-9]\d* ")
        top.press("r")
        top.see("^totals are from now on$")
        top.see("^3 VMs, 16 vCPUs, 0 exits$")
        host.vms[1000].scale += 1
        host.write()
        top.see("^3 VMs, 16 vCPUs, 14000 exits, ")
        top.press("Z")
        top.see(r"  totals  \[frozen\]  ")
        frozen = top.lines()
        host.vms[1000].scale += 1
        host.write()
        # A key is answered after it, and nothing but what it asks for has changed.
        top.press("t")
        top.see_not("^guest ")
        top.press("t")
        top.see("^guest ")
        assert top.lines()[:-1] == frozen[:-1], (frozen, top.lines())
        top.press("Z")
        top.see("^3 VMs, 16 vCPUs, 28000 exits, ")

        top.press("h")
        top.see("^Keys$")
        help_keys = keys_of_help(top)
        top.press("?")
        top.see_rows("web-0", "web-1", "db")
        top.press("?")
        top.see("^Keys$")
        top.press("q")
        top.see_end(0)
        names = {"Bksp": "BSpace", "Esc": "Escape", "PgUp": "PPage", "PgDn": "NPage"}
        missing = {names.get(key, key) for key in help_keys} - top.sent
        assert not missing, f"keys that no test presses: {missing}"


def keys_of_help(top):
    """As the page names them, which is longer than 24 lines are."""
    keys = set()
    while True:
        for line in top.lines():
            if found := re.match(r"  (\S.*?)  +\S", line):
                keys |= set(found[1].split())
            if "also PgUp" in line:
                keys |= set(line.split("also ")[1].split())
        if any("P50, P99" in line for line in top.lines()):
            return keys
        before = top.lines()
        top.press("Down")
        wait("another line of help", lambda b=before: top.lines() != b)


def test_wide(directory):
    """On a larger terminal there is more of names and bars, and nothing beyond its edge."""
    host = three_vms(directory)
    host.vms[1003] = Vm("a-name-of-more-than-a-few-columns", 1, 1)
    host.write()
    with Terminal(directory, "-i", "0.2", columns=200, lines=60) as top:
        top.press("o")
        top.see_rows("db", "web-1", "web-0", "a-name-of-more-than-a-few-columns")
        lines = top.lines()
        assert len(lines) == 60 and lines[-1] == HINT, lines
        assert len(lines[4]) > 190, lines[4]
        row = r"db +1002   12   42000 █{25}  31   1  <1  67  <1 IO_INSTRUCTION"
        assert re.fullmatch(row, lines[7]), lines
        assert len(lines[0]) == 200 and lines[0].endswith("  totals  HH:MM:SSZ"), lines[0]


def test_selection_follows(directory):
    """What was selected stays so where the order changes; the first row is the first."""
    host = three_vms(directory)
    with Terminal(directory, "-i", "0.2") as top:
        top.press("o")
        top.see_rows("db", "web-1", "web-0")
        host.vms[1000].scale = 9
        host.write()
        top.see_rows("web-0", "db", "web-1")
        top.see_selected("web-0")
        top.press("Down")
        top.see_selected("db")
        host.vms[1001].scale = 5
        host.write()
        top.see_rows("web-0", "web-1", "db")
        top.see_selected("db")
        host.vms[1002].scale = 8
        host.write()
        top.see_rows("db", "web-0", "web-1")
        top.see_selected("db")
        top.press("q")
        top.see_end(0)


def test_resize(directory):
    """A terminal that becomes smaller than there is room for, larger, and what it was."""
    three_vms(directory)
    with Terminal(directory, "-i", "3600") as top:  # no reading draws the screen again
        top.press("o")
        top.see_screen(HOST_SCREEN, HINT)
        top.press("?")
        top.see("^Keys$")
        top.resize(60, 10)
        wait("one line", lambda: top.lines() == ["at least 80x24, please", *[""] * 9])
        top.resize(120, 30)
        top.see("^Keys$")  # is still open
        wait("30 lines", lambda: len(top.lines()) == 30 and top.lines()[-1].startswith("Up Down"))
        top.press("x")
        top.see(re.escape(HINT))
        top.resize(20, 1)
        wait("one line", lambda: top.lines() == ["at least 80x24, plea"])
        top.resize(80, 24)
        top.see_screen(HOST_SCREEN, HINT)
        top.press("q")
        top.see_end(0)


def test_vm_ends(directory):
    """A VM that ends while one looks at it, or at others, or just before one does."""
    host = three_vms(directory)
    with Terminal(directory, "-i", "0.2") as top:
        top.press("o")
        top.see_rows("db", "web-1", "web-0")
        host.end(1001)
        top.see("^VM web-1 has ended$")
        top.see_rows("db", "web-0")
        top.press("Enter", "Enter", "Enter", "e")
        top.see("^EXTERNAL_INTERRUPT: ")
        host.end(1002)
        top.see("^VM db has ended$")
        top.press("x")
        top.see_rows("web-0")
        top.press("Z")
        top.see("frozen")
        host.end(1000)
        top.press("Enter")  # what is shown is gone
        top.see("^VM web-0 has ended$")
        top.see("^nothing to show yet$")
        host.vms[1004] = Vm("new", 1, 1)
        host.write()
        top.see_rows("new")
        top.press("q")
        top.see_end(0)


def test_hostile_names(directory):
    """What VMs are called changes nothing but how they are called."""
    names = {
        1000: b"\x1b[31mred\x1b]0;title\x07",
        1001: b"two\nlines\r\tand more",
        1002: "\u202eright-to-left".encode(),
        1003: b"\xff\xfe\x00",
        1004: "\u30c6\u30b9\u30c8\u6a5f\u306e\u540d\u524d\u304c\u9577\u3044".encode(),
        1005: b"%s%n{}{:9999}",
        1006: b"",
    }
    Host(directory / "host", {pid: Vm(name, 1, 1) for pid, name in names.items()})
    with Terminal(directory, "-i", "0.2", environment=["NO_COLOR=1"]) as top:
        top.press("o")
        top.see("^7 VMs, 7 vCPUs, 49000 exits")
        rows = top.lines()[7:14]
        for row, name in zip(rows, (
            r"\x1b[31…le\x07", r"two\nli…d more", r"\u202er…o-left", r"\xff\xfe",
            "テスト…が長い", "%s%n{}{:9999}", "qemu-sy…em-x86",
        )):
            row_of = rf"{re.escape(name)} +100\d    1    7000 █████  31 "
            assert re.match(row_of, row), (name, rows)
        assert "\x1b[31m" not in top.raw()
        top.press("Enter")
        top.see(r"^kvm-exits top  host > \\x1b\[31mred\\…0;title\\x07  ")
        top.press("q")
        top.see_end(0)


# Of the foreground or background, but the terminal's own.
COLOR = re.compile(r"\x1b\[(?:\d+;)*(?:[349]|10)[0-8](?:;\d+)*m")


def test_colors(directory):
    """There are some, but where NO_COLOR is set, to something: https://no-color.org."""
    three_vms(directory)
    for environment, has_color in (([], True), (["NO_COLOR="], True), (["NO_COLOR=1"], False)):
        with Terminal(directory, "-i", "0.2", environment=environment) as top:
            top.press("o")
            top.see_screen(HOST_SCREEN, HINT)
            assert bool(COLOR.search(top.raw())) == has_color, (environment, top.raw())
            top.see_selected("db")  # by other means
            top.press("q")
            top.see_end(0)


def test_no_utf8(directory):
    """Bars are of ASCII where the terminal's user has no UTF-8."""
    three_vms(directory)
    with Terminal(directory, "-i", "0.2", environment=["LC_ALL=C"]) as top:
        top.press("o")
        top.see(r"^web-1 +1001    2   28000 ###    31 ")
        top.press("q")
        top.see_end(0)


def test_terminals(directory):
    """Those that it cannot write to: one line says so."""
    three_vms(directory)
    for environment, message in (
        (["TERM=dumb"], "the terminal is of a type without a cursor that moves: "),
        (["TERM=no-such-terminal"], "the terminal is of a type that is not known here: "),
        (["-u", "TERM"], "the terminal is of a type that is not known here: "),
    ):
        with Terminal(directory, environment=environment, columns=160) as top:
            top.see_end(1)
            hint = "set TERM, or use 'kvm-exits stat -i 1'"
            expected = [f"kvm-exits: {message}{hint}", *[""] * 23]
            wait(expected, lambda e=expected: top.lines() == e)
    for columns, lines in ((79, 24), (80, 23)):
        with Terminal(directory, columns=columns, lines=lines) as top:
            top.see_end(1)
            expected = (f"kvm-exits: the terminal has {columns}x{lines}, top needs 80x24: make it "
                        "bigger, or use 'kvm-exits stat -i 1'")
            # One line, which does not fit into this terminal.
            wait(expected, lambda e=expected: "".join(top.tmux("capture-pane", "-p", "-J").split(
                "\n")).rstrip() == e)


def switches(host):
    """The ledger's, as they are."""
    return host.parameter("exit_counters_time") + host.parameter("exit_counters_histogram")


def test_signals(directory):
    """However it is ended, the terminal and the ledger are what they were."""
    host = three_vms(directory, is_timed=False)
    with Terminal(directory, "--time") as top:
        top.see_rows("web-0", "web-1", "db")
        assert switches(host) == "YY", switches(host)
        os.kill(top.pid, signal.SIGTERM)
        top.see_end(0)
        assert switches(host) == "NN", switches(host)
        assert not any("web-0" in line for line in top.lines()), top.lines()
    with Terminal(directory, "--time") as top:
        top.see_rows("web-0", "web-1", "db")
        top.press("C-c")
        top.see_end(0)
        assert switches(host) == "NN", switches(host)


def test_lost_terminal(directory):
    """It ends with its terminal, also where SIGHUP is ignored."""
    host = three_vms(directory, is_timed=False)
    for before in ("", 'trap "" HUP;'):
        with Terminal(directory, "-i", "3600", "--time", before=before) as top:
            top.see_rows("web-0", "web-1", "db")
            assert switches(host) == "YY", switches(host)
            top.tmux("kill-server")
            wait("the program's end", lambda: state_of(top.pid) in ("", "Z"))
            assert switches(host) == "NN", switches(host)


def test_no_terminal(directory):
    """Tables, as those of stat."""
    three_vms(directory)
    done = subprocess.run(
        [PROGRAM, "--root", directory / "host", "top", "-i", "0.05", "-n", "2"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "", done.stderr
    assert done.stdout.count("VMX exits of 3 VMs in the ") == 2, done.stdout
    assert "\x1b" not in done.stdout, done.stdout
    assert re.search("^db +1002   12 ", done.stdout, re.MULTILINE), done.stdout


def test_record(directory):
    """A record looks as the host did, and stays at its end."""
    host = three_vms(directory)
    file = directory / "a.jsonl.zst"
    # Recorded before what it runs begins, and again when that ends, with the pipe
    pipe = directory / "pipe"
    os.mkfifo(pipe)
    recorder = subprocess.Popen(
        [PROGRAM, "--root", directory / "host", "record", "--each-vcpu", "-i", "100", "-o", file,
         "--", "cat", pipe], stderr=subprocess.DEVNULL)
    def opened():
        assert recorder.poll() is None, "the recorder has ended before it ran anything"
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None  # nobody reads it yet

    with os.fdopen(wait("who reads the pipe", opened), "wb"):
        for vm, more in zip(host.vms.values(), (0.01, 0.03, 0.01)):
            vm.scale += more
        host.write()
    assert recorder.wait() == 0
    shutil.rmtree(directory / "host")
    (directory / "host").mkdir()
    with Terminal(directory, str(file), "-i", "0.2", "--speed", "500") as top:
        top.see("^the record ends here$")
        top.see_rows("db", "web-1", "web-0")
        top.press("Enter")
        top.see("^all vCPUs ")
        top.press("Enter", "Enter")
        top.see("^a record does not have what these exits are about$")
        top.press("Escape", "Escape", "Escape")
        top.see_rows("db", "web-1", "web-0")
        top.press("q")
        top.see_end(0)
    with Terminal(directory, str(file), "web-1") as top:
        top.see("host > web-1 ")
        top.press("q")
        top.see_end(0)


TESTS = {name: test for name, test in globals().items() if name.startswith("test_")}

for name in sys.argv[2:] or TESTS:
    print(f"# {name}", flush=True)
    with tempfile.TemporaryDirectory() as work:
        TESTS[name](pathlib.Path(work))
