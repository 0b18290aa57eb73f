"""The real CDISC pilot raw data, mapped by specs alone and compared with the published SDTM.

`cdiscpilot/README.md` says why each differing variable differs.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.mapping.assembling import assemble
from sdtmflow.mapping.engine import map_partition
from sdtmflow.mapping.planning import load_plan
from sdtmflow.sources.collect import collect
from sdtmflow.sources.stage import stage
from sdtmflow.store import Snapshots, open_store
from sdtmflow.study import StudyFolder

STUDY = Path(__file__).parent / "cdiscpilot"
REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference" / "pharmaverse"


@dataclass(frozen=True)
class Golden:
    """How a dataset is compared: by its natural key, with the floor that it must reach."""

    keys: tuple[str, ...]
    floor: float
    exact: frozenset[str] = frozenset()
    """Variables that must not differ in a single cell."""


GOLDEN = {
    "DM": Golden(
        ("USUBJID",),
        0.95,
        frozenset({"RFSTDTC", "RFENDTC", "RFXENDTC", "DTHDTC", "ARM", "ACTARM", "DMDY", "RACE"}),
    ),
    # AESEQ cannot be a key: AESPID, by which the sponsor numbered, is not in the raw data.
    "AE": Golden(
        ("USUBJID", "AETERM", "AEDTC", "AEENDTC"),
        0.96,
        frozenset({"AEDECOD", "AESEV", "AESER", "AEREL", "AEOUT", "AEDTC", "AEENDTC", "AEENDY"}),
    ),
    "SUPPAE": Golden(("USUBJID", "IDVARVAL", "QNAM"), 0.99),
}


def test_every_dataset_reaches_its_share_of_equal_cells(published, capsys):
    shares = {name: compared(name, published) for name in GOLDEN}
    with capsys.disabled():
        sys.stdout.write("".join(told(name, share) for name, share in shares.items()))
    for name, share in shares.items():
        assert whole(share) >= GOLDEN[name].floor, name
        differing = set(share.filter(pl.col("equal") < pl.col("cells"))["variable"])
        assert not differing & GOLDEN[name].exact, name


def told(name: str, share: pl.DataFrame) -> str:
    lines = [f"\n{name}: {whole(share):.2%} of {share['cells'].sum()} cells are equal\n"]
    for variable, equal, cells in share.rows():
        differ = f"  {cells - equal} of {cells} differ" if equal < cells else ""
        lines.append(f"  {variable:<8} {equal / cells:7.2%}{differ}\n")
    return "".join(lines)


def test_no_subject_and_no_event_is_lost(published):
    assert rows(published / "DM.parquet").height == 306
    assert rows(published / "AE.parquet").height == 1191
    assert rows(published / "SUPPAE.parquet").height == 1191


def compared(name: str, datasets: Path) -> pl.DataFrame:
    """variable, equal cells, cells — of the published dataset; a record that lacks differs."""
    golden = GOLDEN[name]
    expected = pl.read_csv(REFERENCE / "sdtm" / f"{name.lower()}.csv", infer_schema=False)
    actual = as_text(rows(datasets / f"{name}.parquet"))
    actual = actual.with_columns(
        pl.lit(None, pl.String).alias(column) for column in expected.columns if column not in actual
    )
    pairs = numbered(expected, golden.keys).join(
        numbered(actual.select(expected.columns), golden.keys),
        on=[*golden.keys, "_nth"],
        how="left",
        nulls_equal=True,
        suffix="_actual",
    )
    found = pairs["_there_actual"].fill_null(value=False)
    return pl.DataFrame(
        [
            (column, int((same(pairs, column, golden.keys) & found).sum()), pairs.height)
            for column in expected.columns
        ],
        schema=["variable", "equal", "cells"],
        orient="row",
    )


def same(pairs: pl.DataFrame, column: str, keys: tuple[str, ...]) -> pl.Series:
    other = column if column in keys else f"{column}_actual"
    return pairs[column].fill_null("") == pairs[other].fill_null("")


def numbered(frame: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """With the record's number among those of the same key, in the order of the dataset."""
    nth = pl.int_range(pl.len()).over(keys).alias("_nth")
    return frame.with_columns(nth, pl.lit(value=True).alias("_there"))


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers as SDTM shows them: ``63``, not ``63.0``."""
    number = pl.col(pl.Float64).cast(pl.String).str.strip_suffix(".0")
    return frame.with_columns(number)


def whole(share: pl.DataFrame) -> float:
    return share["equal"].sum() / share["cells"].sum()


def rows(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study folder with the real raw files laid into it."""
    if not REFERENCE.is_dir():
        pytest.skip(f"NOT COMPARED with the CDISC pilot: {REFERENCE} is absent")
    root = tmp_path_factory.mktemp("pilot") / "cdiscpilot"
    shutil.copytree(STUDY, root)
    (root / "raw").mkdir()
    for path in (REFERENCE / "raw").glob("*.csv"):
        shutil.copy(path, root / "raw" / path.name)
    return root


@pytest.fixture(scope="module")
def published(study: Path) -> Path:
    """Raw files to SDTM datasets by the library's own steps."""
    folder = StudyFolder(study)
    made = {step: study / "work" / step for step in ("collect", "stage", "map", "assemble")}
    for path in made.values():
        path.mkdir(parents=True)
    collect(folder, "edc", Snapshots(open_store("store", study), study / "cache"), made["collect"])
    stage(folder.study, "ALL", {"edc": made["collect"]}, made["stage"])
    plan = load_plan(folder)
    map_partition(plan, made["stage"], "ALL", made["map"])
    assemble(plan, [made["map"]], made["assemble"])
    return made["assemble"]
