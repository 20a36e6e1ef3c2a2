#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""record_test.py PROGRAM: signals and ends of `record`, as the system sends them."""

import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import time

from made_up_host import Host, Vm

PROGRAM = sys.argv[1]


def wait(what, is_there):
    """For a condition that comes, or fails."""
    end = time.monotonic() + 60
    while not is_there():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.01)


def record(directory, *arguments):
    """The command line of a recorder, and its file."""
    Host(directory / "host", {1000: Vm("web", 2, 1)})
    file = directory / "a.jsonl.zst"
    return [PROGRAM, "--root", str(directory / "host"), "record", "-i", "0.02", "-o", str(file),
            *arguments], file


def samples(file):
    """How many of them a reader finds, and what it says."""
    done = subprocess.run([PROGRAM, "stat", str(file), "-i", "0.02", "--json"], capture_output=True,
                          text=True, check=True)
    return len(done.stdout.splitlines()), done.stderr


def size(file):
    """0 where it is not there."""
    return file.stat().st_size if file.exists() else 0


def test_killed(directory):
    """All that was written is there."""
    command, file = record(directory)
    with subprocess.Popen(command) as recorder:
        wait("samples", lambda: size(file) > 1500)
        recorder.kill()
    found, said = samples(file)
    assert found >= 5, found
    assert said.endswith("its end is missing\n") and said.count("\n") == 1, said


def test_terminated(directory):
    """Nothing is missing."""
    command, file = record(directory)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as recorder:
        wait("samples", lambda: size(file) > 1000)
        recorder.terminate()
        said = recorder.communicate()[1]
    assert recorder.returncode == 0 and " samples in " in said, said
    assert samples(file)[1] == ""


def test_hangup_rotates(directory):
    """Without a terminal, as a service, also where it was ignored."""
    for before in ("", "trap '' HUP; "):
        here = directory / f"{len(before)}"
        here.mkdir()
        command, file = record(here)
        with subprocess.Popen(["sh", "-c", before + 'exec "$@"', "sh", *command],
                              stderr=subprocess.DEVNULL, start_new_session=True) as recorder:
            wait("samples", lambda f=file: size(f) > 1000)
            recorder.send_signal(signal.SIGHUP)
            wait("two files", lambda h=here: len(list(h.glob("*.zst"))) == 2)
            recorder.terminate()
        assert recorder.returncode == 0
        for each in here.glob("*.zst"):
            assert samples(each)[1] == "", each


def test_lost_terminal_ends(directory):
    """It does not go on for ever when its user has gone."""
    command, file = record(directory)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    wait("samples", lambda: size(file) > 1000)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) in (0, 1)
    assert samples(file)[1] == ""


def test_nohup(directory):
    """It goes on when its terminal is lost."""
    command, file = record(directory)
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.execv(command[0], command)
    wait("samples", lambda: size(file) > 1000)
    os.close(terminal)
    before = size(file)
    wait("more samples", lambda: size(file) > before + 500)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    assert samples(file)[1] == ""


def test_replay_is_interrupted(directory):
    """As a live one is: with what there is by then."""
    command, file = record(directory)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as recorder:
        wait("samples", lambda: size(file) > 2000)
        recorder.terminate()
    longer = directory / "long.zst"
    lines = subprocess.run(["zstd", "-dc", file], capture_output=True, check=True).stdout
    header, first, *rest = lines.splitlines()
    last = json.loads(rest[-1])
    with subprocess.Popen(["zstd", "-q", "-o", longer], stdin=subprocess.PIPE) as packer:
        for line in (header, first, *rest):
            packer.stdin.write(line + b"\n")
        for i in range(400000):
            last["monotonic_seconds"] += 1
            packer.stdin.write(json.dumps(last).encode() + b"\n")
        packer.stdin.close()
    with subprocess.Popen([PROGRAM, "stat", longer], stdout=subprocess.PIPE) as replay:
        time.sleep(0.3)
        began = time.monotonic()
        replay.terminate()
        assert b" exits of " in replay.communicate()[0]
        assert replay.returncode == 0 and time.monotonic() - began < 5


def test_full_disk(directory):
    """One line, and what there is can be read."""
    command, file = record(directory)
    limited = ['ulimit -f 8; trap "" XFSZ; exec "$@"', "sh", *command]
    done = subprocess.run(["sh", "-c", *limited], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done
    assert done.stderr == f"kvm-exits: cannot write {file}: File too large\n", done.stderr
    assert samples(file)[0] > 5


TESTS = {name: test for name, test in globals().items() if name.startswith("test_")}

for name in sys.argv[2:] or TESTS:
    print(f"# {name}", flush=True)
    with tempfile.TemporaryDirectory() as work:
        TESTS[name](pathlib.Path(work))
