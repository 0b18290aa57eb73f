"""The page of the datasets: which are carried, in which SDTMIG, and which have a standard spec."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.dataset import CLASSES
from sdtmflow.mapping.planning.loading import standard_folder
from sdtmflow.mapping.planning.plan import DESIGN_DATASETS
from sdtmflow.standards import sdtmig
from sdtmflow.standards.model import GENERAL_CLASSES
from sdtmflow.standards.sdtmig import VERSIONS, DatasetFacts
from sdtmflow.standards.terminology import carried, carried_versions

_HEAD = """# Datasets

Every dataset of SDTMIG {versions} is carried: its label, class and structure, and of every variable
the label, type, role, core, order and codelists. What a general observation class may have beside
the variables that the SDTMIG lists comes from the SDTM itself.

How each is made:

- **standard spec**: a study whose forms follow CDASH needs no spec of its own
  ([what they read](standard-specs.md));
- **own spec**: the study's spec says where the variables come from
  ([add a domain](../how-to/add-a-domain.md));
- **trial design**: `design` of study.yaml ([how](../how-to/describe-the-trial-design.md));
- **parent's spec**: qualifiers stand under `supplemental` there (SUPPAE, SUPPFAAE);
- **not made**: holds no subjects' data, and `design` has no words for it yet.

A domain that is not here (a sponsor's XA or ZC) says `class:` and `label:` in its spec. A dataset
that is split (QSPH, FAAE, LBCH) stands under `datasets:` of its domain's spec. Associated persons
(AP--) are not made.

## Controlled terminology

Of SDTM CT {ct}, {codelists} codelists are carried, with all {terms} terms: those that any
variable of these datasets names, and those of trial summary parameters. The codelists of single
questionnaires, functional tests and clinical classifications (several hundred) are not:
[`sdtmflow terms import`](../how-to/upgrade-controlled-terminology.md) takes in the whole package.
"""
_COLUMNS = "| dataset | label | SDTMIG | variables | made from |\n|---|---|---|---|---|"


def datasets_page() -> str:
    """The datasets of all carried versions, class by class."""
    version = carried_versions()[-1]
    package = carried(version)
    assert package is not None  # noqa: S101 — it is one of the carried versions
    head = _HEAD.format(
        versions=" and ".join(VERSIONS),
        ct=version,
        codelists=f"{package.codelists.height:,}",
        terms=f"{package.terms.height:,}",
    )
    return "\n".join([head, *(_section(cls) for cls in CLASSES if any(_of(cls)))])


def _section(cls: str) -> str:
    note = " A study may add domains of its own." if cls in GENERAL_CLASSES else ""
    return "\n".join(
        [f"## {cls}\n", *([note.strip() + "\n"] if note else []), _COLUMNS, *_of(cls), ""]
    )


def _of(cls: str) -> Iterator[str]:
    """A row a dataset, by its newest guide."""
    guides = {version: sdtmig(version).datasets for version in VERSIONS}
    names = {name for datasets in guides.values() for name in datasets}
    for name in sorted(names):
        there = [version for version, datasets in guides.items() if name in datasets]
        facts = guides[there[-1]][name]
        if facts.cls == cls:
            counts = ", ".join(str(len(guides[version][name].variables)) for version in there)
            shown = "SUPP--" if name == "SUPPQUAL" else name
            yield f"| {shown} | {facts.label} | {', '.join(there)} | {counts} | {_made(facts)} |"


def _made(facts: DatasetFacts) -> str:
    if facts.name in DESIGN_DATASETS:
        return "trial design"
    if facts.name == "SUPPQUAL":
        return "parent's spec"
    if facts.reference:
        return "not made"
    has_standard = (standard_folder() / f"{facts.name.lower()}.yaml").is_file()
    return "standard spec" if has_standard else "own spec"
