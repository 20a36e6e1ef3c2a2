# SPDX-License-Identifier: GPL-2.0-only
"""A Prometheus that runs, and what tests of it need."""

import json
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request


def wait(what, is_there):
    """For a condition that comes, or fails.  Returns it."""
    end = time.monotonic() + 60
    while True:
        found = is_there()
        if found:
            return found
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.05)


def free_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def get(url):
    """Its text; None as long as nobody is there."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError:
        raise
    except OSError:
        return None


class Running:
    """A program that ends with this."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen(command, **options)

    def __enter__(self):
        return self.process

    def __exit__(self, *error):
        self.process.terminate()
        status = self.process.wait()
        assert error[0] is not None or status in (0, -signal.SIGTERM), status


class Prometheus:
    """The server `program`, with its files in `directory`, which scrapes `ports` of this host; with
    `more` in its configuration."""

    def __init__(self, program, directory, ports, interval="1s", **more):
        self.port = free_port()
        directory = pathlib.Path(directory)
        configuration = directory / "prometheus.yml"
        every = {"scrape_interval": interval, "scrape_timeout": interval,
                 "evaluation_interval": interval}
        static = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        # JSON is YAML.
        configuration.write_text(json.dumps({
            "global": every, "scrape_configs": [{"job_name": "kvm", "static_configs": static}],
            **more}), encoding="utf-8")
        self.running = Running(
            program, f"--config.file={configuration}", f"--storage.tsdb.path={directory}/data",
            f"--web.listen-address=127.0.0.1:{self.port}", stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.running.__exit__(*error)

    def query(self, expression):
        """The vector that it gives; None as long as nobody is there."""
        words = urllib.parse.urlencode({"query": expression})
        try:
            text = get(f"http://127.0.0.1:{self.port}/api/v1/query?{words}")
        except urllib.error.HTTPError:
            text = None  # it is not ready yet
        return json.loads(text)["data"]["result"] if text else None

    def value(self, expression):
        """Of the first series; None where there is none."""
        result = self.query(expression)
        return float(result[0]["value"][1]) if result else None

    def see(self, expression, wanted):
        """Sooner or later: a scrape that came too late leaves a hole."""
        wait(f"{expression} {wanted}", lambda: self.value(expression) == wanted)


def queries_of_dashboard(path, interval):
    """As Grafana sends them for all that there is, with rates over `interval`."""
    panels = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    for variable, text in (("$__rate_interval", interval), ("$host", ".*"), ("$vm", ".*"),
                           ("$reason", ".*")):
        queries = [query.replace(variable, text) for query in queries]
    assert not any("$" in query for query in queries), queries
    return queries
