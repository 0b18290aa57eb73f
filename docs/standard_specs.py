"""The page of the standard specs: which raw columns each reads, and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sdtmflow.mapping.planning.loading import standard_folder
from sdtmflow.mapping.planning.plan import BUILTIN
from sdtmflow.mapping.planning.references import reads
from sdtmflow.mapping.spec import DomainSpec, Line, RecordSet
from sdtmflow.mapping.values.conditions import names, parse
from sdtmflow.standards import sdtmig, terminology
from sdtmflow.standards.sdtmig import VERSIONS
from sdtmflow.standards.terminology import carried_versions
from sdtmflow.typed_yaml import load_yaml

_HEAD = """# Standard specs

What the standard specs read and make: name staged tables and columns so, and a study needs no spec
of its own. Table names are the lower-case domain; column names are CDASH's, in any letter case. A
table or column that no source delivers is left out. `mapping-specs.md` has the grammar.
"""


def standard_page() -> str:
    """Domain by domain: tables, columns, variables, codelists."""
    paths = sorted(standard_folder().glob("*.yaml"))
    return "\n".join([_HEAD, *(section(path) for path in paths)])


def section(path: Path) -> str:
    """One domain's spec as tables."""
    spec = load_yaml(path, DomainSpec)
    parts = [f"## {spec.domain}\n", _comment(path), *_links(spec)]
    for records in spec.record_sets():
        parts += [f"\n{_source(records)}\n", *_table(spec.domain, records.variables)]
    if spec.variables:
        parts += ["\nOn every record:\n", *_table(spec.domain, spec.variables)]
    if spec.supplemental:
        parts += [f"\nIn SUPP{spec.domain}:\n", *_table(spec.domain, spec.supplemental)]
    return "\n".join(parts) + "\n"


def _comment(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))


def _links(spec: DomainSpec) -> Iterator[str]:
    for link in spec.links:
        yield f"- `{link.from_}` names `{link.to}`"


def _source(records: RecordSet) -> str:
    name = f" (`{records.name}`)" if records.name else ""
    maker = "made by the engine" if records.from_.startswith(BUILTIN) else "table"
    said = [f"From {maker} `{records.from_}`{name}"]
    if records.unpivot:
        forms = ", ".join(f"`{form}`" for form in records.unpivot.columns.values())
        said.append(f"columns {forms} for {', '.join(records.unpivot.values)}")
    if records.where:
        read = dict.fromkeys(names(parse(records.where)))
        said.append(f"where `{records.where.strip()}` (reads {', '.join(read)})")
    return "; ".join(said) + ":"


def _table(domain: str, lines: dict[str, Line | None]) -> Iterator[str]:
    if lines:
        yield "| variable | reads | by | codelist |\n|---|---|---|---|"
    for name, line in lines.items():
        if line is not None:
            ways = list(line.alternatives())
            columns = dict.fromkeys(read.name for way in ways for read in reads(way))
            verbs = ", else ".join(dict.fromkeys(f"`{way.verb}`" for way in ways))
            shown = ", ".join(f"`{column}`" for column in columns)
            yield f"| {name} | {shown} | {verbs} | {_codelist(domain, name, line)} |"


def _codelist(domain: str, name: str, line: Line) -> str:
    if line.codelist or line.terms:
        return line.codelist or f"terms/{line.terms}.csv"
    guide = {v.name: v for v in sdtmig(VERSIONS[-1]).dataset(domain).variables}
    terms = terminology(carried_versions()[-1])
    codes = guide[name].codelists if name in guide else ()
    return " / ".join(terms.codelist(code).submission_value for code in codes if code in terms)
