"""What a define.xml may say and a spec has no place for, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sdtmflow.dataset import Dataset, ValueLevel, Variable
from sdtmflow.define_lint import terms
from sdtmflow.define_lint.model import Define
from sdtmflow.define_spec.proposing import is_made
from sdtmflow.define_spec.reading import is_sayable
from sdtmflow.define_spec.standard import Standard
from sdtmflow.formats.define.notes import LANGUAGE
from sdtmflow.mapping.planning.plan import DESIGN_DATASETS


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A kind of content, how often it stands there, and why no spec says it."""

    what: str
    times: int
    why: str


def left_out(
    define: Define, datasets: tuple[Dataset, ...], standard: Standard
) -> Iterator[LeftOut]:
    """Every kind that the document has."""
    kinds = (*_of_datasets(datasets, standard), *_of_document(define), *_of_values(datasets))
    return (kind for kind in kinds if kind.times)


def _of_datasets(datasets: tuple[Dataset, ...], standard: Standard) -> Iterator[LeftOut]:
    design = sum(dataset.name in DESIGN_DATASETS for dataset in datasets)
    yield LeftOut("trial design datasets", design, "they are made from the design in study.yaml")
    supp = sum(dataset.name.startswith("SUPP") for dataset in datasets)
    made = sum(is_made(dataset, standard) for dataset in datasets)
    other = len(datasets) - design - supp - made
    guide = standard.guide.version
    why = f"SDTMIG {guide} does not have them, or they are parts of a domain by conditions unknown"
    yield LeftOut("further datasets", other, why)
    yield LeftOut("identifiers of SUPP-- datasets", supp, "they follow from the parent's records")
    types = [item.type for dataset in datasets for item in _items(dataset)]
    numbers = sum(kind in {"integer", "float"} for kind in types)
    yield LeftOut("lengths of numbers", numbers, "the data decide them")


def _of_values(datasets: tuple[Dataset, ...]) -> Iterator[LeftOut]:
    levels = [
        level
        for dataset in datasets
        if not dataset.name.startswith("SUPP")
        for variable in dataset.variables
        for level in variable.value_level
    ]
    own = sum(bool(level.expression) for level in levels)
    yield LeftOut("formal expressions of values", own, "a value has no line of its own")


def _items(dataset: Dataset) -> Iterator[Variable | ValueLevel]:
    for variable in dataset.variables:
        yield variable
        yield from variable.value_level


def _of_document(define: Define) -> Iterator[LeftOut]:
    methods = define.methods
    other = sum(one.context != LANGUAGE for method in methods for one in method.expressions)
    yield LeftOut("formal expressions of other languages", other, "specs have lines of their own")
    imputed = sum(method.type == "Imputation" for method in methods)
    yield LeftOut("methods of type Imputation", imputed, "sdtmflow imputes nothing")
    standards = max(0, len(define.standards) - 2)
    yield LeftOut("further standards", standards, "a study has one guide and one terminology")
    pages = {ref.leaf for ref in define.crf}
    documents = sum(leaf.oid not in pages for leaf in define.leaves)
    yield LeftOut("documents beside the CRF", documents, "the package makes its own documents")
    said = [one.comment for one in define.standards]
    said += [one.comment for one in define.codelists]
    said += [one.comment for one in define.where_clauses]
    comments = sum(map(bool, said))
    yield LeftOut(
        "comments on standards, codelists and conditions",
        comments,
        "specs comment on datasets and variables",
    )
    marks = sum(bool(dataset.no_data) for dataset in define.datasets)
    marks += sum(bool(ref.no_data) for ref in define.refs)
    yield LeftOut("marks of missing data", marks, "the data decide them")
    checks = [check for clause in define.where_clauses for check in clause.checks]
    unsayable = sum(not is_sayable(check) for check in checks)
    yield LeftOut("conditions without a known comparator and value", unsayable, "they say nothing")
    types = [one.type for item in define.items for one in item.origins]
    unknown = sum(kind not in terms.ORIGIN_TYPES[define.edition] for kind in types)
    yield LeftOut("origins of unknown types", unknown, "Define-XML has no such type")
    extra = len(define.extension_references)
    yield LeftOut("references of extensions (ARM, vendors)", extra, "they are not SDTM metadata")
