"""CDISC controlled terminology: the dated subset that is carried, and a study's own packages."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.standards import packages
from sdtmflow.standards.facts import DATA, read_table, unknown
from sdtmflow.standards.nci_rows import SYNONYM_SEPARATOR, Package
from sdtmflow.study import StudyFolder


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

    def __hash__(self) -> int:
        """By its code alone: hashing thousands of terms takes longer than comparing a few lists."""
        return hash(self.code)

    def term(self, code: str) -> TermFacts | None:
        """The term with the C-code ``code``.

        Codelist pairs such as VSTESTCD and VSTEST share the C-codes of their terms, so this
        leads from one to the other.
        """
        return next((term for term in self.terms if term.code == code), None)


class Terminology:
    """The codelists of one CT version, found by C-code or by submission value."""

    def __init__(self, version: dt.date, package: Package, *, whole: bool = True) -> None:
        """``whole``: the package has all codelists of the version, not those carried alone."""
        self.version = version
        self._whole = whole
        self._heads = {row["code"]: row for row in package.codelists.iter_rows(named=True)}
        self._codes = {row["submission_value"]: code for code, row in self._heads.items()}
        self.package = package
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
            raise self._unknown(name)
        if code not in self._read:
            self._read[code] = self._codelist(code)
        return self._read[code]

    def _unknown(self, name: str) -> StudyError:
        place = f"CT {self.version}"
        error = unknown("codelist", name, [*self._codes, *self._heads], place=place)
        if self._whole:
            return error
        remedy = f"{error.remedy} Else import the whole package: sdtmflow terms import FILE"
        return StudyError(error.message, place=place, remedy=remedy)

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


def carried_versions() -> tuple[dt.date, ...]:
    """The CT versions that the project carries, oldest first."""
    names = (path.name.removeprefix("ct-") for path in DATA.glob("ct-*"))
    return tuple(sorted(map(dt.date.fromisoformat, names)))


def carried(version: dt.date) -> Package | None:
    """The codelists of ``version`` that the project carries; None where it carries none."""
    folder = DATA / f"ct-{version}"
    if not folder.is_dir():
        return None
    codelists, terms = (read_table(folder / n) for n in (packages.CODELISTS, packages.TERMS))
    return Package(codelists, terms, version)


class MissingVersionError(StudyError):
    """A CT version that is neither carried nor imported."""


def known_versions(imported: Path | None = None) -> tuple[dt.date, ...]:
    """The versions that are carried or imported, oldest first."""
    own = packages.versions(imported) if imported else ()
    return tuple(sorted({*carried_versions(), *own}))


def study_terminology(folder: StudyFolder) -> Terminology:
    """SDTM CT as the study pins it.

    Raises MissingVersionError with the line of study.yaml, StudyError for a damaged import.
    """
    try:
        return terminology(folder.study.standards.ct, folder.terminology)
    except MissingVersionError as error:
        place = folder.place("standards", "ct")
        raise MissingVersionError(error.message, place=place, remedy=error.remedy) from None


def terminology(version: dt.date, imported: Path | None = None) -> Terminology:
    """SDTM CT of ``version``: what the project carries, and the study's imported package.

    ``imported`` is the study's folder of packages. A codelist that both have is the imported one
    as a whole. Raises MissingVersionError where neither is there, StudyError where the imported
    package is not what was imported.
    """
    target = imported / str(version) if imported else None
    if target is None or not target.is_dir():
        if version not in carried_versions():
            raise _missing(version, imported)
        return _terminology(version, None, "")
    return _terminology(version, target, packages.read_record(target).model_dump_json())


@functools.lru_cache(maxsize=8)
def _terminology(version: dt.date, target: Path | None, _record: str) -> Terminology:
    """``_record`` keeps a package that was imported anew from being taken for the one before."""
    found = [packages.get(target) if target else None, carried(version)]
    package = functools.reduce(_first_wins, [each for each in found if each])
    return Terminology(version, package, whole=target is not None)


def _missing(version: dt.date, imported: Path | None) -> MissingVersionError:
    known = ", ".join(map(str, known_versions(imported)))
    return MissingVersionError(
        f"SDTM CT {version} is neither carried nor imported",
        remedy=f"there is {known}; or import it: sdtmflow terms import FILE",
    )


def _first_wins(first: Package, second: Package) -> Package:
    """Both packages' codelists; one that both have is the first's as a whole."""
    codes = first.codelists["code"].to_list()
    return Package(
        pl.concat([first.codelists, second.codelists.filter(~pl.col("code").is_in(codes))]),
        pl.concat([first.terms, second.terms.filter(~pl.col("codelist").is_in(codes))]),
    )
