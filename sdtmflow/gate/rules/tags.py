"""ST: study tagging files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdtmflow.agency import Profile
from sdtmflow.gate.backbone import Leaf
from sdtmflow.gate.criterion import ASKED, REJECTS, Criterion, Hit, Hits
from sdtmflow.gate.tagging import Document, Tagging
from sdtmflow.gate.tree import Package

_ICH_TAGS = """
    pre-clinical-study-report legacy-clinical-study-report synopsis study-report-body
    protocol-or-amendment sample-case-report-form iec-irb-consent-form-list
    list-description-investigator-site signatures-investigators list-patients-with-batches
    randomisation-scheme audit-certificates-report statistical-methods-interim-analysis-plan
    inter-laboratory-standardisation-methods-quality-assurance publications-based-on-study
    publications-referenced-in-report discontinued-patients protocol-deviations
    patients-excluded-from-efficacy-analysis demographic-data
    compliance-and-drug-concentration-data individual-efficacy-response-data
    adverse-event-listings listing-individual-laboratory-measurements-by-patient
    case-report-forms available-on-request assay-validation biomarkers
    data-monitoring-review-committees device-information diagnostic-tests gene-therapy
    patient-reported-outcomes pharmacodynamics pharmacogenomics pharmacokinetics quality-of-life
    stem-cells abuse-liability antibody healthcare-utilization other-data-not-specified
    PK-PD-relationship specialty-report bimo csr_other hepatic-impairment-study
    renal-impairment-study drug-drug-interaction-study mass-balance-study population-pk-report
    population-pkpd-report pbpk-report pbbm-report qsp-report cp-general qt-clinical-study
    qt-invitro-study pd-invivo-study pd-invitro-study iscp isi study-data-reviewers-guide
    analysis-data-reviewers-guide weight-of-evidence animal-rule-efficacy
    animal-rule-natural-history nonstandard-safety-study
"""
_US_TAGS = """
    data-tabulation-dataset data-tabulation-dataset-legacy data-tabulation-dataset-sdtm
    data-tabulation-dataset-send data-tabulation-data-definition data-listing-dataset
    data-listing-data-definition analysis-dataset analysis-dataset-adam analysis-dataset-legacy
    analysis-program analysis-data-definition annotated-crf ecg image subject-profiles
    safety-report antibacterial special-pathogen antiviral iss ise pm-description
    foreign-clinical-studies-not-under-ind HF-validation-protocol HF-validation-report
    HF-validation-other
"""
_JP_TAGS = """
    complete-patient-list serious-adverse-event-patient-list adverse-event-patient-list
    abnormal-lab-values-patient-list
"""
REALMS: Mapping[str, str] = {
    **dict.fromkeys(_ICH_TAGS.split(), "ich"),
    **dict.fromkeys(_US_TAGS.split(), "us"),
    **dict.fromkeys(_JP_TAGS.split(), "jp"),
}
"""Every file-tag with its info-type (valid-values.xml)."""
CONTROLS = frozenset(
    {
        "placebo",
        "no-treatment",
        "dose-response-without-placebo",
        "active-control-without-placebo",
        "external",
    }
)
"""Values of the category type-of-control."""
_CONTROLLED = "5.3.5.1"


def _readable(package: Package) -> Iterator[Tagging]:
    return (one for one in package.taggings if not one.broken)


def _leaf_of(package: Package, tagging: Tagging) -> Leaf | None:
    leaves = package.backbone.leaves if package.backbone else ()
    return next((leaf for leaf in leaves if leaf.target == tagging.path), None)


def _names(package: Package) -> Hits:
    for tagging in _readable(package):
        expected = f"stf-{tagging.study.lower()}.xml"
        if tagging.name.lower().replace("_", "-") != expected.replace("_", "-"):
            yield Hit(tagging.path, f"the file's name is not stf-<study-id>.xml ({expected})")


def _identified(package: Package) -> Hits:
    for tagging in _readable(package):
        for what, text in (("study-id", tagging.study), ("title", tagging.title)):
            if not text:
                yield Hit(tagging.path, f"there is no {what}")


def _documents(package: Package) -> Iterator[tuple[Tagging, Document]]:
    return ((one, document) for one in _readable(package) for document in one.documents)


def _references(package: Package) -> Hits:
    known = package.backbone.by_id if package.backbone else {}
    if package.backbone is None or package.backbone.broken:
        return
    for tagging, document in _documents(package):
        leaf = known.get(document.leaf)
        if leaf is None:
            yield Hit(tagging.path, f"'{document.href}' is no leaf of index.xml")
        elif leaf.is_tagging:
            yield Hit(tagging.path, f"'{document.href}' is itself a study tagging file")


def _one_tag(package: Package) -> Hits:
    """Datasets and define.xml without any are criterion 1735's."""
    known = package.backbone.by_id if package.backbone else {}
    for tagging, document in _documents(package):
        leaf, count = known.get(document.leaf), len(document.tags)
        of_1735 = leaf is not None and leaf.href.endswith((".xpt", "/define.xml"))
        if count > 1 or (not count and not of_1735):
            yield Hit(tagging.path, f"'{document.leaf}' has {count} file-tags")


def _known_tags(package: Package) -> Hits:
    for tagging, document in _documents(package):
        for tag in document.tags:
            realm = REALMS.get(tag.name)
            if realm is None:
                yield Hit(tagging.path, f"'{tag.name}' is no file-tag")
            elif tag.realm != realm:
                what = f"{tag.name} has the info-type '{tag.realm}', not {realm}"
                yield Hit(tagging.path, what)


def _controls(package: Package) -> Hits:
    for tagging in _readable(package):
        leaf = _leaf_of(package, tagging)
        if leaf is None or leaf.section != _CONTROLLED:
            continue
        if not tagging.controls:
            yield Hit(tagging.path, "there is no category type-of-control")
        for control in tagging.controls:
            if control not in CONTROLS:
                yield Hit(tagging.path, f"'{control}' is no type-of-control")


def _titles(package: Package) -> Hits:
    for tagging in _readable(package):
        leaf = _leaf_of(package, tagging)
        if leaf and tagging.title and leaf.title and leaf.title != tagging.title:
            yield Hit(tagging.path, "the study's title is not the title of the file's leaf")


def _versions(package: Package) -> Hits:
    for tagging in _readable(package):
        leaf = _leaf_of(package, tagging)
        if leaf and not leaf.version.lower().startswith("stf version"):
            yield Hit(tagging.path, "its leaf has no version 'STF version 2.2'")


def _tagged(profile: Profile) -> bool:
    return profile.tagged


def _untagged(profile: Profile) -> bool:
    return not profile.tagged


def _none(package: Package) -> Hits:
    for tagging in package.taggings:
        yield Hit(tagging.path, f"{package.profile.agency} takes no study tagging file")


_STF = "ICH eCTD Backbone File Specification for Study Tagging Files 2.6.1"
_NMPA = "NMPA, eCTD Validation Standard"

TAG_CRITERIA: tuple[Criterion[Package], ...] = (
    Criterion("ST01", REJECTS, "A study tagging file is named stf-<study-id>.xml", f"{_STF}, II",
              "rename the file, or mend study-id", _names, _tagged),
    Criterion("ST02", REJECTS, "It has the study's id and title", f"{_STF}; {_NMPA} 5.6",
              "add them to study-identifier", _identified, _tagged),
    Criterion("ST03", REJECTS, "What it names are leaves of index.xml",
              f"{_STF}; {_NMPA} 5.2, 5.11",
              "mend xlink:href of doc-content", _references, _tagged),
    Criterion("ST04", REJECTS, "Each document has one file-tag", f"{_STF}; {_NMPA} 5.15",
              "keep the one that fits", _one_tag, _tagged),
    Criterion("ST05", ASKED, "File-tags and their info-types are known",
              f"{_STF}, valid-values.xml",
              "mend the file-tag or its info-type", _known_tags, _tagged),
    Criterion("ST06", ASKED, "A controlled study says by what it is controlled",
              f"{_STF}; {_NMPA} 5.10",
              "add the category type-of-control: in study.yaml 'submission: {control: …}'",
              _controls, _tagged),
    Criterion("ST07", ASKED, "Its title is that of its leaf", f"{_NMPA} 5.7",
              "use one title", _titles, _tagged),
    Criterion("ST08", ASKED, "Its leaf names the version of the format", f"{_STF}, III",
              "version=\"STF version 2.2\"", _versions, _tagged),
    Criterion("ST09", REJECTS, "Japan takes no study tagging file",
              "FDA, eCTD training: STFs are not allowed in Japan", "leave it out", _none,
              _untagged),
)  # fmt: skip
