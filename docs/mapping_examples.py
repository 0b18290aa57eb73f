"""The examples of the mapping reference: shown in the manual, run by tests/spec.

``docs/examples/mapping/<verb>.yaml`` holds the examples of one verb, or of one key of a record set.
"""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from sdtmflow.typed_yaml import Strict

FOLDER = Path(__file__).parent / "examples" / "mapping"


class Example(Strict):
    """Tables in, tables out."""

    says: str
    lines: str = ""
    """Lines for ``variables`` of CM's spec, which reads the table ``cm`` by CMTRT."""
    spec: str = ""
    """The whole spec of the first dataset that it gives, where that is not CM."""
    supplemental: str = ""
    visits: str = ""
    """The ``visits`` of study.yaml, where others than those of the shared study."""
    terms: dict[str, str] = {}
    functions: str = ""
    raw: dict[str, str]
    gives: dict[str, str]
    """Dataset → table of some of its variables, all of its records."""
    findings: str = ""
    """Rule, subject, variable and value of every finding; blank: there are none."""


def examples() -> dict[str, tuple[Example, ...]]:
    """Topic → its examples, by the names of the files."""
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        listed = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        found[path.stem] = tuple(Example.model_validate(example) for example in listed)
    return found


def shown(example: Example) -> str:
    """The example as Markdown: what the spec says, the tables in, the tables out."""
    parts = [example.says]
    if example.visits:
        parts.append(_code(f"# study.yaml\nvisits:\n{_indented(example.visits)}"))
    parts += [_code(f"# terms/{name}.csv\n{text}", "") for name, text in example.terms.items()]
    if example.functions:
        parts.append(_code(f"# mappings/derivations.py\n{example.functions}", "python"))
    parts += [_code(text) for text in (example.spec, _of_cm(example)) if text]
    parts += [f"Raw table `{name}`:\n\n{_table(text)}" for name, text in example.raw.items()]
    parts += [f"gives {name}:\n\n{_table(text)}" for name, text in example.gives.items()]
    if example.findings:
        parts.append(f"with the findings:\n\n{_table(example.findings)}")
    return "\n\n".join(parts)


def _of_cm(example: Example) -> str:
    """What stands in cm.yaml beside the beginning that all examples share."""
    blocks = {"variables": example.lines, "supplemental": example.supplemental}
    shown = [f"{key}:\n{_indented(lines)}" for key, lines in blocks.items() if lines]
    place = ["# mappings/cm.yaml"] if shown and example.spec else []
    return "\n".join([*place, *shown])


def _code(text: str, language: str = "yaml") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines())


def _table(text: str) -> str:
    head, *rows = text.strip().splitlines()
    rule = "|" + "---|" * (head.strip().strip("|").count("|") + 1)
    return "\n".join((head.strip(), rule, *(row.strip() for row in rows)))
