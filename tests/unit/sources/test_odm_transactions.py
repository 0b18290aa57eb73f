"""Transactional ODM: the rows are the state that the last transaction left."""

import pytest


def odm(*subjects, created="2026-01-01T00:00:00", study="S"):
    data = "".join(
        f'<ClinicalData StudyOID="{study}" MetaDataVersionOID="1">{text}</ClinicalData>'
        for text in subjects
    )
    return (
        f'<ODM FileType="Transactional" ODMVersion="1.3" CreationDateTime="{created}">{data}</ODM>'
    )


def subject(inner, key="S1", action="Update"):
    return f'<SubjectData SubjectKey="{key}" TransactionType="{action}">{inner}</SubjectData>'


def form(inner, action="Update", repeat="1"):
    return (
        f'<StudyEventData StudyEventOID="V1" TransactionType="Update">'
        f'<FormData FormOID="AE" FormRepeatKey="{repeat}" TransactionType="{action}">{inner}'
        "</FormData></StudyEventData>"
    )


def group(action, repeat="1", **items):
    inner = "".join(f'<ItemData ItemOID="{oid}" {text}/>' for oid, text in items.items())
    return (
        f'<ItemGroupData ItemGroupOID="IG" ItemGroupRepeatKey="{repeat}" '
        f'TransactionType="{action}">{inner}</ItemGroupData>'
    )


def state(got):
    if "IG" not in got.counts:
        return []
    table = got.table("IG")
    names = [name for name in ("TERM", "SEV") if name in table.columns]
    return table.select("SubjectKey", "ItemGroupRepeatKey", *names).rows()


FIRST = group("Insert", TERM='Value="Headache"', SEV='Value="1"')


@pytest.mark.parametrize(
    ("transactions", "left"),
    [
        ([form(FIRST)], [("S1", "1", "Headache", "1")]),
        (
            [form(FIRST), form(group("Update", SEV='Value="2"'))],
            [("S1", "1", "Headache", "2")],
        ),
        (
            [form(FIRST), form(group("Upsert", "2", TERM='Value="Nausea"'))],
            [("S1", "1", "Headache", "1"), ("S1", "2", "Nausea", None)],
        ),
        ([form(FIRST), form(group("Update", SEV='Value=""'))], [("S1", "1", "Headache", None)]),
        (
            [form(FIRST), form(group("Context", SEV='TransactionType="Remove"'))],
            [("S1", "1", "Headache")],
        ),
        ([form(FIRST), form(group("Remove"))], []),
        ([form(FIRST), form(group("Insert", "2", TERM='Value="x"')), form("", "Remove")], []),
        ([form(FIRST), form(group("Remove")), form(FIRST)], [("S1", "1", "Headache", "1")]),
        ([form(FIRST), form("", "Remove", repeat="2")], [("S1", "1", "Headache", "1")]),
    ],
)
def test_the_state_after_the_last_transaction(deliver, transactions, left):
    keep = subject(form(group("Insert", TERM='Value="x"')), key="S2")
    got = deliver("odm", {"a.xml": odm(*(subject(text) for text in transactions), keep)})
    assert [row for row in state(got) if row[0] == "S1"] == left
    assert any(row[0] == "S2" for row in state(got))


def test_removing_a_subject_removes_all_that_is_below(deliver):
    got = deliver(
        "odm",
        {
            "a.xml": odm(
                subject(form(FIRST)), subject(form(FIRST), key="S2"), subject("", action="Remove")
            )
        },
    )
    assert state(got) == [("S2", "1", "Headache", "1")]


def test_every_item_group_is_accounted_for(deliver):
    transactions = [form(FIRST), form(group("Update", SEV='Value="2"')), form(group("Remove"))]
    keep = subject(form(FIRST), key="S2")
    got = deliver("odm", {"a.xml": odm(*(subject(text) for text in transactions), keep)})
    file = got.report.files[0]
    assert (file.records, file.placed) == (4, 1)
    assert file.left_out == {"removed by a transaction": 2, "replaced by a later transaction": 1}


def test_files_are_replayed_by_their_creation_time(deliver):
    later = odm(subject(form(group("Update", SEV='Value="3"'))), created="2026-02-01T00:00:00")
    got = deliver("odm", {"a_later.xml": later, "b_first.xml": odm(subject(form(FIRST)))})
    assert state(got) == [("S1", "1", "Headache", "3")]
    names = {file.sha256: file.name for file in got.report.files}
    assert [names[sha] for sha in got.table("IG")["_file"]] == ["a_later.xml"]


def test_a_multi_select_sent_again_replaces_all_its_values(deliver):
    double = '<ItemGroupData ItemGroupOID="IG" ItemGroupRepeatKey="1">{}</ItemGroupData>'
    two = double.format('<ItemData ItemOID="R" Value="1"/><ItemData ItemOID="R" Value="2"/>')
    one = double.format('<ItemData ItemOID="R" Value="3"/>')
    got = deliver("odm", {"a.xml": odm(subject(form(two)), subject(form(one)))})
    assert got.table("IG")["R"].to_list() == ["3"]
    assert "R__2" not in got.table("IG").columns
