"""A study whose forms follow CDASH, mapped by the standard specs alone: every cell as expected.

`cdash/raw` holds one table a form, `cdash/sdtm` what SDTMIG 3.4 asks for: a death, a screening
failure, a subject assigned and not treated, one never assigned; doses in tablets of which one was
not taken; examinations and laboratory tests not done; several races, in a list and in columns; an
age derived; partial dates; a link that leads nowhere.
"""

from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from sdtmflow.define_lint import lint
from sdtmflow.mapping import assemble, load_plan, map_partition
from sdtmflow.package import write_package
from sdtmflow.study import StudyFolder

STUDY = Path(__file__).parent / "cdash"
SCHEMA = (
    STUDY.parents[2].parent / "shared/reference/schemas/define-2.1/cdisc-define-2.1/define2-1-0.xsd"
)
DECLARED = {
    "DD1405": "no annotated CRF is made of tables",
    "DD1624": "the study names no versions of dictionaries",
    "DD1304": "its visits have no start rule",
    "DD1912": "its visits have no start rule",
    "DD1916": "an outcome was not mapped, which is a finding",
}
EXPECTED = sorted(path.stem for path in (STUDY / "sdtm").glob("*.csv"))


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False).with_columns(pl.all().replace("", None))


def as_text(value: object) -> str | None:
    return (
        str(int(value)) if isinstance(value, float) and value.is_integer() else value and str(value)
    )


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cdash")
    tables, out = root / "staged", root / "mapped"
    tables.mkdir()
    out.mkdir()
    for path in sorted((STUDY / "raw").glob("*.csv")):
        lineage = {"_source": "edc", "_site": "01", "_file": path.name, "_place": ""}
        read(path).with_columns(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("_row"),
            pl.col("SUBJID").alias("_subject"),
            *(pl.lit(text).alias(name) for name, text in lineage.items()),
        ).write_parquet(tables / path.with_suffix(".parquet").name)
    map_partition(load_plan(StudyFolder(STUDY)), tables, "01", out)
    return out


def test_the_datasets_are_those_whose_forms_were_delivered(mapped):
    assert sorted(path.stem for path in mapped.glob("*.parquet")) == EXPECTED


@pytest.mark.parametrize("name", EXPECTED)
def test_every_cell_is_as_the_guide_asks(mapped, name):
    expected = read(STUDY / "sdtm" / f"{name}.csv")
    made = pl.read_parquet(mapped / f"{name}.parquet").select(expected.columns)
    rows = [tuple(map(as_text, row)) for row in made.iter_rows()]
    if name == "findings":
        rows = list(dict.fromkeys(rows))
    assert rows == expected.rows()


@pytest.mark.parametrize("name", [name for name in EXPECTED if name != "findings"])
def test_what_is_not_expected_is_empty(mapped, name):
    made = pl.read_parquet(mapped / f"{name}.parquet")
    others = set(made.columns) - set(read(STUDY / "sdtm" / f"{name}.csv").columns)
    others = {column for column in others if not column.startswith("_")} - {"STUDYID", "DOMAIN"}
    assert [column for column in sorted(others) if made[column].null_count() < made.height] == []


@pytest.fixture(scope="module")
def define(mapped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cdash_package")
    data, package = root / "data", root / "package"
    data.mkdir()
    study = StudyFolder(STUDY)
    datasets = assemble(load_plan(study), [mapped], data)
    write_package(study.study, datasets, data, package)
    return next(package.rglob("define.xml"))


def test_define_xml_breaks_no_rule_but_those_that_are_declared(define):
    found = lint(define, define.parent).findings
    told = [f"{one.rule.id} {one.what}" for one in found if one.rule.id not in DECLARED]
    assert told == [], "\n".join(told)


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"NOT VALIDATED: the schema is absent ({SCHEMA})")
def test_define_xml_is_valid_against_the_schema(define):
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    assert schema.validate(etree.parse(define)), schema.error_log
