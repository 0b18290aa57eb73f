"""Each kind of drift planted in a second delivery of a site: it is found, and nothing else."""

from __future__ import annotations

import pytest


def test_the_same_delivery_again_has_not_changed(trial):
    told = trial.compare()
    assert told.rules == []
    assert told.site.total("gone") == told.site.total("new") == told.site.total("changed") == 0
    assert (told.site.subjects_before, told.site.subjects_after) == (40, 40)


def test_a_delivery_that_only_grows_is_no_drift(trial, grown):
    grown(trial.now)
    trial.now["ae"][3]["AETERM"] = "Nausea"
    trial.last["ae"][3]["AETERM"] = ""  # completed since
    told = trial.compare()
    assert told.rules == []
    assert told.site.subjects_new == 10
    assert told.site.total("new") == 10 + 50 + 200
    assert told.site.total("values_completed") == 1


def test_the_order_of_records_does_not_matter(trial):
    for rows in trial.now.values():
        rows.reverse()
    assert trial.compare().rules == []


def test_a_subject_that_is_gone_is_told_once(trial):
    trial.now = {
        table: [row for row in rows if row["SUBJID"] != "007"] for table, rows in trial.now.items()
    }
    told = trial.compare()
    (finding,) = told.frame.to_dicts()
    assert (finding["rule"], finding["severity"]) == ("DRIFT_SUBJECT_GONE", "critical")
    assert (finding["subject"], finding["record_key"]) == ("007", "SUBJID=007")
    assert told.site.subjects_gone == 1
    assert told.site.total("gone") == 1 + 2 + 4 + 4


def test_a_changed_value_names_its_record_and_keeps_the_values_out_of_the_message(trial):
    trial.now["ae"][51]["AETERM"] = "Zebrafish bite"
    trial.now["dm"][2]["SEX"] = ""
    told = trial.compare()
    (changed,), (removed,) = told.of("DRIFT_VALUE_CHANGED"), told.of("DRIFT_VALUE_REMOVED")
    assert changed["record_key"] == "SUBJID=026|AESPID=2"
    assert (changed["dataset"], changed["variable"], changed["row"]) == ("ae", "AETERM", 52)
    assert changed["value"].endswith(" → Zebrafish bite")
    assert (removed["record_key"], removed["variable"]) == ("SUBJID=003", "SEX")
    assert not any("Zebrafish" in text for text in told.frame["message"])
    assert len(told.frame) == 2
    assert told.site.total("changed") == told.site.total("values_changed") == 2


def test_a_record_that_is_gone_is_named(trial):
    del trial.now["vs"][5]
    (finding,) = trial.compare().frame.to_dicts()
    assert (finding["rule"], finding["severity"]) == ("DRIFT_RECORD_GONE", "major")
    assert finding["record_key"] == "SUBJID=002|VISIT=VISIT 2"


def test_many_gone_records_are_one_finding(trial):
    trial.now["vs"] = trial.now["vs"][:80]
    told = trial.compare(one_by_one=20)
    (finding,) = told.frame.to_dicts()
    assert finding["rule"] == "DRIFT_RECORDS_GONE"
    assert finding["message"].startswith("80 of 160 records")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda value: f"{float(value) * 10:.0f}", ": 10 times each"),
        (lambda value: f"{value}0", ": the same numbers, written otherwise"),
    ],
)
def test_a_column_that_was_changed_all_over_is_one_finding(trial, change, words):
    for row in trial.now["vs"]:
        row["WEIGHT"] = change(row["WEIGHT"])
    (finding,) = trial.compare().frame.to_dicts()
    assert (finding["rule"], finding["variable"]) == ("DRIFT_COLUMN_CHANGED", "WEIGHT")
    assert finding["message"] == (
        f"WEIGHT is another in 160 of 160 records that both deliveries have{words}"
    )


def test_a_new_coding_of_a_column_is_recognised(trial):
    for row in trial.now["vs"]:
        row["POSITION"] = {"SITTING": "1", "SUPINE": "2"}[row["POSITION"]]
    (finding,) = trial.compare(one_by_one=10).frame.to_dicts()
    assert finding["message"].endswith(": each value has become one other, as in a new coding")


def test_changes_of_locked_records_are_told_as_such(trial):
    trial.now["ae"][0]["AESEV"] = "SEVERE"  # subject 001 is verified
    trial.now["ae"][79]["AESEV"] = "SEVERE"  # subject 040 is not
    del trial.now["ae"][5]
    told = trial.compare(locked={"sdv": ["Y"]})
    assert [each["record_key"] for each in told.of("DRIFT_LOCKED_CHANGED")] == [
        "SUBJID=003|AESPID=2", "SUBJID=001|AESPID=1",
    ]  # fmt: skip
    assert [each["subject"] for each in told.of("DRIFT_VALUE_CHANGED")] == ["040"]
    assert len(told.frame) == 3


def test_a_table_without_a_key_tells_which_subjects_records_differ(trial):
    trial.now["lb"][0]["LBORRES"] = "999"
    del trial.now["lb"][7]
    told = trial.compare()
    (differ,), (gone,) = told.of("DRIFT_RECORDS_DIFFER"), told.of("DRIFT_RECORD_GONE")
    assert (differ["subject"], differ["value"]) == ("001", "1 gone, 1 new")
    assert (gone["subject"], gone["value"]) == ("002", "1 gone, 0 new")
    assert len(told.frame) == 2
    (table,) = [each for each in told.site.tables if each.table == "lb"]
    assert table.paired_by == "every value"


def test_the_study_can_give_a_table_its_key(trial):
    for tables in (trial.last, trial.now):
        for number, row in enumerate(tables["lb"]):
            row["LINE"] = str(number)
    trial.now["lb"][0]["LBORRES"] = "999"
    (finding,) = trial.compare(keys={"LB": ["LINE"]}).frame.to_dicts()
    assert (finding["rule"], finding["record_key"]) == (
        "DRIFT_VALUE_CHANGED", "SUBJID=001|LINE=0",
    )  # fmt: skip
    trial.keys = {"lb": ("SUBJID", "LINE")}  # a suite's
    assert trial.compare().rules == ["DRIFT_VALUE_CHANGED"]


def test_a_corrected_key_is_a_changed_value(trial):
    trial.now["ae"][3]["AETERM"] = "Rash of the hand"
    (finding,) = trial.compare(keys={"ae": ["AETERM", "AESPID"]}).frame.to_dicts()
    assert (finding["rule"], finding["variable"]) == ("DRIFT_VALUE_CHANGED", "AETERM")
    assert finding["subject"] == "002"


def test_tables_and_columns_that_came_and_went(trial):
    del trial.now["lb"]
    trial.now["eg"] = [{"SUBJID": "001", "EGORRES": "NORMAL"}]
    trial.now["dm"] = [
        {"SUBJID": row["SUBJID"], "AGE": row["AGE"], "RACE": "ASIAN"} for row in trial.now["dm"]
    ]
    told = trial.compare()
    assert {
        (each["rule"], each["dataset"], each["variable"]) for each in told.frame.to_dicts()
    } == {
        ("DRIFT_TABLE_GONE", "lb", ""),
        ("DRIFT_TABLE_NEW", "eg", ""),
        ("DRIFT_COLUMN_GONE", "dm", "SEX"),
        ("DRIFT_COLUMN_NEW", "dm", "RACE"),
    }


def test_new_records_that_are_less_complete(trial, grown):
    grown(trial.now)
    for row in trial.now["vs"][160:]:
        row["POSITION"] = "" if int(row["SUBJID"]) % 2 else row["POSITION"]
    (finding,) = trial.compare().frame.to_dicts()
    assert (finding["rule"], finding["variable"]) == ("DRIFT_COMPLETENESS", "POSITION")
    assert finding["message"] == (
        "POSITION is filled in 25 of 50 (50%) of the new records; in the last delivery it was in "
        "160 of 160 (100%)"
    )


def test_a_few_incomplete_records_alarm_nobody(trial, grown):
    grown(trial.now)
    for row in trial.now["vs"][160:163]:
        row["POSITION"] = ""
    assert trial.compare().rules == []


@pytest.mark.parametrize(
    ("factor", "rule", "words"),
    [(2.2046, "DRIFT_UNITS", "2.2 (kg and lb)"), (0.1, "DRIFT_UNITS", "1/10"),
     (1.4, "DRIFT_NUMBERS", "above")],
)  # fmt: skip
def test_new_numbers_in_another_unit(trial, grown, factor, rule, words):
    grown(trial.now)
    for row in trial.now["vs"][160:]:
        row["WEIGHT"] = f"{float(row['WEIGHT']) * factor:.1f}"
    (finding,) = trial.compare().frame.to_dicts()
    assert (finding["rule"], finding["variable"]) == (rule, "WEIGHT")
    assert words in finding["message"]


def test_another_unit_of_one_test_is_found_among_others(trial, grown):
    for tables in (trial.last, trial.now):
        for row in tables["lb"]:
            row["LBTEST"] = row.pop("LBNAME")
    fresh = {"dm": [], "vs": [], "lb": []}
    grown(fresh, scale=1 / 18.016)
    for row in fresh["lb"]:
        row["LBTEST"] = row.pop("LBNAME")
    trial.now["lb"] += fresh["lb"]
    told = trial.compare()
    (finding,) = told.of("DRIFT_UNITS")
    assert finding["record_key"] == "SOURCE=edc|LBTEST=GLUC"
    assert "1/18 (glucose" in finding["message"]


def test_a_new_code_and_moved_shares(trial, grown):
    grown(trial.now)
    for row in trial.now["vs"][160:]:
        row["POSITION"] = "STANDING" if row["SUBJID"] == "003" else row["POSITION"]
    (finding,) = trial.compare().frame.to_dicts()
    assert (finding["rule"], finding["value"]) == ("DRIFT_CODE_NEW", "STANDING")
    for row in trial.now["vs"][160:]:
        row["POSITION"] = "SUPINE"
    (finding,) = trial.compare().frame.to_dicts()
    assert (finding["rule"], finding["variable"]) == ("DRIFT_SHARES", "POSITION")


def test_dates_of_entry_that_go_backwards(trial):
    for tables, day in ((trial.last, "05"), (trial.now, "04")):
        for row in tables["dm"]:
            row["ENTERED"] = f"2025-06-{day}"
    (finding,) = trial.compare(entered=["entered"]).frame.to_dicts()
    assert (finding["rule"], finding["variable"]) == ("DRIFT_ENTRY_BACKWARDS", "ENTERED")


def test_a_delivery_that_says_that_it_is_older(trial):
    trial.last = trial.now = {"lb": trial.last["lb"]}
    trial.names = "_20250630", "_20250530"
    found = trial.compare(leave_out=["lb_20250630", "lb_20250530"])
    assert found.rules == ["DRIFT_DELIVERY_OLDER"]


def test_what_the_study_leaves_out_or_switches_off_is_not_told(trial):
    trial.now["ae"][0]["AETERM"] = "Rash!"
    trial.now["ae"][0]["AESEV"] = "SEVERE"
    del trial.now["vs"][0]
    told = trial.compare(
        leave_out=["VS", "ae.AESEV"], severities={"DRIFT_VALUE_CHANGED": "critical"}
    )
    ((rule, severity, variable),) = told.frame.select("rule", "severity", "variable").rows()
    assert (rule, severity, variable) == ("DRIFT_VALUE_CHANGED", "critical", "AETERM")
    off = {"DRIFT_VALUE_CHANGED": "off", "DRIFT_RECORD_GONE": "off"}
    assert trial.compare(severities=off).rules == []


def test_identities_stay_while_the_deliveries_do(trial):
    trial.now["ae"][0]["AETERM"] = "Rash!"
    del trial.now["vs"][0]
    first = trial.compare().frame["fingerprint"].to_list()
    assert trial.compare().frame["fingerprint"].to_list() == first
    assert len(set(first)) == 2
