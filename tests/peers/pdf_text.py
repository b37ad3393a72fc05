"""An outside reader of PDF: what figures say can be read, searched and copied, and they need no font of a machine.

Every figure of three scenarios (a run, a cohort, a trial: courses, survival, lives, differences, a network,
power, funnels) is read by pypdf. It must have one page of the size of its SVG to 0.01 mm, every text of the
SVG as text, and outlines of TrueType for every font that it names.
"""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target/release/gutbrain"
RUNS = [
    ["run", "scenarios/butyrate-g93a.toml"],
    ["run", "scenarios/butyrate-g93a-cohort.toml", "--set", "cohort.subjects=12"],
    ["trial", "scenarios/trials/butyrate-trial.toml", "--set", "trial.pool=100", "--set", "trial.replicates=100"],
]
SVG = "{http://www.w3.org/2000/svg}"
POINTS = 72 / 25.4


def squeezed(text):
    """Without spaces: where a line is broken is not part of its text."""
    return "".join(text.split())


def problems(svg, pdf):
    """What is wrong with one figure."""
    reader = PdfReader(pdf)
    if len(reader.pages) != 1:
        yield f"{len(reader.pages)} pages"
        return
    page = reader.pages[0]
    drawn = xml.parse(svg).getroot()
    for name, length in (("width", page.mediabox.width), ("height", page.mediabox.height)):
        wanted = float(drawn.get(name).removesuffix("mm"))
        if abs(float(length) / POINTS - wanted) > 0.01:
            yield f"{name}: {float(length) / POINTS} mm, {wanted} mm as SVG"
    said = squeezed(page.extract_text())
    turned = squeezed(page.extract_text(orientations=(90, 270)))
    for element in drawn.iter(f"{SVG}text"):
        words = squeezed(element.text or "")
        if words not in said and words not in turned:
            yield f"`{element.text}` cannot be found"
    for name, font in page["/Resources"]["/Font"].items():
        descendant = font["/DescendantFonts"][0].get_object()
        if "/FontFile2" not in descendant["/FontDescriptor"] or "/ToUnicode" not in font:
            yield f"font {name} is not inside"


def main():
    figures, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for number, arguments in enumerate(RUNS):
            target = Path(folder) / str(number)
            command = [PROGRAM, *arguments, "--quiet", "--output", target]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            drawn = sorted((target / "figures").glob("*.svg"))
            assert drawn, f"no figures of {arguments}"
            for svg in drawn:
                figures += 1
                wrong += [f"{arguments[1]} {svg.stem}: {it}" for it in problems(svg, svg.with_suffix(".pdf"))]
    for line in wrong:
        print(line)
    print(f"{figures} figures read, {len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
