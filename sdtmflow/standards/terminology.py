"""CDISC controlled terminology: the dated subset that is carried, and a study's own package."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.standards.facts import DATA, read_table, unknown
from sdtmflow.standards.nci import Package, read_package

SYNONYM_SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class TermFacts:
    """A permitted value of a codelist."""

    code: str
    submission_value: str
    synonyms: tuple[str, ...] = ()
    preferred_term: str = ""


@dataclass(frozen=True, slots=True)
class CodelistFacts:
    """One codelist with all its terms, in the package's order."""

    code: str
    submission_value: str
    name: str
    extensible: bool
    terms: tuple[TermFacts, ...]

    def term(self, code: str) -> TermFacts | None:
        """The term with the C-code ``code``.

        Codelist pairs such as VSTESTCD and VSTEST share the C-codes of their terms, so this
        leads from one to the other.
        """
        return next((term for term in self.terms if term.code == code), None)


class Terminology:
    """The codelists of one CT version, found by C-code or by submission value."""

    def __init__(self, version: dt.date, package: Package) -> None:
        self.version = version
        self._heads = {row["code"]: row for row in package.codelists.iter_rows(named=True)}
        self._codes = {row["submission_value"]: code for code, row in self._heads.items()}
        self._terms = package.terms
        self._read: dict[str, CodelistFacts] = {}

    def __contains__(self, name: object) -> bool:
        """Whether a codelist has this C-code or submission value."""
        return name in self._heads or name in self._codes

    def codelist(self, name: str) -> CodelistFacts:
        """The codelist with this C-code (``C66769``) or submission value (``AESEV``).

        Raises StudyError with the nearest names where this version has none.
        """
        code = self._codes.get(name, name)
        if code not in self._heads:
            place = f"CT {self.version}"
            raise unknown("codelist", name, [*self._codes, *self._heads], place=place)
        if code not in self._read:
            self._read[code] = self._codelist(code)
        return self._read[code]

    def _codelist(self, code: str) -> CodelistFacts:
        head = self._heads[code]
        rows = self._terms.filter(pl.col("codelist") == code)
        return CodelistFacts(
            code=code,
            submission_value=head["submission_value"],
            name=head["name"],
            extensible=head["extensible"] == "Yes",
            terms=tuple(_term(row) for row in rows.iter_rows(named=True)),
        )


def _term(row: dict[str, str]) -> TermFacts:
    synonyms = row["synonyms"]
    return TermFacts(
        code=row["code"],
        submission_value=row["submission_value"],
        synonyms=tuple(synonyms.split(SYNONYM_SEPARATOR)) if synonyms else (),
        preferred_term=row["preferred_term"],
    )


def carried_versions() -> tuple[str, ...]:
    """The CT versions that the project carries, oldest first."""
    return tuple(sorted(path.name.removeprefix("ct-") for path in DATA.glob("ct-*")))


@functools.cache
def terminology(version: dt.date, extra: Path | None = None) -> Terminology:
    """SDTM CT of ``version``, carried by the project.

    ``extra`` is a CT package as NCI EVS publishes it (tab-delimited text); its codelists take the
    place of those carried, or stand alone where ``version`` is not carried. Raises StudyError
    where neither is there.
    """
    folder = DATA / f"ct-{version}"
    if not folder.is_dir() and extra is None:
        raise StudyError(
            f"SDTM CT {version} is not carried",
            place="standards.ct",
            remedy=f"name one of {', '.join(carried_versions())}, or give a CT package",
        )
    packages = [read_package(extra)] if extra else []
    if folder.is_dir():
        packages.append(_carried(folder))
    return Terminology(version, functools.reduce(_first_wins, packages))


def _carried(folder: Path) -> Package:
    return Package(read_table(folder / "codelists.csv"), read_table(folder / "terms.csv"))


def _first_wins(first: Package, second: Package) -> Package:
    """Both packages' codelists; one that both have is the first's as a whole."""
    codes = first.codelists["code"].to_list()
    return Package(
        pl.concat([first.codelists, second.codelists.filter(~pl.col("code").is_in(codes))]),
        pl.concat([first.terms, second.terms.filter(~pl.col("codelist").is_in(codes))]),
    )
