"""Where a study stands in module 5: its folder, and the headings of index.xml above its leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sdtmflow.package.tree import path_name

_REPORTS = "m5/53-clin-stud-rep"
_LONGEST = 40
"""Characters of an indication's folder: with every other part at its longest, 180 are kept."""
_M5 = ("m5-clinical-study-reports", "m5-3-clinical-study-reports")
_BIO = "m5-3-1-reports-of-biopharmaceutic-studies"
_PK = "m5-3-3-reports-of-human-pharmacokinetics-pk-studies"
_PD = "m5-3-4-reports-of-human-pharmacodynamics-pd-studies"
_EFFICACY = "m5-3-5-reports-of-efficacy-and-safety-studies"
_CONTROLLED = (
    "m5-3-5-1-study-reports-of-controlled-clinical-studies-pertinent-to-the-claimed-indication"
)


class Section(NamedTuple):
    """Folders below module 5's reports and headings of index.xml, the outermost first."""

    folders: tuple[str, str]
    headings: tuple[str, ...]
    by_indication: bool = False
    """Whether its heading has an indication, and its folder one for it."""

    def folder(self, indication: str, study: str) -> str:
        """The study's folder."""
        first, lowest = self.folders
        named = path_name(indication)[:_LONGEST].strip("-") or "indication"
        between = [named] if self.by_indication else []
        return "/".join([_REPORTS, first, *between, lowest, study])


def _section(folder: str, below: str, heading: str, lowest: str) -> Section:
    return Section((folder, below), (*_M5, heading, lowest), heading == _EFFICACY)


SECTIONS: Mapping[str, Section] = {
    "5.3.1.1": _section("531-rep-biopharm-stud", "5311-ba-stud-rep", _BIO,
                        "m5-3-1-1-bioavailability-study-reports"),
    "5.3.1.2": _section("531-rep-biopharm-stud", "5312-compar-ba-be-stud-rep", _BIO,
                        "m5-3-1-2-comparative-ba-and-bioequivalence-study-reports"),
    "5.3.3.1": _section("533-rep-human-pk-stud", "5331-healthy-subj-pk-init-tol-stud-rep", _PK,
                        "m5-3-3-1-healthy-subject-pk-and-initial-tolerability-study-reports"),
    "5.3.3.2": _section("533-rep-human-pk-stud", "5332-patient-pk-init-tol-stud-rep", _PK,
                        "m5-3-3-2-patient-pk-and-initial-tolerability-study-reports"),
    "5.3.3.3": _section("533-rep-human-pk-stud", "5333-intrin-factor-pk-stud-rep", _PK,
                        "m5-3-3-3-intrinsic-factor-pk-study-reports"),
    "5.3.3.4": _section("533-rep-human-pk-stud", "5334-extrin-factor-pk-stud-rep", _PK,
                        "m5-3-3-4-extrinsic-factor-pk-study-reports"),
    "5.3.4.1": _section("534-rep-human-pd-stud", "5341-healthy-subj-pd-stud-rep", _PD,
                        "m5-3-4-1-healthy-subject-pd-and-pk-pd-study-reports"),
    "5.3.4.2": _section("534-rep-human-pd-stud", "5342-patient-pd-stud-rep", _PD,
                        "m5-3-4-2-patient-pd-and-pk-pd-study-reports"),
    "5.3.5.1": _section("535-rep-effic-safety-stud", "5351-stud-rep-contr", _EFFICACY, _CONTROLLED),
    "5.3.5.2": _section("535-rep-effic-safety-stud", "5352-stud-rep-uncontr", _EFFICACY,
                        "m5-3-5-2-study-reports-of-uncontrolled-clinical-studies"),
    "5.3.5.4": _section("535-rep-effic-safety-stud", "5354-other-stud-rep", _EFFICACY,
                        "m5-3-5-4-other-study-reports"),
}  # fmt: skip
"""ICH eCTD 3.2.2, Appendix 4, for one study's reports and data."""
