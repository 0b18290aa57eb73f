import json

import polars as pl
import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.raw import RawBatch
from sdtmflow.sources.report import read_collect_report
from sdtmflow.sources.tables import TableWriter

DM = "STUDY,ID\nS1,1\nS1,2\n"


def test_the_report_counts_everything_and_reads_back(deliver):
    got = deliver("delimited", {"dm.csv": DM, "ae.csv": "ID,TERM\n1,x\n2\n\n"})
    assert read_collect_report(got.out) == got.report
    assert (got.report.records, got.report.quarantined) == (5, 1)
    assert json.loads((got.out / "collect.json").read_text())["tables"][1]["rows"] == 2


def test_two_runs_give_the_same_bytes(deliver):
    def contents(got):
        return {path.name: path.read_bytes() for path in got.out.rglob("*") if path.is_file()}

    files = {"dm.csv": DM, "ae.csv": "ID,TERM\n1,x\n2\n"}
    assert contents(deliver("delimited", files)) == contents(deliver("delimited", files))


def test_another_study_in_the_study_column_is_refused(deliver):
    files = {"dm.csv": DM + "S9,3\n"}
    settings = {"study_id": "S1", "study_column": "study"}
    with pytest.raises(DeliveryError, match="table dm, column STUDY: this is study 'S9', not 'S1'"):
        deliver("delimited", files, **settings)
    with pytest.raises(DeliveryError, match="no table has the column 'protocol'"):
        deliver("delimited", {"dm.csv": DM}, study_id="S1", study_column="protocol")
    assert deliver("delimited", {"dm.csv": DM}, **settings).counts == {"dm": 2}


def test_a_delivery_without_records_is_refused(deliver):
    with pytest.raises(DeliveryError, match=r"dm.csv: the delivery holds no records"):
        deliver("delimited", {"dm.csv": "ID\n"})


def test_a_refused_delivery_leaves_nothing_behind(deliver, workshop):
    good = "A,B\n" + "1,2\n" * 1000
    with pytest.raises(DeliveryError):
        deliver("delimited", {"a.csv": good, "b.csv": 'A,B\n1,"2\n3,4\n'})
    assert list((workshop.root / "out" / "edc").iterdir()) == []


def test_errors_never_hold_a_subject_s_value(deliver):
    with pytest.raises(DeliveryError) as caught:
        deliver("delimited", {"dm.csv": 'ID,NAME\n1,"Jane Doe\n2,x\n'})
    assert "Jane" not in str(caught.value)


def test_batches_with_other_columns_become_one_table(tmp_path):
    def batch(**columns):
        provenance = {"_file": "f", "_row": 1, "_place": "line 1", "_missing": None}
        schema = {"_row": pl.Int64, "_missing": pl.String}
        rows = pl.DataFrame([columns | provenance], schema_overrides=schema)
        return RawBatch("t", rows)

    writer = TableWriter(tmp_path)
    for columns in ({"A": "1"}, {"A": "2", "B": "x"}, {"B": "y"}, {"A": "4"}):
        writer.write(batch(**columns))
    (report,) = writer.close()
    table = pl.read_parquet(tmp_path / "t.parquet")
    assert table.select("A", "B").rows() == [("1", None), ("2", "x"), (None, "y"), ("4", None)]
    assert [column.name for column in report.columns] == ["A", "B"]
    assert report.rows == 4
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_a_table_s_name_need_not_be_a_file_s_name(deliver, workshop):
    xml = (
        '<ODM FileType="Snapshot" ODMVersion="1.3"><ClinicalData StudyOID="S">'
        '<SubjectData SubjectKey="1"><FormData FormOID="F">'
        '<ItemGroupData ItemGroupOID="../IG/AE: 1"><ItemData ItemOID="A" Value="x"/>'
        "</ItemGroupData></FormData></SubjectData></ClinicalData></ODM>"
    )
    got = deliver("odm", {"a.xml": xml})
    assert got.table("../IG/AE: 1")["A"].to_list() == ["x"]
    assert (got.out / got.report.tables[0].path).parent == got.out / "tables"
