"""Make the carried tables from the published standards: run when a version is added.

    python -m sdtmflow.standards.extract ct PACKAGE.txt 2025-03-28
    python -m sdtmflow.standards.extract sdtmig VARIABLES.csv DATASETS.csv 3.4

``PACKAGE.txt`` is NCI EVS's SDTM terminology, the CSVs the variables and datasets of an SDTMIG
version as CDISC Library exports them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from sdtmflow.standards.facts import DATA, read_table
from sdtmflow.standards.nci import read_package

DATASETS = (
    *("CO", "DM", "SE", "SV", "CM", "EC", "EX", "AE", "CE", "DS", "DV", "MH"),
    *("EG", "FA", "IE", "LB", "PE", "QS", "SC", "VS", "TA", "TE", "TI", "TS", "TV"),
    *("RELREC", "SUPPQUAL"),
)

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
}
"""The IG's class → Define-XML's word for it."""


def extract_sdtmig(variables: Path, datasets: Path, version: str) -> None:
    """Write ``sdtmig-<version>-variables.csv`` and ``-datasets.csv`` of ``DATASETS``."""
    kept = pl.col("dataset").is_in(DATASETS)
    facts = read_table(variables).filter(kept)
    facts = facts.select(
        *("dataset", "variable", "label", "type", "role", "core", "order"),
        pl.col("codelist_codes").alias("codelists"),
        pl.col("described_value_domain").alias("described"),
    )
    _write(facts, DATA / f"sdtmig-{version}-variables.csv")
    reference = pl.col("class") == "Trial Design"
    repeating = ~reference & (pl.col("dataset") != "DM")
    facts = read_table(datasets).filter(kept)
    facts = facts.select(
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
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
