"""Makes the subset fonts of this folder from the Inter OpenType files (see README.md).

usage: python3 make.py FOLDER_WITH_INTER_OTF_FILES      (needs: pip install fonttools brotli)
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

# Latin-1 and a few letters, Greek, dashes and quotes, super- and subscripts, arrows, mathematics,
# and the signs for the events in figures.
CHARACTERS = """
0020-007E 00A0-00FF 0131 0152-0153 02C6-02C7 0370-03FF 2010-2015 2018-201E 2020-2022 2026 2030
2032-2033 2039-203A 2044 2070-2071 2074-208E 2090-209C 20AC 2126 2190-2199 21D0-21D4 2202 2206 220F
2211-2213 2215 2219-221A 221E 222B 2248 2260-2261 2264-2265 22C5 25B2-25B3 25BC-25BD 25CB 25CF
2713 2717
"""
STYLES = ["Regular", "SemiBold", "Italic"]


def code_points():
    for item in CHARACTERS.split():
        first, _, last = item.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def to_quadratic(font):
    """Replaces the cubic CFF outlines by quadratic TrueType ones, within one font unit."""
    order, glyph_set, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(glyph_set)
        glyph_set[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    if "VORG" in font:
        del font["VORG"]
    font["glyf"].compile(font)
    for name, glyph in glyphs.items():
        if hasattr(glyph, "xMin"):
            font["hmtx"][name] = (font["hmtx"][name][0], glyph.xMin)
    maxp = font["maxp"]
    maxp.tableVersion, maxp.numGlyphs = 0x00010000, len(order)
    for key in (
        "maxTwilightPoints maxStorage maxFunctionDefs maxInstructionDefs maxStackElements "
        "maxSizeOfInstructions maxComponentElements"
    ).split():
        setattr(maxp, key, 0)
    maxp.maxZones = 1
    maxp.compile(font)
    post = font["post"]
    post.formatType, post.extraNames, post.mapping, post.glyphOrder = 2.0, [], {}, order
    del font["CFF "]
    font.sfntVersion = "\000\001\000\000"


def main(folder):
    for style in STYLES:
        font = TTFont(Path(folder) / f"Inter-{style}.otf", recalcTimestamp=False)
        to_quadratic(font)
        options = subset.Options()
        options.layout_features = []  # no kerning, no ligatures: measured width = drawn width
        options.hinting = False
        options.notdef_outline = True
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "meta"]
        options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=list(code_points()))
        subsetter.subset(font)
        font.save(f"Inter-{style}.ttf")
        font.flavor = "woff2"
        font.save(f"Inter-{style}.woff2")


if __name__ == "__main__":
    main(sys.argv[1])
