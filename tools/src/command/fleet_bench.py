#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""fleet_bench.py PROGRAM PROMETHEUS RULES DASHBOARD [HOSTS [VMS [SECONDS]]]: what one Prometheus
takes for a fleet, by default of 500 hosts with 40 VMs, in 600 seconds.

Each host's answer is the exporter's of a host that is made up, whose counters go on at its own
speed.  Prometheus scrapes each every 15 s, applies RULES, and is asked what Grafana's DASHBOARD
asks for."""

import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import made_up_host
import made_up_record
from running_prometheus import Prometheus, get, queries_of_dashboard, wait

PROGRAM, PROMETHEUS, RULES, DASHBOARD = sys.argv[1:5]
HOSTS, VMS, SECONDS = [int(n) for n in sys.argv[5:] + ["500", "40", "600"][len(sys.argv) - 5:]]
INTERVAL = 15
# As many reasons as a busy host has
made_up_host.REASONS = tuple(
    (number, name, 10 * rate) for number, name, rate, *_ in made_up_record.REASONS)


def answer_of_host():
    """Lines of the exporter's answer, as (text before the number, number or None: it stays)."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory) / "host"
        made_up_host.Host(root, {1000 + i: made_up_host.Vm(f"vm-{i}", 4, 1 + i % 7)
                                 for i in range(VMS)})
        text = pathlib.Path(directory) / "text"
        subprocess.run([PROGRAM, "--root", root, "exporter", "--histograms", "--textfile", text,
                        "-n", "1"], check=True)
        lines = []
        for line in text.read_text(encoding="ascii").splitlines():
            counter = re.match(r"(\w+(?:_total|_bucket|_sum|_count)(?:{.*})? )(\S+)$", line)
            lines.append((counter[1], float(counter[2])) if counter else (line + "\n", None))
        return lines


LINES = answer_of_host()
BEGIN = time.monotonic()


class Host(http.server.BaseHTTPRequestHandler):
    """The one whose number is the path."""

    def do_GET(self):  # pylint: disable=invalid-name
        number = int(self.path[1:])
        times = 1 + (time.monotonic() - BEGIN) * (1 + number % 10) / 100
        body = "".join(line if value is None else f"{line}{value * times:.9g}\n"
                       for line, value in LINES).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Of all hosts."""
    request_queue_size = 1000


def metrics(prometheus):
    """Prometheus' own, by their names with labels."""
    text = get(f"http://127.0.0.1:{prometheus.port}/metrics") or ""
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def range_seconds(prometheus, query, end, length):
    """How long a range query takes."""
    words = urllib.parse.urlencode({"query": query, "start": end - length, "end": end,
                                    "step": INTERVAL})
    began = time.monotonic()
    assert get(f"http://127.0.0.1:{prometheus.port}/api/v1/query_range?{words}")
    return time.monotonic() - began


server = Server(("127.0.0.1", 0), Host)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"127.0.0.1:{server.server_port}"
static = [{"targets": [address], "labels": {"__metrics_path__": f"/{i}", "instance": f"kvm-{i}"}}
          for i in range(HOSTS)]
samples = sum(not line.startswith("#") for line, _ in LINES)
print(f"{HOSTS} hosts of {VMS} VMs, {samples} series each, every {INTERVAL} s")
with tempfile.TemporaryDirectory() as work, \
        Prometheus(PROMETHEUS, work, [], f"{INTERVAL}s", rule_files=[RULES],
                   scrape_configs=[{"job_name": "kvm", "static_configs": static}]) as prometheus:
    wait("Prometheus", lambda: metrics(prometheus))
    while (left := BEGIN + SECONDS - time.monotonic()) > 0:
        if sys.stderr.isatty():
            print(f"\r{left:.0f} s left ", end="", file=sys.stderr, flush=True)
        time.sleep(min(left, 5))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    first = metrics(prometheus)
    began = time.monotonic()
    time.sleep(4 * INTERVAL)
    own = metrics(prometheus)
    length = time.monotonic() - began

    def rate(name):
        return (own[name] - first[name]) / length

    print(f"series           {own['prometheus_tsdb_head_series']:10.0f}")
    up = prometheus.value("sum(up)")
    print(f"hosts that answer{up:10.0f}")
    # With a type since version 2.40
    appended = next(name for name in own if re.match(
        r'prometheus_tsdb_head_samples_appended_total({type="float"})?$', name))
    print(f"samples          {rate(appended):10.0f} /s")
    print(f"CPU              {100 * rate('process_cpu_seconds_total'):10.1f} % of one")
    print(f"memory           {own['process_resident_memory_bytes'] / 1e6:10.0f} MB")
    rules = max(value for name, value in own.items()
                if name.startswith("prometheus_rule_group_last_duration_seconds"))
    print(f"rules            {rules:10.3f} s")
    now = time.time()
    taken = sorted((range_seconds(prometheus, query, now, SECONDS), query)
                   for query in queries_of_dashboard(DASHBOARD, "1m"))
    print(f"dashboard        {sum(t for t, _ in taken):10.3f} s for {len(taken)} queries over"
          f" {SECONDS} s")
    print(f"slowest          {taken[-1][0]:10.3f} s: {taken[-1][1]}")
    size = sum(f.stat().st_size for f in (pathlib.Path(work) / "data").rglob("*") if f.is_file())
    print(f"disk             {size / 1e6:10.0f} MB, of which the log of the last hours is most")
