#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""exporter_test.py PROGRAM PROMETHEUS PROMTOOL DASHBOARD: what Prometheus makes of a host that is
made up here, with the queries of Grafana's DASHBOARD too."""

import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error

from made_up_host import REASONS, Host, Vm
from running_prometheus import (Prometheus, Running, free_port, get, queries_of_dashboard,
                                wait)

PROGRAM, PROMETHEUS, PROMTOOL, DASHBOARD = sys.argv[1:5]


def exporter(directory, port, *arguments):
    return Running(PROGRAM, "--root", str(directory), "exporter", "--listen", f"127.0.0.1:{port}",
                   *arguments)


def scrape(port):
    return wait("the exporter", lambda: get(f"http://127.0.0.1:{port}/metrics"))


def test_promtool(directory):
    """It has nothing to say, with times and without."""
    for is_timed in (True, False):
        host = directory / f"{is_timed}"
        Host(host, {1000: Vm("web", 2, 1), 1001: Vm('d"b\\', 1, 2)}, is_timed=is_timed)
        port = free_port()
        with exporter(host, port, "--histograms"):
            text = scrape(port)
        subprocess.run([PROMTOOL, "check", "metrics"], input=text, text=True, check=True)
        assert ("seconds" in text) == is_timed


def test_prometheus(directory):
    """Its answers are the numbers of the files; a VM that ends takes its series along, and nothing
    from the host's."""
    host = Host(directory / "host", {1000: Vm("web", 2, 1), 1001: Vm("db", 1, 2)})
    port = free_port()
    end = time.monotonic() + 60
    with exporter(directory / "host", port, "--histograms"), \
            Prometheus(PROMETHEUS, directory, [port]) as prometheus:
        # 2 vCPUs of web and one, twice as busy, of db
        prometheus.see("sum(kvm_exits_total)", 4 * sum(exits for _, _, exits in REASONS))
        for _, name, exits in REASONS:
            prometheus.see(f'kvm_vm_exits_total{{vm="web",reason="{name}"}}', 2 * exits)
        prometheus.see("count(kvm_vm_info)", 2)
        prometheus.see('kvm_vm_vcpus{vm="web"}', 2)
        uuid = f"00000000-0000-4000-8000-{1000:012x}"
        prometheus.see(f'count(kvm_vm_info{{vm="web",uuid="{uuid}"}})', 1)
        # 60000 cycles an exit, at 2 GHz
        prometheus.see('kvm_vm_vcpu_seconds_total{vm="db",state="guest"}', 2 * 7000 * 60000 / 2e9)
        # In the first bucket
        p50 = 'histogram_quantile(0.5, kvm_exit_duration_seconds_bucket{reason="CPUID"})'
        prometheus.see(f"{p50} <= bool 1e-6", 1)
        # Some seconds in which something happens
        queries = queries_of_dashboard(DASHBOARD, "4s")
        assert len(queries) > 5
        while queries:
            for vm in host.vms.values():
                vm.scale += 0.1
            host.write()
            time.sleep(0.1)
            assert time.monotonic() < end, f"no data for {queries}"
            queries = [each for each in queries if not prometheus.query(each)]
        exits = wait("exits", lambda: prometheus.value("sum(kvm_exits_total)"))
        host.end(1001)
        prometheus.see("count(kvm_vm_info)", 1)
        assert not prometheus.query('kvm_vm_exits_total{vm="db"}')
        prometheus.see(f"sum(kvm_exits_total) >= bool {exits:.0f}", 1)
        prometheus.see("sum(resets(kvm_exits_total[1m]))", 0)
        prometheus.see("sum(resets(kvm_exit_duration_seconds_count[1m]))", 0)


def test_kvm_goes(directory):
    """While there is no KVM, that is the answer, and afterwards numbers again."""
    host = Host(directory / "host", {1000: Vm("web", 2, 1)})
    port = free_port()
    debugfs = directory / "host/sys/kernel/debug/kvm_exits"
    with exporter(directory / "host", port, "--source", "module"):
        scrape(port)
        debugfs.rename(directory / "gone")

        def refused():
            try:
                get(f"http://127.0.0.1:{port}/metrics")
            except urllib.error.HTTPError as error:
                assert error.code == 503, error
                return error.read().decode()
            return None

        assert "kvm_exits" in wait("a refusal", refused)
        host.write()
        wait("numbers", lambda: not refused())


def test_socket_of_systemd(directory):
    """As systemd hands it over."""
    Host(directory / "host", {1000: Vm("web", 2, 1)})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        activate = 'export LISTEN_PID=$$ LISTEN_FDS=1; fd=$1; shift; eval "exec 3<&$fd"; exec "$@"'
        with Running("sh", "-c", activate, "sh", str(listener.fileno()), PROGRAM, "--root",
                     str(directory / "host"), "exporter", pass_fds=[listener.fileno()]):
            assert "kvm_vm_info" in scrape(port)
        # A host whose KVM cannot be read: whoever asks is told why, and does not wait.
        (directory / "none").mkdir()
        with Running("sh", "-c", activate, "sh", str(listener.fileno()), PROGRAM, "--root",
                     str(directory / "none"), "exporter", pass_fds=[listener.fileno()],
                     stderr=subprocess.DEVNULL):
            try:
                code = get(f"http://127.0.0.1:{port}/metrics")
            except urllib.error.HTTPError as error:
                code = error.code
            assert code == 503, code


def test_many_scrapers(directory):
    """All get the same, beside many who say nothing."""
    Host(directory / "host", {1000 + i: Vm(f"web-{i}", 1, 1) for i in range(50)})
    port = free_port()
    with exporter(directory / "host", port) as process:
        expected = scrape(port)
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
        texts = []
        threads = [threading.Thread(target=lambda: texts.append(scrape(port))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert texts == [expected] * 20
        for each in silent:
            each.close()
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        peak = int(re.search(r"VmHWM:\s+(\d+)", status).group(1))
        # What AddressSanitizer has beside it is not the exporter's.
        is_sanitized = b"__asan_init" in pathlib.Path(PROGRAM).read_bytes()
        assert is_sanitized or peak < 100000, f"{peak} kB"


TESTS = {name: test for name, test in globals().items() if name.startswith("test_")}

for name in sys.argv[5:] or TESTS:
    print(f"# {name}", flush=True)
    with tempfile.TemporaryDirectory() as work:
        TESTS[name](pathlib.Path(work))
