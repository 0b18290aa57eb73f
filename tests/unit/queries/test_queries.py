"""Queries to the sites: numbered, written, answered, settled; nothing asked or lost twice."""

import csv
import datetime as dt

import openpyxl
import pytest
from sqlalchemy import URL

from sdtmflow.errors import StudyError
from sdtmflow.queries import (
    ask,
    asked,
    followed_by,
    nobody_to_ask,
    read_answers,
    site_summary,
    write_list,
)
from sdtmflow.register import open_register
from tests.lives import ANNA, Clock, finding, frame, seen_by

SITES = ("01", "02")
DAY = dt.date(2026, 3, 1)
ONE = finding("1", query="Please check the term.", value="=2+3")
TWO = finding("2", query="Please check the dose.", value="-5.5")
OTHER = finding("3", site="02", query="Please check the date.")
SILENT = finding("4")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path, clock):
    """A register that a run has taken four findings into; one has no text for the site."""
    made = open_register(URL.create("sqlite", database=str(tmp_path / "f.db")), "S1", clock)
    made.take(seen_by("a"), frame(ONE, TWO, OTHER, SILENT))
    return made


@pytest.fixture
def sent(register, tmp_path):
    """Both sites were asked; returns the files of site 01."""
    new = ask(register.standing(), SITES)
    register.query(new, ANNA)
    own = [q for q in asked(register.standing(), DAY) if q.site == "01"]
    return write_list("S1", "01", own, tmp_path, DAY)


def answered(workbook, **answers):
    """The workbook with answers, as a person writes them: query id → text."""
    book = openpyxl.load_workbook(workbook)
    page = book["Queries"]
    heads = [cell.value for cell in page[1]]
    for row in page.iter_rows(min_row=2):
        answer = answers.get(row[heads.index("Query")].value.replace("-", "_"))
        if answer:
            row[heads.index("Answer")].value = answer
    book.save(workbook)
    return workbook


def test_what_has_a_text_for_the_site_is_asked_once(register):
    new = ask(register.standing(), SITES)
    assert new == {
        ONE.fingerprint: "01-0001",
        TWO.fingerprint: "01-0002",
        OTHER.fingerprint: "02-0001",
    }
    register.query(new, ANNA)
    assert ask(register.standing(), SITES) == {}


def test_numbers_go_on_and_are_never_given_twice(register, clock):
    register.query(ask(register.standing(), SITES), ANNA)
    register.take(seen_by("b"), frame(TWO, OTHER))  # ONE is settled by the data
    register.take(seen_by("c"), frame(ONE, TWO, OTHER))  # and is there again
    assert ask(register.standing(), SITES) == {ONE.fingerprint: "01-0003"}


def test_a_list_goes_out_with_one_column_to_write_in(sent):
    page = openpyxl.load_workbook(sent[0])["Queries"]
    rows = list(page.iter_rows(values_only=True))
    assert rows[0][:3] == ("Query", "Asked on", "Days")
    assert [row[0] for row in rows[1:]] == ["01-0001", "01-0002"]
    assert page.protection.sheet
    unlocked = {
        cell.column
        for row in page.iter_rows(min_row=2)
        for cell in row
        if not cell.protection.locked
    }
    assert unlocked == {rows[0].index("Answer") + 1}


def test_a_value_is_never_a_formula(sent):
    page = openpyxl.load_workbook(sent[0])["Queries"]
    value = [cell.value for cell in page[1]].index("Value")
    assert [(row[value].value, row[value].data_type) for row in page.iter_rows(min_row=2)] == [
        ("=2+3", "s"),
        ("-5.5", "s"),
    ]
    with sent[1].open(encoding="utf-8-sig", newline="") as file:
        assert [row["Value"] for row in csv.DictReader(file)] == ["'=2+3", "-5.5"]


def test_a_list_that_is_there_is_not_written_over(sent, tmp_path):
    again = write_list("S1", "01", (), tmp_path, DAY)
    assert again[0].name == "S1-01-queries-2026-03-01-2.xlsx"
    assert sent[0].exists()


def test_answers_come_back_in_the_workbook(register, sent, clock):
    answered(sent[0], **{"01_0002": "Corrected to 5.5"})
    queries = asked(register.standing(), DAY)
    found = read_answers([sent[0]], queries)
    assert (found.new, found.refused) == ({TWO.fingerprint: "Corrected to 5.5"}, [])
    clock.sleep(days=3)
    register.answer(found.new, ANNA)
    again = read_answers([sent[0]], asked(register.standing(), DAY))
    assert (again.new, again.known) == ({}, 1)


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "cp1252")])
def test_answers_come_back_in_csv_as_excel_saves_it(register, sent, delimiter, encoding):
    with sent[1].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["Answer"] = "geprüft,\nrichtig; so"
    with sent[1].open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    found = read_answers([sent[1]], asked(register.standing(), DAY))
    assert found.new == {ONE.fingerprint: "geprüft,\nrichtig; so"}


def test_a_line_separator_in_a_value_ends_no_row(register, tmp_path):
    odd = finding("9", query="Please check.", value="a\u2028b")
    register.take(seen_by("b"), frame(odd))
    register.query(ask(register.standing(), SITES), ANNA)
    queries = asked(register.standing(), DAY)
    _, text = write_list("S1", "01", [q for q in queries if q.value], tmp_path, DAY)
    with text.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for row in rows[1:]:
        row[rows[0].index("Answer")] = "confirmed"
    with text.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert read_answers([text], queries).new[odd.fingerprint] == "confirmed"


def test_what_does_not_fit_is_told_and_the_rest_is_taken(register, sent, tmp_path):
    with sent[1].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    bad = tmp_path / "bad.csv"
    good, strange, other, twice = (dict(rows[0]) for _ in range(4))
    strange["Query"], other["Query"] = "01-0099", "01-0002"
    with bad.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in (good, strange, other, twice):
            writer.writerow(row | {"Answer": "Yes"})
    found = read_answers([bad], asked(register.standing(), DAY))
    assert found.new == {ONE.fingerprint: "Yes"}
    assert [line.partition(";")[0] for line in found.refused] == [
        "bad.csv, row 3: there is no query '01-0099'",
        "bad.csv, row 4: query 01-0002 is of another finding",
        "bad.csv, row 5: query 01-0001 is answered twice, first in bad.csv, row 2",
    ]


def test_an_answer_to_what_the_data_have_settled_is_told(register, sent):
    answered(sent[0], **{"01_0001": "Done"})
    register.take(seen_by("b"), frame(TWO, OTHER, SILENT))
    found = read_answers([sent[0]], asked(register.standing(), DAY))
    assert found.new == {}
    assert "query 01-0001 is settled: the finding is resolved" in found.refused[0]


def test_an_answer_to_an_earlier_question_is_told_where_it_belongs(register, sent):
    answered(sent[0], **{"01_0001": "Done"})
    register.answer({ONE.fingerprint: "Which term?"}, ANNA)
    register.reopen([ONE.fingerprint], ANNA, reason="that was no answer")
    register.query(ask(register.standing(), SITES), ANNA)
    standing = register.standing()
    found = read_answers([sent[0]], asked(standing, DAY), followed_by(standing))
    assert found.new == {}
    assert "query 01-0001 was asked again as 01-0003" in found.refused[0]


def test_a_date_that_excel_made_is_a_date(register, sent):
    answered(sent[0], **{"01_0001": dt.date(2025, 3, 1)})
    found = read_answers([sent[0]], asked(register.standing(), DAY))
    assert found.new == {ONE.fingerprint: "2025-03-01"}


def test_what_nobody_can_be_asked_is_counted(register):
    assert nobody_to_ask(register.standing(), ["01"]) == 1
    assert nobody_to_ask(register.standing(), SITES) == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.xlsx", b"no workbook"), ("a.csv", b"Query,Answer\n1,2\n"), ("a.csv", b"\xff\xfe\x00")],
)
def test_another_file_is_refused(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(StudyError, match="this is no query list"):
        read_answers([tmp_path / name], ())


def test_what_waits_is_counted_by_age(register, sent, clock):
    register.answer({TWO.fingerprint: "ok"}, ANNA)
    register.take(seen_by("b"), frame(ONE, TWO, SILENT))  # OTHER is settled
    summary = site_summary(asked(register.standing(), DAY + dt.timedelta(days=10)))
    rows = {row["site"]: row for row in summary.iter_rows(named=True)}
    assert (rows["01"]["waiting"], rows["01"]["<= 14 d"], rows["01"]["answered"]) == (1, 1, 1)
    assert rows["01"]["oldest"] == 10
    assert (rows["02"]["waiting"], rows["02"]["closed"]) == (0, 1)
