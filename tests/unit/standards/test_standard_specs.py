"""The standard specs against the guides that they implement, before any study is there."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from sdtmflow.mapping import load_plan
from sdtmflow.mapping.planning.borrowing import borrowable
from sdtmflow.mapping.spec import DomainSpec
from sdtmflow.standards import sdtmig, terminology
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import load_yaml

FOLDER = Path(__file__).parents[3] / "sdtm_mappings"
SPECS = {path.stem.upper(): load_yaml(path, DomainSpec) for path in sorted(FOLDER.glob("*.yaml"))}
ENGINES_OWN = {"STUDYID", "DOMAIN", "USUBJID"}
OF_WHOLE_DATASETS = {"RELTYPE"}
"""Says how two datasets relate; empty where single records do."""
ENGINES_OWN_IN_DM = {*ENGINES_OWN, "SUBJID", "SITEID"}

with (FOLDER / "units.csv").open(newline="") as file:
    UNITS = list(csv.DictReader(file))


def variables(spec: DomainSpec) -> set[str]:
    own = ENGINES_OWN_IN_DM if spec.domain == "DM" else ENGINES_OWN
    own = own & {v.name for v in sdtmig("3.4").dataset(spec.domain).variables}
    return {*own, *spec.variables, *(name for r in spec.records for name in r.variables)}


def test_every_domain_of_the_demo_has_a_standard_spec():
    assert set(SPECS) >= {"DM", "AE", "CM", "MH", "EX", "DS", "VS", "LB", "SE", "SV"}


def test_a_standard_spec_is_of_a_dataset_of_the_guide():
    assert set(SPECS) <= set(sdtmig("3.4").datasets)


@pytest.mark.parametrize("domain", SPECS)
def test_a_file_is_named_by_its_domain(domain):
    assert SPECS[domain].domain == domain


@pytest.mark.parametrize("domain", SPECS)
def test_every_required_and_expected_variable_is_covered(domain):
    # The specs are written to 3.4; what 3.3 alone knows (LBSTREFC) is no part of them.
    facts = {v.name: v for v in sdtmig("3.4").dataset(domain).variables}
    needed = {name for name, v in facts.items() if v.core != "Perm"} - OF_WHOLE_DATASETS
    assert needed - variables(SPECS[domain]) == set()
    older = {v.name for v in sdtmig("3.3").dataset(domain).variables if v.core != "Perm"}
    assert (older & facts.keys()) - OF_WHOLE_DATASETS - variables(SPECS[domain]) == set()


@pytest.mark.parametrize("domain", SPECS)
def test_no_variable_is_unknown_to_the_guide_and_its_model(domain):
    guide = sdtmig("3.4")
    known = {v.name for v in guide.dataset(domain).variables}
    assert variables(SPECS[domain]) - known <= borrowable(guide, guide.dataset(domain))


@pytest.mark.parametrize("domain", SPECS)
def test_keys_are_variables_of_the_domain_and_begin_with_the_subject(domain):
    keys = SPECS[domain].keys
    assert keys[:2] == ["STUDYID", "USUBJID"]
    assert set(keys) <= variables(SPECS[domain])


def test_units_are_submission_values_and_tests_are_test_codes():
    ct = terminology(dt.date(2025, 3, 28))
    units = {term.submission_value for term in ct.codelist("UNIT").terms}
    tests = {
        t.submission_value for name in ("VSTESTCD", "LBTESTCD") for t in ct.codelist(name).terms
    }
    assert {row["test"] for row in UNITS} <= tests
    assert {row[end] for row in UNITS for end in ("from", "to")} <= units


def test_vital_signs_units_are_in_the_codelist_of_vital_signs():
    ct = terminology(dt.date(2025, 3, 28))
    vital = {term.submission_value for term in ct.codelist("VSTESTCD").terms}
    allowed = {term.submission_value for term in ct.codelist("VSRESU").terms}
    rows = [row for row in UNITS if row["test"] in vital]
    assert rows
    assert {row[end] for row in rows for end in ("from", "to")} <= allowed


def test_a_test_has_one_standard_unit_which_stays_as_it_is():
    standard: dict[str, set[str]] = {}
    for row in UNITS:
        standard.setdefault(row["test"], set()).add(row["to"])
    assert all(len(units) == 1 for units in standard.values())
    same = {row["test"]: row for row in UNITS if row["from"] == row["to"]}
    assert same.keys() == standard.keys()
    assert all((row["factor"], row["offset"]) == ("1", "0") for row in same.values())


@pytest.mark.parametrize(
    ("test", "unit", "value", "standard"),
    [
        ("TEMP", "F", "98.6", "37.0"),
        ("TEMP", "F", "32", "0.0"),
        ("WEIGHT", "LB", "154", "69.9"),
        ("HEIGHT", "in", "70", "177.8"),
        ("GLUC", "mg/dL", "90", "5.0"),
        ("CHOL", "mg/dL", "200", "5.17"),
        ("CREAT", "mg/dL", "1.0", "88"),
        ("BILI", "mg/dL", "1.0", "17.1"),
        ("HGB", "g/dL", "14.0", "140"),
        ("HCT", "%", "44", "0.440"),
        ("ALT", "ukat/L", "0.5", "30.0"),
    ],
)
def test_a_factor_gives_the_textbook_value(test, unit, value, standard):
    (row,) = [row for row in UNITS if row["test"] == test and row["from"] == unit]
    exact = Decimal(value) * Decimal(row["factor"]) + Decimal(row["offset"])
    assert round(exact, int(row["decimals"])) == Decimal(standard)


@pytest.mark.parametrize("guide", ["3.3", "3.4"])
def test_a_study_without_specs_of_its_own_is_planned_under_either_guide(tmp_path, guide):
    template = Path(__file__).parents[3] / "cli/template"
    study = (template / "study.yaml").read_text(encoding="utf-8")
    assert 'sdtmig: "3.4"' in study
    (tmp_path / "study.yaml").write_text(study.replace('sdtmig: "3.4"', f'sdtmig: "{guide}"'))
    assert load_plan(StudyFolder(tmp_path)).domains
