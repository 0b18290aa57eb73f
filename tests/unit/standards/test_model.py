"""The model's table against CDISC's own, and against the guides that implement it."""

import pickle
from pathlib import Path

import pytest

from sdtmflow.standards import sdtmig
from sdtmflow.standards.model import GENERAL_CLASSES, MODEL_OF, class_variables
from sdtmflow.standards.sdtmig import VERSIONS

MODELS = Path(__file__).parents[4] / "shared" / "core-cache" / "standards_models.pkl"
KEPT_FROM_HUMAN_TRIALS = {
    *("FETUSID", "RPHASE", "RPPLDY", "RPPLSTDY", "RPPLENDY", "--NOMDY", "--NOMLBL", "--RPDY"),
    *("--RPSTDY", "--RPENDY", "--DETECT", "--USCHFL", "--RSTIND", "--RSTMOD", "--RESLOC"),
    *("--DTHREL", "--EXCLFL", "--REASEX", "--IMPLBL", "--METHOD"),
}
"""SDTMIG 2.7; --METHOD of interventions."""

OF_THE_GUIDE_ALONE = {"MHEVDTYP", "EGBEATNO", "MSAGENT", "MSCONC", "MSCONCU"}
"""SDTMIG 3.3 has them, and the model of its time has not."""


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("cls", ["INTERVENTIONS", "EVENTS", "FINDINGS"])
def test_every_variable_equals_the_published_model(version, cls):
    if not MODELS.is_file():
        pytest.skip(f"NOT COMPARED with CDISC's own model: {MODELS.name} is absent")
    # A local file of plain data, which the rules engine reads as well.
    models = pickle.loads(MODELS.read_bytes())
    published = models[f"models/sdtm/{MODEL_OF[version].replace('.', '-')}"]["classes"]
    theirs = {
        row["name"]: (row["label"], row["simpleDatatype"], row["role"])
        for each in published
        if each["name"].upper() in {"GENERAL OBSERVATIONS", cls}
        for row in each["classVariables"]
    }
    ours = {v.name: (v.label, v.type, v.role) for v in class_variables(version, cls)}
    assert {name: theirs[name] for name in ours} == ours
    not_in_findings = {"--STDTC", "--STDY", "--XSTDY", "--CHSTDY"} if cls == "FINDINGS" else set()
    assert theirs.keys() - ours.keys() <= KEPT_FROM_HUMAN_TRIALS | not_in_findings


@pytest.mark.parametrize("version", VERSIONS)
def test_the_guides_variables_are_the_models(version):
    for facts in sdtmig(version).datasets.values():
        if facts.cls in GENERAL_CLASSES:
            known = {v.of(facts.name): v for v in class_variables(version, facts.cls)}
            for variable in facts.variables:
                if variable.name not in OF_THE_GUIDE_ALONE:
                    assert variable.type == known[variable.name].type


def test_findings_about_are_findings_with_an_object():
    names = [variable.name for variable in class_variables("3.4", "FINDINGS ABOUT")]
    assert names[names.index("--TEST") :][:2] == ["--TEST", "--OBJ"]
    assert names[:3] == ["STUDYID", "DOMAIN", "USUBJID"]
    assert names[-1] == "--PDUR"
