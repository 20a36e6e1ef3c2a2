#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""host_bench.py PROGRAM [SECONDS]: what it takes to look at a busy host, in CPU and memory.

The host is made up: files of a disk or of memory, which are cheaper to read than the
kernel's.  For SECONDS (30) `top` shows 100 VMs of 4 vCPUs, whose counts go on, and `record` writes
what 20 do, of an hour of which a page is made."""

import os
import pathlib
import pty
import random
import re
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from fcntl import ioctl

import made_up_record
from browser import Browser
from made_up_host import Host, Vm
from running_prometheus import free_port, get

PROGRAM = sys.argv[1]
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 30


def vms(number, vcpus=4):
    """Unlike each other."""
    return {1000 + i: Vm(f"web-{i}", vcpus, 1 + i % 7) for i in range(number)}


def peak(pid):
    """The largest memory so far, in MB; 0 where it has ended.  What wait4() tells has that of the
    Python in it that started it."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found.group(1)) / 1024 if found else 0


def run(*arguments):
    """CPU in s, that in the kernel, and the largest memory in MB, of what ends by itself."""
    with subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL) as program:
        memory, pid = 0, 0
        while pid == 0:
            memory = max(memory, peak(program.pid))
            pid, status, usage = os.wait4(program.pid, os.WNOHANG)
        program.returncode = status
    assert status == 0, status
    return usage.ru_utime + usage.ru_stime, usage.ru_stime, memory


def measure_list(root):
    """As run()."""
    return run("--root", root, "list")


def cpu_seconds(pid):
    """Of the program's one thread."""
    schedstat = pathlib.Path(f"/proc/{pid}/schedstat").read_text(encoding="utf-8")
    return int(schedstat.split()[0]) / 1e9


def drain(master, seen):
    """Reads what goes to the terminal, until that is closed."""
    try:
        while data := os.read(master, 65536):
            seen.append(len(data))
    except OSError:
        pass


def measure_top(root, host, *keys):
    """Its part of a CPU in %, the largest memory in MB, and bytes/s to the terminal."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    environment = os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen([PROGRAM, "--root", root, "top", "-i", "1"], stdin=slave, stdout=slave,
                          env=environment) as program:
        os.close(slave)
        seen = []
        reader = threading.Thread(target=drain, args=(master, seen))
        reader.start()
        while not seen:
            time.sleep(0.01)
        for key in keys:
            time.sleep(3)  # rows are there after the second reading
            os.write(master, key)
        begin, cpu, shown = time.monotonic(), cpu_seconds(program.pid), sum(seen)
        while (lasted := time.monotonic() - begin) < SECONDS:
            for vm in host.vms.values():
                vm.scale += 0.1
            host.write()
            time.sleep(0.1)
        cpu, shown = cpu_seconds(program.pid) - cpu, sum(seen) - shown
        memory = peak(program.pid)
        os.write(master, b"q")
        status = program.wait()
        reader.join()
    os.close(master)
    assert status == 0, status
    return cpu / lasted * 100, memory, shown / lasted


def measure_record(root, host):
    """Its part of a CPU in %, the largest memory in MB, and MB a day."""
    file = pathlib.Path(root) / "a.jsonl.zst"
    with subprocess.Popen([PROGRAM, "--root", root, "record", "-o", file],
                          stderr=subprocess.DEVNULL) as program:
        begin = time.monotonic()
        while (lasted := time.monotonic() - begin) < SECONDS:
            for vm in host.vms.values():
                vm.scale += 0.1 * random.random()
            host.write()
            time.sleep(0.3)
        memory = peak(program.pid)
        program.terminate()
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = status
    assert status == 0, status
    cpu = (usage.ru_utime + usage.ru_stime) / lasted * 100
    return cpu, memory, file.stat().st_size / lasted * 86400 / 1e6


def measure_exporter(root, *arguments):
    """Seconds of the fastest of five scrapes, their MB, and the largest memory in MB."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/metrics"
    with subprocess.Popen([PROGRAM, "--root", root, "exporter", "--listen", f"127.0.0.1:{port}",
                           *arguments]) as program:
        times = []
        while len(times) < 5:
            begin = time.monotonic()
            answer = get(url)
            if answer is not None:  # it is there
                times.append(time.monotonic() - begin)
                size = len(answer.encode())
            time.sleep(0.6)  # who asks within half a second gets what another got
        memory = peak(program.pid)
        program.terminate()
    assert program.returncode == 0, program.returncode
    return min(times), size / 1e6, memory


def measure_report(directory):
    """Of an hour of 20 VMs: seconds to make a page, the largest memory in MB, the page's MB, and
    seconds to open it."""
    record, page = pathlib.Path(directory) / "hour.zst", pathlib.Path(directory) / "hour.html"
    made_up_record.write(record, [made_up_record.Vm(f"web-{i}", 4) for i in range(20)], 3600)
    cpu, _, memory = run("report", record, "--html", "-o", page)
    with Browser(page) as browser:
        opened = []
        for _ in range(5):
            browser.open(page)
            opened.append(browser.run(
                "return performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"))
    return cpu, memory, page.stat().st_size / 1e6, min(opened)


with tempfile.TemporaryDirectory() as work:
    for is_timed in (True, False):
        large = f"{work}/large-{is_timed}"
        Host(large, vms(1000), is_timed, has_threads=True)
        cpu, kernel, memory = min(measure_list(large) for _ in range(5))
        print(f"list, 1000 VMs x 4 vCPUs, the ledger {'on' if is_timed else 'off'}: {cpu:.2f} s of "
              f"CPU, {kernel:.2f} s of that in the kernel, {memory:.1f} MB", flush=True)
    for is_timed in (True, False):
        root = f"{work}/small-{is_timed}"
        small = Host(root, vms(100), is_timed, has_threads=True)
        for what, keys in (("host", ()), ("a VM", (b"\r",)), ("a vCPU", (b"\r", b"\r"))):
            cpu, memory, shown = measure_top(root, small, *keys)
            print(f"top, 100 VMs x 4 vCPUs, the ledger {'on' if is_timed else 'off'}, {what}: "
                  f"{cpu:.2f} % of a CPU, {memory:.1f} MB, {shown:.0f} bytes/s", flush=True)
    root = f"{work}/recorded"
    cpu, memory, size = measure_record(root, Host(root, vms(20), True))
    print(f"record, 20 VMs x 4 vCPUs, the ledger on: {cpu:.2f} % of a CPU, {memory:.1f} MB, "
          f"{size:.0f} MB a day", flush=True)
    root = f"{work}/scraped"
    Host(root, vms(1000, 8), True)
    for arguments in ((), ("--histograms",)):
        seconds, size, memory = measure_exporter(root, *arguments)
        print(f"exporter{' '.join(('', *arguments))}, 1000 VMs x 8 vCPUs, the ledger on: "
              f"{seconds:.2f} s and {size:.1f} MB a scrape, {memory:.1f} MB", flush=True)
    cpu, memory, size, opened = measure_report(work)
    print(f"report --html, an hour of 20 VMs: {cpu:.2f} s of CPU, {memory:.0f} MB, a page of "
          f"{size:.1f} MB, which opens in {opened:.2f} s", flush=True)
