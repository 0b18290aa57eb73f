"""Object identifiers: the same in define.xml and Dataset-JSON, so that the files fit together."""

from __future__ import annotations

import re

from sdtmflow.dataset import Dataset, ValueLevel, Variable, Where
from sdtmflow.study import Study

_NOT_FOR_OIDS = re.compile(r"[^A-Za-z0-9_.-]+")


def study_oid(study: Study) -> str:
    """The study."""
    return f"STDY.{clean(study.study)}"


def metadata_oid(study: Study) -> str:
    """The metadata version: the study's data at its cut-off, by its standards."""
    return f"MDV.{clean(study.study)}.SDTMIG.{study.standards.sdtmig}.{study.cutoff:%Y-%m-%d}"


def file_oid(study: Study, name: str) -> str:
    """One file of the package."""
    return f"{clean(study.study)}.{study.cutoff:%Y-%m-%d}.{name}"


def dataset_oid(dataset: Dataset) -> str:
    """A dataset (ItemGroupDef)."""
    return f"IG.{dataset.name}"


def variable_oid(dataset: Dataset, variable: Variable | str) -> str:
    """A variable (ItemDef)."""
    return f"IT.{dataset.name}.{variable if isinstance(variable, str) else variable.name}"


def value_oid(dataset: Dataset, variable: Variable, level: ValueLevel) -> str:
    """A variable under a condition (ItemDef of a value list)."""
    return f"{variable_oid(dataset, variable)}.{_where(level.where)}"


def where_oid(dataset: Dataset, where: Where) -> str:
    """The condition of a value level."""
    return f"WC.{dataset.name}.{_where(where)}"


def _where(where: Where) -> str:
    """``VSTESTCD.SYSBP``; comparators other than EQ are named."""
    parts = (
        ".".join(
            (check.variable, *((check.comparator,) * (check.comparator != "EQ")), *check.values)
        )
        for check in where
    )
    return clean(".".join(parts))


def clean(text: str) -> str:
    """The text with everything but letters, digits, ``_``, ``.`` and ``-`` made ``_``."""
    return _NOT_FOR_OIDS.sub("_", text)
