"""The report's colours, light and dark: text is to be read (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

import sdtmflow.report

_FOLDER = Path(sdtmflow.report.__file__).parent
_SHEETS = [(_FOLDER / name).read_text(encoding="utf-8") for name in ("report.css", "findings.css")]
_VARIABLE = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})")
TEXTS = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("paper", "ground", "head")),
    *((name, f"{name}-soft") for name in ("critical", "major", "minor", "good")),
    *((name, "paper") for name in ("critical", "major", "minor", "good", "none")),
    *((("ink"), f"{name}-soft") for name in ("critical", "major", "good", "accent")),
    *((name, "accent-soft") for name in ("soft", "accent")),
    *(("heat-low", f"heat{level}") for level in (1, 2, 3)),
    *(("heat-high", f"heat{level}") for level in (4, 5)),
    *((ink, "marked") for ink in ("ink", "soft")),
]
GRAPHICS = [
    *((f"{severity}-mark", "paper") for severity in ("critical", "major", "minor")),
    *(("edge", ground) for ground in ("paper", "ground")),
    *(("focus", ground) for ground in ("paper", "ground", "head")),
]


def colours(scheme):
    light, dark = {}, {}
    for sheet in _SHEETS:
        begin, _, rest = sheet.partition("@media screen and (prefers-color-scheme: dark)")
        light |= dict(_VARIABLE.findall(begin))
        dark |= dict(_VARIABLE.findall(rest))
    return light if scheme == "light" else light | dark


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white():
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("least", "pairs"), [(4.5, TEXTS), (3, GRAPHICS)])
def test_colours_stand_out(scheme, least, pairs):
    found = colours(scheme)
    ratios = {pair: round(contrast(found[pair[0]], found[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


def test_dark_replaces_every_colour():
    """A colour that only the light scheme has would stand in the dark by accident."""
    dark = _VARIABLE.findall(_SHEETS[1].partition("prefers-color-scheme: dark")[2])
    assert set(colours("light")) == {name for name, _ in dark}
