"""Pages of docs/ that are measured on the model: hub test, ceiling, dose curves, single changes.

python3 tests/model/pages.py PROGRAM MODEL [--check] [PAGE ...] writes them, or with --check compares them and writes
nothing. Needs Python 3.11 and the program; nothing else.
"""

import os
import sys

import ceiling
import changes
import doses
import hub
from lives import Program

PAGES = {"hub": hub, "ceiling": ceiling, "dose-curves": doses, "single-changes": changes}
DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
HOW = "\nThis page is measured: `tests/model/run` writes it, `tests/model/run --check` compares it.\n"


def main():
    words = [it for it in sys.argv[1:] if it != "--check"]
    check = "--check" in sys.argv[1:]
    program, stale = Program(*words[:2]), []
    for name in words[2:] or PAGES:
        title, _, rest = PAGES[name].page(program).partition("\n")
        text = f"{title}\n{HOW}{rest}"
        path = os.path.join(DOCS, f"{name}.md")
        if not check:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            continue
        with open(path, encoding="utf-8") as file:
            if file.read() != text:
                stale.append(f"docs/{name}.md")
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}: run tests/model/run")


if __name__ == "__main__":
    main()
