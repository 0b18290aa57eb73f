"""study.yaml as frozen, typed models: what the study is and where its data comes from."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from string import Formatter
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from sdtmflow.agency import Agency
from sdtmflow.design import Design, Text, Visit
from sdtmflow.drift_rules import Drift
from sdtmflow.errors import StudyError
from sdtmflow.finding import Severity
from sdtmflow.notify import Notify
from sdtmflow.privacy import Privacy
from sdtmflow.releases import Releases
from sdtmflow.typed_yaml import PlacedError, Strict, load_yaml, place_of
from sdtmflow.yaml_words import Said

Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40),
    Said("a name of letters, digits and _, a letter first"),
]


class Standards(Strict):
    """The versions that the bundle is made to."""

    sdtmig: Literal["3.3", "3.4"] = "3.4"
    ct: dt.date
    dictionaries: dict[Text, Text] = {}
    """External dictionaries and their versions, as the study's coding used them and define.xml
    names them: ``{MedDRA: "27.1", WHODrug: "GLOBAL B3 2025-03-01"}``."""

    def dictionary_version(self, name: str) -> str:
        """The version of a dictionary, whatever the letter case; "" where none is given."""
        known = {each.casefold(): version for each, version in self.dictionaries.items()}
        return known.get(name.casefold(), "")


class Site(Strict):
    """One investigational site."""

    name: Text
    country: str
    """ISO 3166-1 alpha-3, such as ``CHE``."""
    investigator: str = ""

    @field_validator("country")
    @classmethod
    def _is_alpha_3(cls, country: str) -> str:
        if not re.fullmatch("[A-Z]{3}", country):
            raise ValueError(f"'{country}' is no country code; write three capitals, such as CHE")
        return country


class SourceTable(Strict):
    """How one raw table of the study is found in a source's own table.

    ``from`` is the source's own name (form OID, instrument, sheet, file stem; one or several), as
    sent; ``columns`` gives study column: sent column. Columns not named keep their own name.
    ``values`` gives, per study column, sent text: text to use (for systems that send bare codes);
    the text as sent stays in the raw snapshot and in the lineage.
    """

    from_: Annotated[str | list[str], Field(alias="from")] = ""
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}

    @property
    def sent_names(self) -> tuple[str, ...]:
        """The source's own table names; empty where the study's name is the source's."""
        if not self.from_:
            return ()
        return (self.from_,) if isinstance(self.from_, str) else tuple(self.from_)


class Source(Strict):
    """One system of one site, or a study-wide system such as the central laboratory."""

    said: ClassVar[str] = 'a map such as {kind: odm, path: raw/*.xml, site: "01"}'

    kind: Literal["odm", "redcap", "delimited", "xpt", "sas7bdat", "excel"]
    path: Text
    """File, folder, glob (relative to the study folder) or ``s3://bucket/prefix``."""
    site: str = ""
    """The site that sends it; empty for a study-wide source, which then needs ``site_column``."""
    site_column: str = ""
    subject_column: str = "SUBJID"
    """The study column that holds the subject's number within the site, after renaming."""
    study_id: str = ""
    """What the source itself calls the study; a delivery that says otherwise is refused."""
    study_column: str = ""
    """The sent column that holds it (kinds without an envelope)."""
    dictionary: str = ""
    """REDCap: the data dictionary (CSV)."""
    encoding: str = ""
    """Empty: detected, and reported."""
    separator: Annotated[str, Field(max_length=1)] = ""
    """Empty: detected."""
    header_row: Annotated[int, Field(ge=1)] = 1
    dates: list[str] = []
    """Date formats of this source in order (``DD-MM-YYYY``, ``DD-MON-YYYY``), for dates whose
    mapping line declares none."""
    year_cutoff: Annotated[int, Field(ge=1, le=9899)] | None = None
    """What years of two digits (``YY``) mean: the first of a hundred years, as in SAS."""
    decimal: Literal[".", ","] = "."
    """The decimal mark of its numbers."""
    decode: bool = False
    """Replace coded values by the label of the delivery's own code list (ODM, REDCap)."""
    missing: list[str] = []
    """Texts that this source sends for "missing" (``NA``, ``-99``); kept as the kind of missing."""
    tables: dict[Name, SourceTable] = {}
    on_failure: Literal["last_good", "leave_out", "stop"] = "last_good"
    """A delivery that cannot be collected: use the last good one (leave the source out where there
    is none), leave the source out, or stop the run."""

    @model_validator(mode="after")
    def _site_is_known(self) -> Source:
        if bool(self.site) == bool(self.site_column):
            raise ValueError("a source has either 'site' or 'site_column'; give one of the two")
        return self


class Gates(Strict):
    """What findings of each severity do to the publication."""

    critical: Literal["stop", "publish"] = "stop"
    major: Literal["stop", "publish"] = "publish"
    minor: Literal["stop", "publish"] = "publish"

    def stopping(self) -> tuple[Severity, ...]:
        """The severities that forbid a publication."""
        return tuple(severity for severity in Severity if getattr(self, severity.value) == "stop")


Section = Literal[
    "5.3.1.1", "5.3.1.2", "5.3.3.1", "5.3.3.2", "5.3.3.3", "5.3.3.4", "5.3.4.1", "5.3.4.2",
    "5.3.5.1", "5.3.5.2", "5.3.5.4",
]  # fmt: skip
"""A section of the CTD for the reports and data of one study."""

Control = Literal[
    "", "placebo", "no-treatment", "dose-response-without-placebo",
    "active-control-without-placebo", "external",
]  # fmt: skip
"""type-of-control of a study tagging file."""


class Submission(Strict):
    """Where the study stands in the application, and what the gate does to a rejected package."""

    section: Section = "5.3.5.1"
    indication: str = ""
    """Of sections 5.3.5.x. Empty: the TS parameter INDIC."""
    control: Control = ""
    """What a study of section 5.3.5.1 is controlled by. Empty: as the TS parameter TCNTRL says,
    placebo or active."""
    gate: Literal["stop", "report"] = "stop"
    """A package that the agency would reject is not published, or published and reported."""


class Signing(Strict):
    """Whose signatures the study's bundles have; paths count from the study folder."""

    said: ClassVar[str] = "a map such as {key: ~/keys/release.pem, trusted: [release.pub.pem]}"

    key: str = ""
    """The private Ed25519 key (PEM) that signs what is published. Empty: nothing is signed, unless
    SDTMFLOW_SIGNING_KEY or the command names a key."""
    trusted: list[Text] = []
    """Public keys (PEM) that may have signed: then an unsigned bundle, or one that another key
    signed, is at fault, and a run with such a key (or none) does not start."""


class FindingsSettings(Strict):
    """Where the lives of the study's findings are kept."""

    said: ClassVar[str] = "a map such as {database: postgresql://host/database}"

    database: str = "findings.db"
    """An SQLite file (relative to the study folder), or ``postgresql://user@host/database``; its
    password stands in ~/.pgpass, or in SDTMFLOW_FINDINGS_DATABASE, which names it all."""

    @field_validator("database")
    @classmethod
    def _has_no_password(cls, database: str) -> str:
        if re.match(r"[^/]*://[^/@]*:[^/]*@", database) or "password=" in database:
            raise ValueError(
                "study.yaml is kept with every bundle, so it holds no password; name the whole "
                "address in SDTMFLOW_FINDINGS_DATABASE"
            )
        return database


class Study(Strict):
    """study.yaml, version 1."""

    said: ClassVar[str] = "a map with version, study, title, cutoff, standards, sites and sources"

    version: Literal[1]
    study: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$"),
        Said("up to 20 letters, digits, '.', '_' and '-'"),
    ]
    """STUDYID."""
    title: Text
    protocol: str = ""
    cutoff: dt.date
    """Data cut-off: the only clock inside the bundle's files."""
    standards: Standards
    usubjid: str = "{study}-{site}-{subject}"
    sites: Annotated[dict[str, Site], Field(min_length=1)]
    sources: Annotated[dict[Name, Source], Field(min_length=1)]
    visits: list[Visit] = []
    design: Design | None = None
    gates: Gates = Gates()
    drift: Drift = Drift()
    agency: Agency = "FDA"
    """Who the package is for: its limits, what it must hold, and what rejects it."""
    dataset_json: Literal["json", "ndjson", "dsjc"] = "json"
    """The form of the Dataset-JSON twins: documents, a record a line, or these compressed."""
    submission: Submission = Submission()
    privacy: Privacy = Privacy()
    releases: Releases | None = None
    signing: Signing = Signing()
    findings: FindingsSettings = FindingsSettings()
    notify: Notify = Notify()
    store: str = "store"
    """Folder (relative to the study folder) or ``s3://bucket/prefix``."""

    @field_validator("usubjid")
    @classmethod
    def _template_is_known(cls, usubjid: str) -> str:
        try:
            named = [name for _, name, _, _ in Formatter().parse(usubjid) if name is not None]
        except ValueError:
            raise ValueError(f"'{usubjid}' has a single brace; write {{study}}") from None
        for name in named:
            if name not in {"study", "site", "subject"}:
                raise ValueError(
                    f"'{{{name}}}' is not known; write {{study}}, {{site}}, {{subject}}"
                )
        if "subject" not in named:
            raise ValueError("subjects would share one USUBJID; add {subject}")
        return usubjid

    @model_validator(mode="after")
    def _sites_exist(self) -> Study:
        for name, source in self.sources.items():
            if source.site and source.site not in self.sites:
                raise PlacedError(
                    f"'sites' has no site '{source.site}'; add the site or correct the source",
                    "sources",
                    name,
                    "site",
                )
        return self


class StudyFolder:
    """A study on disk: study.yaml with its mappings, expectations, terms and raw deliveries."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not (self.root / "study.yaml").is_file():
            raise StudyError(
                "no study.yaml in this folder",
                place=str(root),
                remedy="name a study folder, or make one with `sdtmflow init`",
            )
        self.study = load_yaml(self.root / "study.yaml", Study)

    def place_of(self, *loc: str | int) -> str:
        """``study.yaml:12: design.arms.PBO``: where a part of study.yaml stands."""
        return place_of(self.root / "study.yaml", *loc)

    @property
    def usdm(self) -> Path | None:
        """The USDM study definition that the design is completed by, where there is one."""
        design = self.study.design
        return self.root / design.usdm if design and design.usdm else None

    @property
    def mappings(self) -> Path:
        """The study's own mapping specs, which override or extend the standard ones."""
        return self.root / "mappings"

    @property
    def expectations(self) -> Path:
        """The study's own Great Expectations suites."""
        return self.root / "expectations"

    @property
    def guide(self) -> Path:
        """What the study says in its documents: texts of the reviewer's guide, its own CRF."""
        return self.root / "guide"

    @property
    def terms(self) -> Path:
        """Collected value to submission value, one CSV a codelist."""
        return self.root / "terms"

    @property
    def terminology(self) -> Path:
        """The CT packages that were imported into the study, one folder a version."""
        return self.root / "terminology"

    def place(self, *path: str) -> str:
        """Where study.yaml says something: ``study.yaml:12: standards.ct``."""
        return place_of(self.root / "study.yaml", *path)

    @property
    def work(self) -> Path:
        """Recomputable artifacts; safe to delete."""
        return self.root / "work"
