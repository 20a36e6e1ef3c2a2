#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""plot_test.py PROGRAM: what the program draws is XML, in which no text lies on another
text or on a bar."""

import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
HERE = pathlib.Path(__file__).parent
WIDEST_CHARACTER = 0.62  # of the fonts that are asked for, on average, in em
SIZES = {"head": 18, "lab": 15, "small": 12}


def draw(directory, labs):
    files = []
    for lab in labs:
        files.append(f"{directory}/{lab}.json")
        text = HERE / "testdata" / f"{lab}.txt"
        subprocess.run([sys.argv[1], "json", text, "-o", files[-1]], check=True)
    picture = f"{directory}/plot.svg"
    subprocess.run([sys.argv[1], "plot", *files, "-o", picture], check=True)
    return pathlib.Path(picture).read_text(encoding="utf-8")


def box_of_text(text):
    """Left, top, right, bottom, rather too large than too small."""
    classes = text.get("class", "").split()
    size = next((SIZES[name] for name in classes if name in SIZES), 13)
    width = len(text.text) * size * WIDEST_CHARACTER
    x, y = float(text.get("x")), float(text.get("y"))
    left = x - (width if "right" in classes else width / 2 if "middle" in classes else 0)
    return left, y - 0.8 * size, left + width, y + 0.2 * size


def box_of_bar(bar):
    x, y, width, height = (float(bar.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


with tempfile.TemporaryDirectory() as work:
    svg = draw(work, ["amd", "intel"])
lines_too_long = [line for line in svg.splitlines() if len(line) > 100 or line != line.rstrip()]
assert not lines_too_long, lines_too_long

root = ElementTree.fromstring(svg)
assert root.tag == SVG + "svg", root.tag
assert [root.find(SVG + name).get("id") for name in ("title", "desc")] == ["title", "desc"]
assert root.get("aria-labelledby") == "title desc"
assert "href" not in svg and "url(" not in svg, "it needs something else"

texts = root.findall(SVG + "text")
boxes = [(text.text, box_of_text(text)) for text in texts]
bars = [bar for bar in root.findall(SVG + "rect") if bar.get("class")]
boxes += [(f"bar at {bar.get('y')}", box_of_bar(bar)) for bar in bars]
for number, (name, box) in enumerate(boxes):
    assert box[0] >= 0 and box[2] <= float(root.get("width")), f"{name} is not in the picture"
    assert box[1] >= 0 and box[3] <= float(root.get("height")), f"{name} is not in the picture"
    for other_name, other in boxes[:number]:
        assert not overlap(box, other), f"{name} is on {other_name}"

shown = [text.text for text in texts]
for wanted in ("Lab amd", "Lab intel", "kvm-exits", "counting", "bpftrace, time", "2,481"):
    assert wanted in shown, f"{wanted} is not shown"
assert shown.count("not measured") == 1, shown
# Two of the legend, eleven ways in each of two labs, one of which is not measured.
assert len(bars) == 2 + 2 * 11 - 1, len(bars)
