"""Every rule of the data: the clean package keeps it, one change breaks it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from sdtmflow.define_lint import lint
from sdtmflow.define_lint.rules.data import DATA_RULES
from sdtmflow.errors import FormatError
from sdtmflow.formats.xpt import Column, Member, read_xpt, write_xpt
from tests.unit.define_lint.cases import Change, drop, insert, item, put, ref

Remade = tuple[Member, pl.DataFrame]


@dataclass(frozen=True)
class DataCase:
    """A change of a file (or of define.xml) that breaks ``rule`` and of necessity ``also``."""

    rule: str
    file: Callable[[Path], None] | None = None
    define: Change | None = None
    also: frozenset[str] = field(default=frozenset())


def remade(dataset: str, make: Callable[[Member, pl.DataFrame], Remade]) -> Callable[[Path], None]:
    """Write a dataset's file again, changed."""

    def change(folder: Path) -> None:
        path = folder / f"{dataset}.xpt"
        member, rows = make(*read_xpt(path))
        path.unlink()
        blocks = rows.to_arrow().to_batches()
        write_xpt(path, member, blocks, created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))

    return change


def columns(change: Callable[[Column], Column | None]) -> Callable[[Member, pl.DataFrame], Remade]:
    """Change (None: leave out) each column."""

    def make(member: Member, rows: pl.DataFrame) -> Remade:
        kept = tuple(new for column in member.columns if (new := change(column)))
        names = {c.name: n.name for c in member.columns if (n := change(c))}
        return replace(member, columns=kept), rows.select(list(names)).rename(names)

    return make


def values(**new: list[object]) -> Callable[[Member, pl.DataFrame], Remade]:
    """Other values in columns."""

    def make(member: Member, rows: pl.DataFrame) -> Remade:
        series = [pl.Series(name, given, rows.schema[name]) for name, given in new.items()]
        return member, rows.with_columns(series)

    return make


def swapped(member: Member, rows: pl.DataFrame) -> Remade:
    """The last two columns change places."""
    *first, one, two = member.columns
    return replace(member, columns=(*first, two, one)), rows


def as_text(member: Member, rows: pl.DataFrame) -> Remade:
    """AGE becomes text."""
    column = tuple(
        replace(one, numeric=False, length=2) if one.name == "AGE" else one
        for one in member.columns
    )
    whole = pl.col("AGE").cast(pl.Int64).cast(pl.String)
    return replace(member, columns=column), rows.with_columns(whole)


def of(column: str, **facts: object) -> Callable[[Column], Column | None]:
    """One column with other facts."""
    return lambda one: replace(one, **facts) if one.name == column else one  # type: ignore[arg-type]


def gone(folder: Path) -> None:
    (folder / "ta.xpt").unlink()


def stray(folder: Path) -> None:
    shutil.copy(folder / "ta.xpt", folder / "te.xpt")


def broken(folder: Path) -> None:
    (folder / "ta.xpt").write_bytes(b"PK\x03\x04" * 100)


CASES = (
    DataCase("DD1901", gone),
    DataCase("DD1902", stray),
    DataCase("DD1903", broken),
    DataCase("DD1904", remade("ta", lambda member, rows: (replace(member, name="TE"), rows))),
    DataCase("DD1905", remade("ta", lambda member, rows: (replace(member, label="Arms"), rows))),
    DataCase("DD1906", remade("dm", columns(lambda one: one if one.name != "COUNTRY" else None))),
    DataCase(
        "DD1907",
        remade("dm", columns(of("COUNTRY", name="CTRY"))),
        also=frozenset({"DD1906"}),
    ),
    DataCase("DD1908", remade("vs", swapped)),
    DataCase("DD1909", remade("dm", columns(of("SEX", label="Gender")))),
    DataCase("DD1910", remade("dm", as_text)),
    DataCase("DD1911", remade("dm", columns(of("COUNTRY", length=10)))),
    DataCase("DD1912", remade("dm", values(SEX=["F", None, "M"]))),
    DataCase("DD1913", remade("dm", values(USUBJID=["S-1", "S-1", "S-3"]))),
    DataCase("DD1914", define=put(ref("DM.SEX"), "d:HasNoData", "Yes"),
             also=frozenset({"DD1304", "DD1305"})),
    DataCase("DD1915", define=drop(ref("DM.DTHFL"), "d:HasNoData")),
    DataCase("DD1916", remade("dm", values(SEX=["F", "X", "M"]))),
    DataCase("DD1917", remade("dm", values(AGE=[61.5, 58, None]))),
    DataCase("DD1918", remade("vs", values(VSDTC=["2026-01-05", "2026-01", "2026-01-06"]))),
    DataCase("DD1919", remade("vs", values(VSORRES=["120", "warm", "131"]))),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_one_change_breaks_its_rule_and_no_other(
    clean: Path, tmp_path: Path, case: DataCase
) -> None:
    folder = shutil.copytree(clean, tmp_path / "changed")
    define = folder / "define.xml"
    if case.file:
        case.file(folder)
    if case.define:
        tree = etree.parse(define)
        case.define(tree)
        tree.write(define, encoding="UTF-8", xml_declaration=True)
    found = {one.rule.id for one in lint(define, folder).findings}
    assert found == {case.rule, *case.also}


def test_every_rule_of_the_data_has_its_case() -> None:
    assert [case.rule for case in CASES] == [rule.id for rule in DATA_RULES]


def test_numbers_are_compared_with_a_codelist_as_numbers(clean: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(clean, tmp_path / "changed")
    remade("vs", values(VISITNUM=[1.0, 1.0, 2.5]))(folder)
    found = {one.rule.id: one.what for one in lint(folder / "define.xml", folder).findings}
    assert found == {
        "DD1916": "VS.VISITNUM: '2.5' not in CL.VISIT",
        "DD1917": "VS.VISITNUM: 1 values have decimals",
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put(item("SUPPDM.QVAL.QNAM.RACE1"), "Length", "3"), "Length 3, the longest value has 5"),
        (
            insert(item("SUPPDM.QVAL.QNAM.RACE1"), "<o:CodeListRef CodeListOID='CL.SEX'/>", 1),
            "'WHITE' not in CL.SEX",
        ),
        (put(item("VS.VSORRES.VSTESTCD.TEMP"), "DataType", "integer"), "1 values are no integer"),
    ],
)
def test_values_under_a_condition_are_looked_at(
    clean: Path, tmp_path: Path, change: Change, told: str
) -> None:
    folder = shutil.copytree(clean, tmp_path / "changed")
    tree = etree.parse(folder / "define.xml")
    change(tree)
    tree.write(folder / "define.xml", encoding="UTF-8", xml_declaration=True)
    found = {one.rule.id: one.what for one in lint(folder / "define.xml", folder).findings}
    assert told in found["DD1919"]


def test_a_folder_that_is_none_is_refused(clean: Path) -> None:
    with pytest.raises(FormatError, match="is no folder"):
        lint(clean / "define.xml", clean / "nowhere")


def test_a_define_xml_without_its_folder_says_nothing_of_data(clean: Path, tmp_path: Path) -> None:
    shutil.copy(clean / "define.xml", tmp_path)
    tree = etree.parse(tmp_path / "define.xml")
    put(item("DM.SEX"), "Length", "9")(tree)
    tree.write(tmp_path / "define.xml", encoding="UTF-8", xml_declaration=True)
    found = {one.rule.id for one in lint(tmp_path / "define.xml").findings}
    assert found == {"DD1813"}
