import pytest

from sdtmflow.errors import DeliveryError

DICTIONARY = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Text Validation Type OR Show Slider Number",'
    '"Identifier?"\n'
    'subj,demographics,,text,"Subject",,,\n'
    'dob,demographics,,text,"Date of <b>birth</b>",,date_ymd,y\n'
    'sex,demographics,,radio,Sex,"0, Female | 1, Male",,\n'
    'race,demographics,,checkbox,Race,"1, White | -1, Unknown, or none",,\n'
    "info,demographics,,descriptive,Read this,,,\n"
    "aeterm,adverse_events,,text,Event,,,\n"
    "aeser,adverse_events,,yesno,Serious?,,,\n"
)
HEADER = (
    "subj,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,"
    "redcap_data_access_group,dob,sex,race___1,race____1,demographics_complete,aeterm,aeser,"
    "adverse_events_complete\n"
)
ROWS = (
    "S1,base_arm_1,,,site_a,1980-01-01,1,1,0,2,,,\n"
    "S1,base_arm_1,adverse_events,1,site_a,,,,,,Headache,0,2\n"
    "S1,base_arm_1,adverse_events,2,site_a,,,,,,Nausea,1,1\n"
    "S2,base_arm_1,,,site_a,,,0,0,,,,\n"
)


def collected(deliver, header=HEADER, rows=ROWS, dictionary=DICTIONARY, **settings):
    files = {"data.csv": header + rows, "dict.csv": dictionary}
    return deliver("redcap", files, **settings)


def test_the_wide_table_is_split_by_instrument(deliver):
    got = collected(deliver)
    assert got.counts == {"demographics": 1, "adverse_events": 2}
    assert got.rows("demographics") == [
        ("S1", "base_arm_1", None, None, "site_a", "1980-01-01", "1", "1", "0", "2")
    ]
    assert got.rows("adverse_events")[1] == (
        *("S1", "base_arm_1", "adverse_events", "2", "site_a"),
        *("Nausea", "1", "1"),
    )
    assert got.table("adverse_events")["_place"].to_list() == ["line 3", "line 4"]


def test_rows_with_only_keys_and_unanswered_checkboxes_are_counted_not_made_up(deliver):
    data = next(file for file in collected(deliver).report.files if file.name == "data.csv")
    assert (data.records, data.placed, data.left_out) == (4, 3, {"keys only": 1})


def test_labels_codes_and_identifiers_come_from_the_dictionary(deliver):
    table = next(t for t in collected(deliver).report.tables if t.name == "demographics")
    columns = {column.name: column for column in table.columns}
    assert columns["dob"].label == "Date of birth"
    assert columns["dob"].type == "date_ymd"
    assert columns["dob"].identifier
    assert columns["sex"].codes == {"0": "Female", "1": "Male"}
    assert columns["race____1"].label == "Race (choice=Unknown, or none)"
    assert columns["demographics_complete"].codes["2"] == "Complete"


def test_a_column_that_the_dictionary_lacks_is_kept_and_reported(deliver):
    got = collected(
        deliver, HEADER.replace("\n", ",extra\n"), ROWS.replace("2,,,\n", "2,,,,x\n", 1)
    )
    assert got.rows("not_in_dictionary") == [("S1", "base_arm_1", None, None, "site_a", "x")]
    assert any("extra" in warning for warning in got.report.warnings)


def test_the_dictionary_may_stand_elsewhere_and_use_the_api_headers(deliver, workshop):
    api = "field_name,form_name,field_type,field_label,select_choices_or_calculations\n"
    workshop.write({"d.csv": api + "subj,dm,text,Subject,\nage,dm,text,Age,\n"}, "study/meta")
    got = deliver("redcap", {"x.csv": "subj,age\nS1,40\n"}, dictionary="meta/d.csv")
    assert got.rows("dm") == [("S1", "40")]


def test_without_its_dictionary_the_export_is_refused(deliver):
    with pytest.raises(DeliveryError, match="one data dictionary is needed, none was sent"):
        deliver("redcap", {"data.csv": HEADER + ROWS})
    with pytest.raises(DeliveryError, match="the data dictionary is missing"):
        deliver("redcap", {"data.csv": HEADER + ROWS}, dictionary="gone.csv")


def test_an_export_with_labels_as_headers_is_refused(deliver):
    with pytest.raises(DeliveryError, match="record id column 'subj' is missing; export raw data"):
        collected(deliver, HEADER.replace("subj", "Subject"))


def test_a_dictionary_row_without_a_form_is_refused(deliver):
    with pytest.raises(DeliveryError, match="names no field or no form"):
        collected(deliver, dictionary=DICTIONARY + "lost,,,text,Lost,,,\n")
