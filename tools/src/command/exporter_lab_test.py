#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""exporter_lab_test.py PROMETHEUS RESULTS: what Prometheus makes of what the exporter said on a lab
host, whose answer is in RESULTS/metrics, is what the host's files had, in RESULTS/total and vm, by
reason.  Prints TAP."""

import http.server
import pathlib
import sys
import tempfile
import threading

from running_prometheus import Prometheus

PROGRAM, RESULTS = sys.argv[1], pathlib.Path(sys.argv[2])


class Answer(http.server.BaseHTTPRequestHandler):
    """That of the exporter, once more."""

    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.end_headers()
        self.wfile.write((RESULTS / "metrics").read_bytes())

    def log_message(self, *_):
        pass


print("1..2")
failed = False
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
with tempfile.TemporaryDirectory() as work, \
        Prometheus(PROGRAM, work, [server.server_port]) as prometheus:
    for number, (name, metric) in enumerate((("total", "kvm_exits_total"),
                                             ("vm", 'kvm_vm_exits_total{vm="guest"}')), 1):
        lines = (RESULTS / name).read_text(encoding="ascii").splitlines()
        wanted = {reason: int(exits) for reason, exits in map(str.split, lines)}
        if wanted:
            prometheus.see(f"count({metric} > 0)", len(wanted))
        seen = {series["metric"]["reason"]: int(series["value"][1])
                for series in prometheus.query(f"{metric} > 0")}
        is_same = wanted == seen and wanted
        failed = failed or not is_same
        print(f"{'ok' if is_same else 'not ok'} {number} PromQL gives the files' exits, {name}")
        if not is_same:
            print(f"# the files have {wanted}, Prometheus {seen}")
sys.exit(failed)
