"""Raw data of real studies → a published bundle, compared with the SDTM published for them.

Mapped by specs alone; the README.md of each study says why each differing variable differs.
"""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from lxml import etree

from sdtmflow.bundle import BundleFacts, Code, InputFile, publish, verify
from sdtmflow.define_lint import lint
from sdtmflow.mapping import assemble, load_plan, map_partition, read_datasets
from sdtmflow.package.read_back import read_back
from sdtmflow.package.write import write_package
from sdtmflow.pipeline.keys import Recipe, key_of
from sdtmflow.sources.collect import collect
from sdtmflow.sources.report import read_collect_report
from sdtmflow.sources.stage import stage
from sdtmflow.store import Snapshots, Store, open_store
from sdtmflow.study import StudyFolder

DECLARED = {"DD1405", "DD1624"}
"""No annotated CRF is made of tables; the published data do not say which MedDRA coded them."""
HERE = Path(__file__).parent
REFERENCE = HERE.parents[1].parent / "shared" / "reference"
SCHEMA = REFERENCE / "schemas/define-2.1/cdisc-define-2.1/define2-1-0.xsd"


@dataclass(frozen=True)
class Golden:
    """How a dataset is compared: by its natural key, with the floor that it must reach."""

    keys: tuple[str, ...]
    records: int
    floor: float = 1.0
    differing: frozenset[str] = frozenset()
    """The variables that may differ; README.md gives the cause of each."""


@dataclass(frozen=True)
class Case:
    """A study folder here, and where its raw data and their published SDTM are kept."""

    folder: str
    raw: Path
    sdtm: Path
    datasets: dict[str, Golden]


PILOT = Case(
    "cdiscpilot",
    REFERENCE / "pharmaverse" / "raw",
    REFERENCE / "pharmaverse" / "sdtm",
    {
        "DM": Golden(("USUBJID",), 306, 0.954, frozenset({"BRTHDTC", "RFPENDTC"})),
        # AESEQ is no key: AESPID, by which the sponsor numbered, is not in the raw data.
        "AE": Golden(
            ("USUBJID", "AETERM", "AEDTC", "AEENDTC"),
            1191,
            0.965,
            frozenset({"AESPID", "AESEQ", "AESTDTC", "AESTDY"}),
        ),
        "SUPPAE": Golden(("USUBJID", "IDVARVAL", "QNAM"), 1191, 0.999, frozenset({"QVAL"})),
    },
)
COURSE = Case(
    "abc01",
    REFERENCE / "inputs" / "raw2sdtm" / "bootcamp_ABC-01",
    REFERENCE / "inputs" / "raw2sdtm" / "bootcamp_ABC-01" / "sdtm",
    {
        "DM": Golden(("USUBJID",), 8),
        "AE": Golden(("USUBJID", "AESEQ"), 10),
        "CM": Golden(("USUBJID", "CMSEQ"), 8),
        "DS": Golden(("USUBJID", "DSSEQ"), 24),
        "EX": Golden(("USUBJID", "EXSEQ"), 8),
        "LB": Golden(("USUBJID", "LBSEQ"), 48),
        "VS": Golden(("USUBJID", "VSSEQ"), 128),
        "SUPPAE": Golden(("USUBJID", "IDVARVAL", "QNAM"), 10),
    },
)


@pytest.fixture(scope="module", params=[PILOT, COURSE], ids=lambda case: case.folder)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    if not found.raw.is_dir():
        pytest.skip(f"NOT COMPARED with the published SDTM: {found.raw} is absent")
    return found


def test_every_dataset_reaches_its_share_of_equal_cells(case, bundle, capsys):
    shares = {name: compared(case, name, bundle) for name in case.datasets}
    with capsys.disabled():
        sys.stdout.write("".join(told(name, share) for name, share in shares.items()))
    for name, share in shares.items():
        golden = case.datasets[name]
        assert whole(share) >= golden.floor, name
        differing = set(share.filter(pl.col("equal") < pl.col("cells"))["variable"])
        assert differing <= golden.differing, name


def test_no_record_is_lost_or_invented(case, bundle):
    expected = {name: golden.records for name, golden in case.datasets.items()}
    assert {name: submitted(bundle, name).height for name in case.datasets} == expected


def test_the_bundle_is_whole_and_says_what_it_was_made_from(case, study, store, bundle):
    assert verify(store, study.study.study, bundle.name).faults == ()
    manifest = json.loads((bundle / "manifest.json").read_text())
    named = [file["name"].rpartition("/")[2] for file in manifest["inputs"]]
    assert named == sorted(path.name for path in case.raw.glob("*.csv"))
    assert list(bundle.glob("m5/datasets/*/tabulations/sdtm/define.xml"))


def test_define_xml_breaks_no_rule_but_those_that_are_declared(case, bundle):
    (define,) = bundle.glob("m5/datasets/*/tabulations/sdtm/define.xml")
    found = lint(define, define.parent).findings
    assert [f"{one.rule.id} {one.what}" for one in found if one.rule.id not in DECLARED] == []


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"NOT VALIDATED: the schema is absent ({SCHEMA})")
def test_define_xml_is_valid_against_the_schema(bundle):
    (define,) = bundle.glob("m5/datasets/*/tabulations/sdtm/define.xml")
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    assert schema.validate(etree.parse(define)), schema.error_log


def compared(case: Case, name: str, bundle: Path) -> pl.DataFrame:
    """variable, equal cells, cells; a record that the bundle lacks differs in every cell."""
    keys = case.datasets[name].keys
    published = pl.read_csv(case.sdtm / f"{name.lower()}.csv", infer_schema=False)
    made = submitted(bundle, name)
    missing = [column for column in published.columns if column not in made.columns]
    made = made.with_columns(pl.lit("").alias(column) for column in missing)
    numeric = [column for column in published.columns if made.schema[column] == pl.Float64]
    expected = as_text(published.with_columns(pl.col(numeric).cast(pl.Float64)))
    actual = as_text(made)
    pairs = numbered(expected, keys).join(
        numbered(actual.select(expected.columns), keys),
        on=[*keys, "_nth"],
        how="left",
        suffix="_actual",
        coalesce=False,
    )
    equal = [
        (column, int((pairs[column] == pairs[f"{column}_actual"]).fill_null(value=False).sum()))
        for column in expected.columns
    ]
    shares = pl.DataFrame(equal, schema=["variable", "equal"], orient="row")
    return shares.with_columns(cells=pl.lit(pairs.height))


def numbered(frame: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """With the record's number among those of the same key, in the order of the dataset."""
    return frame.with_columns(pl.int_range(pl.len()).over(keys).alias("_nth"))


def submitted(bundle: Path, name: str) -> pl.DataFrame:
    """A dataset of the bundle as an agency's reader sees it."""
    (path,) = bundle.glob(f"m5/datasets/*/tabulations/sdtm/{name.lower()}.xpt")
    frame, _ = pyreadstat.read_xport(path)
    return pl.from_pandas(frame, nan_to_null=True)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers without ``.0``; nothing as an empty text."""
    number = pl.col(pl.Float64).cast(pl.String).str.strip_suffix(".0")
    return frame.with_columns(number).fill_null("")


def whole(share: pl.DataFrame) -> float:
    return share["equal"].sum() / share["cells"].sum()


def told(name: str, share: pl.DataFrame) -> str:
    lines = [f"\n{name}: {whole(share):.2%} of {share['cells'].sum()} cells are equal\n"]
    for variable, equal, cells in share.rows():
        differ = f"  {cells - equal} of {cells} differ" if equal < cells else ""
        lines.append(f"  {variable:<8} {equal / cells:7.2%}{differ}\n")
    return "".join(lines)


@pytest.fixture(scope="module")
def study(case: Case, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The study folder with the real raw files laid into it."""
    root = tmp_path_factory.mktemp("golden") / case.folder
    shutil.copytree(HERE / case.folder, root)
    (root / "raw").mkdir()
    for path in case.raw.glob("*.csv"):
        shutil.copyfile(path, root / "raw" / path.name)
    return StudyFolder(root)


@pytest.fixture(scope="module")
def store(study: StudyFolder) -> Store:
    return open_store(study.study.store, study.root)


@pytest.fixture(scope="module")
def bundle(study: StudyFolder, store: Store) -> Path:
    """Raw files to bundle by the library's own steps."""
    collected = made(study, "collect")
    collect(study, "edc", Snapshots(store, study.work / "snapshots"), collected)
    plan = load_plan(study)
    mapped = []
    for site in study.study.sites:
        staged, partition = made(study, "stage", site), made(study, "map", site)
        stage(study.study, site, {"edc": collected}, staged)
        map_partition(plan, staged, site, partition)
        mapped.append(partition)
    assembled, package = made(study, "assemble"), made(study, "package")
    assemble(plan, mapped, assembled)
    datasets = read_datasets(assembled / "datasets.json")
    write_package(study.study, datasets, assembled, package)
    assert read_back(datasets, assembled, package) == []
    published = publish(store, study.study.study, package, facts(study, collected))
    return study.root / "store" / "bundles" / published.name


def made(study: StudyFolder, *names: str) -> Path:
    path = study.work.joinpath(*names)
    path.mkdir(parents=True)
    return path


def facts(study: StudyFolder, collected: Path) -> BundleFacts:
    report = read_collect_report(collected)
    recipe = Recipe.of(study)
    return BundleFacts(
        inputs_key=key_of("golden", delivery=report.key, specs=recipe.specs),
        run="golden",
        created="2015-03-05T00:00:00+00:00",
        inputs=tuple(
            InputFile(site="", source="edc", name=file.name, sha256=file.sha256, size=file.size)
            for file in report.files
        ),
        specs=recipe.specs,
        suites=recipe.suites,
        standards=recipe.standards,
        code=Code(version="test", sha256=key_of("code")),
        findings={},
    )
