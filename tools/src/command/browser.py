# SPDX-License-Identifier: GPL-2.0-only
"""Debian's Chromium, with a page of `kvm-exits report --html` open."""

import io
import pathlib

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By


class Browser:
    """Chromium, in which `page` is open.  Its pictures go to the directory "pictures"."""

    def __init__(self, page, axe_file=""):
        self.axe_file = axe_file
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Its own sandbox wants what not every machine gives; the page is one of ours.
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                         "--disable-gpu", "--hide-scrollbars", "--window-size=1300,2600"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.scheme("light")
        self.open(page)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            if error[0] is None:
                self.check()
            else:
                self.keep("failed")
        finally:
            self.driver.quit()

    def open(self, page, link=""):
        self.driver.get("about:blank")
        self.driver.get(f"{page.resolve().as_uri()}{link}")

    def check(self):
        """Nothing was complained of, nothing came from elsewhere, nothing of a name was run."""
        log = self.driver.get_log("browser")
        assert not log, log
        loaded = self.run("return performance.getEntriesByType('resource').map((e) => e.name)")
        assert not loaded, loaded
        assert self.run("return document.querySelectorAll('img, iframe').length") == 0

    def scheme(self, scheme, media=""):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def table(self, name):
        """Its rows as dicts by the first words of their titles."""
        return self.run("""
            const cells = (row) => [...row.cells].map((cell) => cell.textContent.trim());
            const [head, ...rows] = [...document.querySelectorAll('#' + arguments[0] + ' tr')]
                .filter((row) => row.className !== 'told-row').map(cells);
            return rows.map((row) => Object.fromEntries(
                row.map((cell, i) => [head[i].replace(/ [▾▴]/, ''), cell])));""", name)

    def keep(self, name):
        pictures = pathlib.Path("pictures")
        pictures.mkdir(exist_ok=True)
        self.driver.save_screenshot(str(pictures / f"{name}.png"))

    def picture(self, selector):
        return Image.open(io.BytesIO(self.find(selector).screenshot_as_png)).convert("RGB")

    def chart(self, expression):
        """Of a chart of the page, such as "exits.scales.y.max"."""
        name, rest = expression.split(".", 1)
        return self.run(f"return Chart.getChart('{name}').{rest}")

    def span(self):
        """Milliseconds that the charts show."""
        return self.chart("exits.scales.x.max") - self.chart("exits.scales.x.min")

    def axe(self, what):
        """Nothing that axe-core, where it is there, finds keeps somebody out."""
        if not pathlib.Path(self.axe_file).exists():
            return
        self.run(pathlib.Path(self.axe_file).read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run().then((found) => done(found.violations), (e) => done([{help: String(e)}]))")
        bad = [f"{each['help']}: {[node['html'][:120] for node in each.get('nodes', [])[:3]]}"
               for each in found if each.get("impact") not in ("minor", "moderate")]
        assert not bad, f"{what}: {bad}"
