"""What an upgrade of controlled terminology would change, counted on a small study."""

from __future__ import annotations

import polars as pl
import pytest

from sdtmflow.errors import StudyError
from sdtmflow.impact import Kind, Weight, assess

SEVERITY, OUTCOME, FREQ = "C66769", "C66768", "C71113"


def with_term(codelist: str, value: str, **changed: str):
    """Alters one term of a codelist."""
    at = (pl.col("codelist") == codelist) & (pl.col("submission_value") == value)
    return lambda terms: terms.with_columns(
        pl.when(at).then(pl.lit(new)).otherwise(pl.col(column)).alias(column)
        for column, new in changed.items()
    )


def without(**where: str):
    """Leaves out the rows that have all these values."""
    holds = pl.all_horizontal(pl.col(column) == value for column, value in where.items())
    return lambda table: table.filter(~holds)


def told(impact, kind: Kind):
    """Weight, where, value, becomes, records of the effects of a kind."""
    return [
        (each.weight.value, each.where, each.value, each.becomes, each.records)
        for each in impact.effects
        if each.kind is kind
    ]


def test_the_same_content_changes_nothing(upgrade):
    upgrade.collect(AESEV=["Mild", "Grade 2"])
    impact = upgrade.impact()
    assert impact.effects == ()
    assert impact.mapped
    assert {row.submission_value for row in impact.codelists} >= {"AESEV", "NY", "SEX", "UNIT"}
    assert not any(row.differs for row in impact.codelists)


def test_a_renamed_term_of_a_closed_codelist(upgrade):
    upgrade.collect(AESEV=["MILD", "Grade 1", "Severe"])
    upgrade.terms = with_term(SEVERITY, "MILD", submission_value="LIGHT")
    impact = upgrade.impact()
    assert told(impact, Kind.TERM) == [("breaks", "AE.AESEV", "MILD", "LIGHT", 2)]
    # "Grade 1" still is a synonym; "MILD" is no term any more, and is kept as collected.
    assert told(impact, Kind.RECORDS) == [("changes", "AE.AESEV", "MILD", "LIGHT", 1)]
    assert told(impact, Kind.FINDING) == [("breaks", "ae.AESEV", "MILD", "", 1)]
    (row,) = [row for row in impact.codelists if row.differs]
    assert (row.submission_value, row.renamed, row.used_by) == ("AESEV", 1, ("AE.AESEV",))


def test_a_synonym_that_is_no_more(upgrade):
    upgrade.collect(AESEV=["Grade 2", "Grade 2", "MODERATE"])
    upgrade.terms = with_term(SEVERITY, "MODERATE", synonyms="2")
    impact = upgrade.impact()
    assert told(impact, Kind.TERM) == []
    assert told(impact, Kind.RECORDS) == [("changes", "AE.AESEV", "MODERATE", "Grade 2", 2)]
    assert told(impact, Kind.FINDING) == [("breaks", "ae.AESEV", "Grade 2", "", 2)]
    (effect,) = [each for each in impact.effects if each.kind is Kind.RECORDS]
    assert effect.codelist == "AESEV"
    assert effect.places[0].startswith("sdtm_mappings/ae.yaml:")


def test_a_value_outside_that_becomes_a_term(upgrade):
    upgrade.collect(AESEV=["FATAL"])
    columns = ["codelist", "code", "submission_value", "synonyms", "preferred_term"]
    more = pl.DataFrame([(SEVERITY, "C4", "FATAL", "", "Fatal")], columns, orient="row")
    upgrade.terms = lambda terms: pl.concat([terms, more])
    impact = upgrade.impact()
    assert told(impact, Kind.TERM) == [("heals", "AE.AESEV", "FATAL", "", 1)]
    assert told(impact, Kind.FINDING) == [("heals", "ae.AESEV", "FATAL", "", 1)]
    assert told(impact, Kind.RECORDS) == []


def test_lines_of_a_terms_file_that_would_be_refused(upgrade):
    (upgrade.root / "terms/AESEV.csv").write_text(
        "collected,submission\nleicht,MILD\nmittel,MODERATE\n"
    )
    upgrade.collect(AESEV=["leicht"])
    upgrade.terms = without(codelist=SEVERITY, submission_value="MILD")
    impact = upgrade.impact()
    (refused,) = [each for each in impact.effects if each.kind is Kind.SPEC]
    assert (refused.weight, refused.places) == (Weight.BREAKS, ("terms/AESEV.csv:2",))
    assert refused.message == "'MILD' is no term of AESEV"
    (term,) = [each for each in impact.effects if each.kind is Kind.TERM]
    assert (term.value, term.records, term.places) == ("MILD", 1, ("terms/AESEV.csv:2",))


def test_a_codelist_that_is_no_more(upgrade):
    upgrade.collect(AESEV=["Mild", "Severe"])
    upgrade.codelists = without(code=SEVERITY)
    upgrade.terms = without(codelist=SEVERITY)
    impact = upgrade.impact()
    (gone,) = [each for each in impact.effects if each.kind is Kind.CODELIST]
    assert (gone.weight, gone.codelist, gone.value, gone.records) == (
        "breaks",
        "AESEV",
        SEVERITY,
        2,
    )
    assert ("changes", "AE.AESEV", "MILD", "Mild", 1) in told(impact, Kind.RECORDS)


def test_a_codelist_that_is_closed_turns_its_extensions_into_findings(upgrade):
    text = (upgrade.root / "study.yaml").read_text()
    assert "extends" not in text
    (upgrade.root / "mappings/ae.yaml").write_text(
        "version: 1\ndomain: AE\nextends: standard\nsupplemental:\n"
        "  AEFREQ: {label: Frequency, assign_ct: FREQ, codelist: FREQ}\n"
    )
    upgrade.collect(FREQ=["QD", "at dawn"])
    upgrade.codelists = lambda table: table.with_columns(
        extensible=pl.when(pl.col("code") == FREQ).then(pl.lit("No")).otherwise("extensible")
    )
    impact = upgrade.impact()
    assert told(impact, Kind.TERM) == [("breaks", "SUPPAE.AEFREQ", "at dawn", "", 1)]
    assert told(impact, Kind.FINDING) == [
        ("breaks", "ae.FREQ", "at dawn", "", 1),  # TERM_UNMAPPED comes
        ("heals", "ae.FREQ", "at dawn", "", 1),  # TERM_EXTENSION goes
    ]
    (row,) = [row for row in impact.codelists if row.submission_value == "FREQ"]
    assert row.extensible == "yes → no"


def test_a_codelist_that_is_renamed_leaves_its_terms_file_and_its_spec_lines_behind(upgrade):
    (upgrade.root / "terms/OUT.csv").write_text("collected,submission\ngut,RECOVERED/RESOLVED\n")
    (upgrade.root / "mappings/ae.yaml").write_text(
        "version: 1\ndomain: AE\nextends: standard\nvariables:\n"
        "  AESEV: {assign_ct: AESEV, codelist: AESEV}\n"
    )
    upgrade.collect(AESEV=["Mild"], AEOUT=["gut"])
    upgrade.codelists = lambda table: table.with_columns(
        pl.col("submission_value").replace({"AESEV": "SEVERITY", "OUT": "OUTCOME"})
    )
    impact = upgrade.impact()
    specs = {each.places: each.message for each in impact.effects if each.kind is Kind.SPEC}
    assert specs[("terms/OUT.csv",)] == "no line would use this terms file any more"
    assert "there is no codelist 'AESEV'" in specs[("mappings/ae.yaml:5",)]
    assert ("changes", "AE.AEOUT", "RECOVERED/RESOLVED", "gut", 1) in told(impact, Kind.RECORDS)
    assert told(impact, Kind.CODELIST) == [
        ("changes", "", "AESEV", "SEVERITY", 1),
        ("changes", "", "OUT", "OUTCOME", 1),
    ]


def test_records_that_move_keep_their_sequence_numbers(upgrade):
    (upgrade.root / "mappings/ae.yaml").write_text(
        "version: 1\ndomain: AE\nextends: standard\nkeys: [STUDYID, USUBJID, AESEV, AETERM]\n"
    )
    upgrade.collect(AESEV=["Grade 1", "Grade 3"])
    upgrade.terms = with_term(SEVERITY, "MILD", submission_value="VERY LIGHT")
    assert told(upgrade.impact(), Kind.RECORDS) == [
        ("changes", "AE.AESEV", "MILD", "VERY LIGHT", 1)
    ]


def test_without_data_specs_and_terms_files_are_looked_at(upgrade):
    (upgrade.root / "terms/AESEV.csv").write_text("collected,submission\nleicht,MILD\n")
    upgrade.terms = with_term(SEVERITY, "MILD", submission_value="LIGHT")
    impact = upgrade.impact()
    assert (impact.data, impact.mapped) == ("", False)
    assert told(impact, Kind.TERM) == [("breaks", "AE.AESEV", "MILD", "LIGHT", None)]
    assert [each.kind for each in impact.effects] == [Kind.SPEC, Kind.TERM]


def test_nothing_of_the_mapping_stays(upgrade):
    upgrade.collect(AESEV=["Mild"])
    upgrade.terms = with_term(SEVERITY, "MILD", submission_value="LIGHT")
    assert upgrade.impact().effects
    assert list((upgrade.root / "work").iterdir()) == []


def test_the_gravest_stands_first_and_twice_the_same_is_the_same(upgrade):
    upgrade.collect(AESEV=["Mild", "FATAL"], AEOUT=["Resolved", "Resolved"])
    upgrade.terms = lambda terms: with_term(OUTCOME, "RECOVERED/RESOLVED", code="C4", synonyms="")(
        with_term(SEVERITY, "MILD", submission_value="LIGHT")(terms)
    )
    impact = upgrade.impact()
    weights = [list(Weight).index(each.weight) for each in impact.effects]
    assert weights == sorted(weights)
    assert upgrade.impact() == impact


def test_a_version_that_is_not_here_is_told_with_the_command(upgrade):
    import datetime as dt

    with pytest.raises(
        StudyError, match="there is 2025-03-28; or import it: sdtmflow terms import"
    ):
        assess(upgrade.folder, dt.date(2030, 1, 1), upgrade.data)
