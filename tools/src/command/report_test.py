#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""report_test.py PROGRAM AXE [TEST]...: the page of `kvm-exits report --html`, in Chromium.

AXE is axe-core's axe.min.js; where it is not there, and nothing else fails, the status is 77.
Pictures of the page stay in the directory "pictures" here."""

import json
import pathlib
import subprocess
import sys
import tempfile

from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

import made_up_record
from browser import Browser
from made_up_record import Vm
from running_prometheus import wait

PROGRAM, AXE = sys.argv[1:3]
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
SECONDS = 1200


def vms_of_test():
    """A busy one, one that ends, one that comes late, and one that is called what it likes."""
    return [Vm("db-1", 8), Vm("web-1", 4), Vm("batch", 2, end=500), Vm("late", 2, begin=900),
            Vm(HOSTILE, 1)]


def report(*arguments):
    return subprocess.run([PROGRAM, "report", *map(str, arguments)], check=True,
                          capture_output=True, text=True).stdout


def height_of_stack(picture, x, background):
    """Pixels of a column that are drawn upon, from the lowest up to the first that are not."""
    column = [picture.getpixel((x, y)) for y in range(picture.height)]
    drawn = [max(abs(a - b) for a, b in zip(pixel, background)) > 60 for pixel in column]
    return sum(drawn)


def test_charts(browser, data):
    """What is drawn is as high as the numbers are."""
    assert browser.text("h1") == "VM exits on kvm-17.example"
    assert f"{data['all']['exits']:,} exits" in browser.text("#facts")
    for chart, values_of in (("exits", lambda reason: reason["points"]["exits"]),
                             ("busy", lambda reason: reason["points"]["busy_seconds"])):
        picture = browser.picture(f"#{chart}")
        for at in (50, 200, 350):
            begin = data["all"]["points"]["begin_seconds"][at]
            seconds = data["all"]["points"]["seconds"][at]
            value = sum(values_of(reason)[at] for reason in data["all"]["reasons"]) / seconds
            time_ms = 1000 * (begin + seconds / 2)
            x, y, bottom = browser.run(
                f"const c = Chart.getChart('{chart}');"
                "return [c.scales.x.getPixelForValue(c.scales.x.min + arguments[0]),"
                "        c.scales.y.getPixelForValue(arguments[1]), c.chartArea.bottom]",
                time_ms, value)
            seen = height_of_stack(picture, round(x), (255, 255, 255))
            # Lines of the grid and the axis' own
            assert abs(seen - (bottom - y)) <= 8, f"{chart} at {at}: {seen}, not {bottom - y}"
    reasons = browser.table("reasons")
    assert {row["Reason"].split()[0]: row["Exits"] for row in reasons} == {
        reason["name"]: f"{reason['exits']:,}" for reason in data["all"]["reasons"]}
    vms = {row["VM"]: row for row in browser.table("vms")}
    assert vms.keys() == {"db-1", "web-1", "batch", "late", HOSTILE}
    for vm in data["vms"]:
        assert vms[vm["name"]]["Exits"] == f"{vm['exits']:,}"
    browser.keep("light")


def test_range(browser, data):
    """Zoomed by mouse, by keyboard, and by a link; the tables are of the range."""
    canvas = browser.find("#exits")
    third = canvas.size["width"] // 3
    ActionChains(browser.driver).move_to_element_with_offset(canvas, -third // 2, 0) \
        .click_and_hold().move_by_offset(third, 0).release().perform()
    begin, end = browser.chart("exits.scales.x.min"), browser.chart("exits.scales.x.max")
    assert 250e3 < end - begin < 600e3, (begin, end)
    link = browser.run("return location.hash")
    assert "begin=" in link and "end=" in link, link
    exits = browser.table("reasons")[0]["Exits"]
    # From another page's start
    browser.open(PAGE, link)
    assert browser.chart("busy.scales.x.min") == begin and browser.chart("busy.scales.x.max") == end
    assert browser.table("reasons")[0]["Exits"] == exits
    points = data["all"]["points"]
    first = browser.run("return Date.parse(arguments[0])", data["begin"])
    meant = [i for i, (at, length) in enumerate(zip(points["begin_seconds"], points["seconds"]))
             if begin <= first + 1000 * (at + length / 2) <= end]
    wanted = {reason["name"]: f"{sum(reason['points']['exits'][i] for i in meant):,}"
              for reason in data["all"]["reasons"]}
    assert {row["Reason"].split()[0]: row["Exits"] for row in browser.table("reasons")} == wanted
    box = browser.find(".chart")
    box.send_keys(Keys.ESCAPE)
    assert browser.span() == SECONDS * 1e3
    assert browser.run("return location.hash") == ""
    box.send_keys("+")
    assert browser.span() == SECONDS * 5e2
    begin = browser.chart("exits.scales.x.min")
    box.send_keys(Keys.SHIFT, Keys.ARROW_LEFT)
    assert browser.chart("exits.scales.x.min") < begin
    box.send_keys(Keys.ARROW_RIGHT)
    assert "MSR_WRITE" in browser.run("return document.getElementById('said').textContent")
    browser.find("#whole").click()


def test_range_of_a_point(browser, data):
    """A range is of whole points, so that all numbers are those of the same time."""
    browser.open(PAGE, "#begin=2026-01-31T10:10:00.200Z&end=2026-01-31T10:10:00.300Z")
    points = data["all"]["points"]
    at = max(i for i, begin in enumerate(points["begin_seconds"]) if begin <= 600.2)
    assert browser.span() == points["seconds"][at] * 1e3
    exits = {row["Reason"].split()[0]: row["Exits"] for row in browser.table("reasons")}
    assert exits == {reason["name"]: f"{reason['points']['exits'][at]:,}"
                     for reason in data["all"]["reasons"]}
    vms = browser.table("vms")
    assert {vm["VM"] for vm in vms} == {"db-1", "web-1", HOSTILE}, "batch has ended, late not begun"
    assert sum(int(vm["Exits"].replace(",", "")) for vm in vms) == sum(
        int(count.replace(",", "")) for count in exits.values())
    assert not browser.find("#in").is_enabled()


def test_hover(browser, data):
    """What is said is of the step that the pointer is on."""
    points = data["all"]["points"]
    at = 100
    x = browser.run("return Chart.getChart('exits').scales.x.getPixelForValue(BEGIN)".replace(
        "BEGIN", f"Date.parse('{data['begin']}') + "
                 f"{1000 * (points['begin_seconds'][at] + 0.9 * points['seconds'][at])}"))
    canvas = browser.find("#exits")
    ActionChains(browser.driver).move_to_element_with_offset(
        canvas, round(x - canvas.size["width"] / 2), 0).perform()
    said = wait("what is there", lambda: browser.chart(
        "exits.tooltip.opacity && Chart.getChart('exits').tooltip.dataPoints"
        ".map((p) => [p.dataset.label, p.parsed.y])"))
    wanted = {reason["name"]: reason["points"]["exits"][at] / points["seconds"][at]
              for reason in data["all"]["reasons"]}
    for label, value in said:
        assert label == "other reasons" or abs(value - wanted[label]) < 0.01, (label, value)
    assert len(said) == 11


def test_keyboard_alone(browser, data):
    """Tab goes to all that can be done, and Enter does it."""
    seen = set()
    body = browser.find("body")
    body.click()
    for _ in range(90):
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        seen.add(browser.run("const e = document.activeElement; return e.id || e.className"))
    assert {"scope", "in", "link", "theme", "chart", "reason", "tell-32", "legend-32"} <= seen, seen
    browser.find("#tell-32").send_keys(Keys.ENTER)
    told = browser.text("#told-32")
    explanation = next(each for each in data["explanations"] if each["reason"] == 32)
    assert explanation["title"] in told and explanation["help"][0]["price"] in told
    browser.axe("an explanation")
    browser.find("#tell-32").send_keys(Keys.ENTER)
    browser.find("#legend-32").send_keys(Keys.ENTER)
    labels = browser.chart("exits.data.datasets.map((set) => set.label)")
    assert "MSR_WRITE" not in labels and "HLT" in labels, labels
    browser.find("#legend-32").send_keys(Keys.ENTER)


def test_vm(browser, data):
    """One VM, whose name is a stranger's."""
    rows = browser.driver.find_elements(By.CSS_SELECTOR, "#vms td.name button")
    next(row for row in rows if row.text.startswith("</script>")).send_keys(Keys.ENTER)
    assert browser.run("return document.activeElement.textContent") == HOSTILE
    assert browser.run("return document.activeElement.getAttribute('aria-pressed')") == "true"
    vm = next(vm for vm in data["vms"] if vm["name"] == HOSTILE)
    assert browser.text("#reasons-of") == f"of {HOSTILE}"
    assert browser.table("reasons")[0]["Exits"] in {f"{r['exits']:,}" for r in vm["reasons"]}
    assert f"vm={vm['id']}" in browser.run("return location.hash")
    browser.axe("one VM")


def test_themes(browser, data):
    """Light and dark, by the system or by the button; and on paper, light."""
    del data
    color = "return getComputedStyle(document.documentElement).backgroundColor"
    assert browser.run(color) == "rgb(255, 255, 255)"
    browser.axe("light")
    browser.scheme("dark")
    wait("the dark page", lambda: browser.run(color) == "rgb(20, 23, 28)")
    browser.keep("dark")
    browser.axe("dark")
    browser.find("#theme").click()  # auto, now light
    assert browser.run(color) == "rgb(255, 255, 255)"
    browser.find("#theme").click()
    assert browser.run(color) == "rgb(20, 23, 28)"
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.run(color) == "rgb(255, 255, 255)"
    browser.scheme("dark", media="print")
    assert not browser.find("nav").is_displayed()
    browser.keep("print")
    browser.scheme("dark")
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    assert browser.run(color) == "rgb(20, 23, 28)"
    pdf = browser.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27})
    assert len(pdf["data"]) > 10000


def test_phone(browser, data):
    """Nothing is wider than a narrow window but what scrolls by itself."""
    del data
    browser.driver.set_window_size(500, 2600)
    wait("a narrow page", lambda: browser.run("return innerWidth") <= 500)
    wait("its charts", lambda: browser.run(
        "return document.documentElement.scrollWidth <= innerWidth"))
    browser.keep("narrow")


TESTS = {name: test for name, test in globals().items() if name.startswith("test_")}


def test_untimed(directory):
    """Where nobody told times there are no empty charts, but words."""
    made_up_record.write(directory / "a.zst", vms_of_test()[:2], 30, is_timed=False)
    page = directory / "untimed.html"
    report(directory / "a.zst", "--html", "-o", page)
    with Browser(page, AXE) as browser:
        assert not browser.find("#busy").is_displayed()
        assert "record --time" in browser.text("#of-busy")
        assert browser.table("reasons")[0]["vCPUs in them"] == "-"
        browser.axe("untimed")
        browser.keep("untimed")


def test_gap(directory):
    """Where nobody looked is striped, and told; names of nothing, or that turn, can be read."""
    vms = [Vm(" "), Vm("\u202eevil"), Vm("twin"), Vm("twin")]
    made_up_record.write(directory / "a.zst", vms, 60, gap=(20, 50))
    page = directory / "gap.html"
    report(directory / "a.zst", "--html", "-o", page)
    with Browser(page, AXE) as browser:
        assert "No sample was taken in 1 gap" in browser.text("#warnings")
        assert [row["VM"] for row in sorted(browser.table("vms"), key=lambda row: row["PID"])] == [
            "1000-11", "\\u{202e}evil", "twin (1002-11)", "twin (1003-11)"]
        browser.keep("gap")


with tempfile.TemporaryDirectory() as work:
    RECORD = pathlib.Path(work) / "a.jsonl.zst"
    PAGE = pathlib.Path(work) / "report.html"
    made_up_record.write(RECORD, vms_of_test(), SECONDS)
    report(RECORD, "--html", "-o", PAGE)
    DATA = json.loads(report(RECORD, "--json"))
    for name in sys.argv[3:] or TESTS:
        print(f"# {name}", flush=True)
        with Browser(PAGE, AXE) as opened:
            TESTS[name](opened, DATA)
    for test in () if sys.argv[3:] else (test_untimed, test_gap):
        print(f"# {test.__name__}", flush=True)
        test(pathlib.Path(work))
sys.exit(0 if pathlib.Path(AXE).exists() else 77)
