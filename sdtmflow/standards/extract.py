"""Make the carried tables from the published standards: run when a version is added.

    python -m sdtmflow.standards.extract ct PACKAGE.txt 2025-03-28
    python -m sdtmflow.standards.extract sdtmig VARIABLES.csv DATASETS.csv 3.4
    python -m sdtmflow.standards.extract sdtm MODEL.json NEWEST_MODEL.json 1.7

``PACKAGE.txt`` is NCI EVS's SDTM terminology, the CSVs the variables and datasets of an SDTMIG
version as CDISC Library exports them, ``MODEL.json`` an SDTM version as CDISC Library's API gives
it. What a variable may be used in stands in the newest model only, and holds for the older too.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from sdtmflow.standards.facts import DATA, read_table
from sdtmflow.standards.nci import read_package

MORE_CODELISTS = (
    # Not named by any variable of the IG, but by the values of TS, DM and findings.
    *("C66735", "C66785", "C66736", "C66739", "C66737", "C99076", "C99078", "C99077", "C66732"),
    *("C102580", "C128689", "C128690", "C100129", "C127259", "C127260", "C127261"),
    *("C76348", "C111108", "C170443"),
)

CLASSES = {
    "Special-Purpose": "SPECIAL PURPOSE",
    "Interventions": "INTERVENTIONS",
    "Events": "EVENTS",
    "Findings": "FINDINGS",
    "Findings About": "FINDINGS ABOUT",
    "Trial Design": "TRIAL DESIGN",
    "Relationship": "RELATIONSHIP",
    "Study Reference": "STUDY REFERENCE",
}
"""The IG's class → Define-XML's word for it."""


def extract_sdtmig(variables: Path, datasets: Path, version: str) -> None:
    """Write ``sdtmig-<version>-variables.csv`` and ``-datasets.csv``."""
    facts = read_table(variables).select(
        *("dataset", "variable", "label", "type", "role", "core", "order"),
        pl.col("codelist_codes").alias("codelists"),
        pl.col("described_value_domain").alias("described"),
    )
    _write(facts, DATA / f"sdtmig-{version}-variables.csv")
    reference = pl.col("class").is_in(["Trial Design", "Study Reference"])
    repeating = ~reference & (pl.col("dataset") != "DM")
    facts = read_table(datasets).select(
        "dataset",
        pl.col("dataset_label").alias("label"),
        pl.col("class").replace_strict(CLASSES),
        "structure",
        _yes_no(repeating).alias("repeating"),
        _yes_no(reference).alias("reference"),
    )
    _write(facts, DATA / f"sdtmig-{version}-datasets.csv")


def extract_ct(package: Path, version: str) -> None:
    """Write ``ct-<version>/``: the codelists that the carried datasets can need, all terms."""
    codes = [*MORE_CODELISTS, *_named_by_the_ig()]
    ct = read_package(package)
    folder = DATA / f"ct-{version}"
    folder.mkdir(exist_ok=True)
    _write(ct.codelists.filter(pl.col("code").is_in(codes)), folder / "codelists.csv")
    _write(ct.terms.filter(pl.col("codelist").is_in(codes)), folder / "terms.csv")


GENERAL = ("General Observations", "Interventions", "Events", "Findings", "Findings About")
"""The model's classes whose variables any dataset of a general observation class may have."""
_NEVER = "Not in human clinical trials"


def extract_model(model: Path, newest: Path, version: str) -> None:
    """Write ``sdtm-<version>.csv``: the variables that a general observation class may have."""
    limits = {key: row.get("usageRestrictions", "") for key, row in _of_model(newest)}
    rows = [
        {
            "class": CLASSES.get(cls, "GENERAL"),
            "variable": name,
            "label": row["label"],
            "type": row["simpleDatatype"],
            "role": row["role"],
            "only": _codes(limit) if "only" in limit.lower() else "",
            "never": _codes(limit) if limit.startswith("Not in") else "",
        }
        for (cls, name), row in _of_model(model)
        if not (limit := limits.get((cls, name), "")).startswith(_NEVER)
    ]
    _write(pl.DataFrame(rows), DATA / f"sdtm-{version}.csv")


def _of_model(file: Path) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    """Class and name → what the model says, in its order."""
    for cls in json.loads(file.read_bytes())["classes"]:
        if cls["name"] in GENERAL:
            for row in sorted(cls["classVariables"], key=lambda row: int(row["ordinal"])):
                yield (cls["name"], row["name"]), row


def _codes(limit: str) -> str:
    """The domains, or the class, that a restriction names."""
    named = re.findall(r"\b[A-Z]{2}\b", limit)
    return ";".join(named or [word for cls, word in CLASSES.items() if f"{cls} class" in limit])


def _named_by_the_ig() -> list[str]:
    tables = [read_table(path) for path in sorted(DATA.glob("sdtmig-*-variables.csv"))]
    named = pl.concat(tables)["codelists"].str.split(";").explode()
    return named.unique().sort().to_list()


def _write(facts: pl.DataFrame, path: Path) -> None:
    # A null is written as nothing, an empty text as a pair of quotes.
    facts.with_columns(pl.all().replace("", None)).write_csv(path)


def _yes_no(condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(pl.lit("Yes")).otherwise(pl.lit("No"))


def main(arguments: list[str]) -> None:
    """Dispatch the command line."""
    match arguments:
        case ["ct", package, version]:
            extract_ct(Path(package), version)
        case ["sdtmig", variables, datasets, version]:
            extract_sdtmig(Path(variables), Path(datasets), version)
        case ["sdtm", model, newest, version]:
            extract_model(Path(model), Path(newest), version)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
