# ruff: noqa: E501 — one mistake a row reads better than any folding
"""Whatever can be wrong in a study's specs is told before data is touched: one mistake a row.

The study of ``CLEAN`` has none. Each row replaces one text of one of its files and names the file,
the line and the words of the answer; that answer is the only one.
"""

from pathlib import Path

import pytest

from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.study import StudyFolder

CLEAN = {
    "study.yaml": """version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources:
  edc: {kind: delimited, path: raw, site: "01", dates: [DD-MON-YYYY]}
""",
    "mappings/ae.yaml": """version: 1
domain: AE
from: ae
where: "AETERM is not missing"
keys: [STUDYID, USUBJID, AESTDTC, AETERM]
variables:
  AESEQ:   {sequence: {by: keys}}
  AETERM:  {assign: AETERM, label: Reported Term}
  AEDECOD: {assign: AEDECOD}
  AESEV:   {assign_ct: AESEV}
  AESER:   {assign_ct: SERIOUS, terms: SER}
  AEOUT:   {case: [{when: "AESER = 'Y'", then: FATAL}, {else: null}]}
  AESTDTC: {datetime: [AESTDAT, AESTTIM], formats: [DD-MON-YYYY]}
  AEENDTC: {datetime: AEENDAT}
  AESTDY:  {study_day: AESTDTC}
  AECAT:   {constant: GENERAL, length: 10}
  AESCAT:  {derive: category, needs: [AETERM]}
  AEACN:   {assign_ct: AEACN}
  AELOC:   {assign: PLACE, pattern: "^(\\\\w+)"}
  AEPATT:  {lookup: {table: dm, value: SEX}}
supplemental:
  AEOTH:   {label: Other, assign: AEOTH}
""",
    "mappings/dm.yaml": """version: 1
domain: DM
from: dm
keys: [STUDYID, USUBJID]
variables:
  RFSTDTC: {earliest: AE.AESTDTC}
  SEX:     {assign_ct: SEX}
  AGE:     {number: AGE}
  AGEU:    {constant: YEARS}
  COUNTRY: {constant: CHE}
  ARM:     {lookup: {dataset: TA, value: ARM, match: {ARMCD: DM.ARMCD}}}
  ARMCD:   {assign: ARMCD}
""",
    "mappings/vs.yaml": """version: 1
domain: VS
keys: [STUDYID, USUBJID, VSTESTCD, VSDTC]
records:
  - from: vs
    unpivot:
      into: TESTCD
      values: [SYSBP, DIABP]
      columns: {RESULT: "{}_RES", UNIT: "{}_UNIT"}
    variables:
      VSTESTCD: {assign: TESTCD, codelist: VSTESTCD}
      VSTEST:   {assign_ct: TESTCD}
      VSORRES:  {assign: RESULT}
      VSSTRESN: {convert: {value: RESULT, unit: UNIT, test: TESTCD}}
  - from: vs
    where: "DONE = 'N'"
    variables:
      VSTESTCD: {constant: VSALL}
      VSTEST:   {constant: Vital Signs}
variables:
  VSSEQ:    {sequence: {by: keys}}
  VSDTC:    {datetime: VSDAT}
  VSBLFL:   {baseline: {result: VSORRES, date: VSDTC, by: [VSTESTCD], reference: DM.RFSTDTC}}
""",
    "mappings/own.py": "def category(records):\n    return records['AETERM']\n",
    "terms/SER.csv": "collected,submission,source\nserious,Y,\nnot,N,edc\n",
    "terms/units.csv": (
        "test,from,to,factor,offset,decimals\nSYSBP,mmHg,mmHg,1,0,0\nSYSBP,cmHg,mmHg,10,0,0\n"
    ),
}


def problems(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "standard").mkdir(exist_ok=True)
    try:
        load_plan(StudyFolder(folder), folder / "standard")
    except StudyError as error:
        return str(error).splitlines()
    return []


def changed(name: str, old: str, new: str) -> dict[str, str]:
    text = CLEAN[name]
    assert text.count(old) >= 1, f"{old} is not in {name}"
    return CLEAN | {name: text.replace(old, new, 1)}


def test_the_clean_study_has_no_mistake(tmp_path):
    assert problems(tmp_path, CLEAN) == []


AE, DM, VS, STUDY = "mappings/ae.yaml", "mappings/dm.yaml", "mappings/vs.yaml", "study.yaml"
SER, UNITS, OWN = "terms/SER.csv", "terms/units.csv", "mappings/own.py"

MISTAKES = [
    # The file as such
    (AE, "version: 1", "version: 2", "ae.yaml:1: version: '2' is not known here; write one of: 1"),
    (AE, "domain: AE", "domain: XQ", "ae.yaml:2: SDTMIG 3.4 has no dataset 'XQ'"),
    (AE, "where:", "were:", "ae.yaml:4: were: unknown key 'were'; did you mean 'where'?"),
    (AE, "from: ae\n", "from: ''\n", "ae.yaml:1: nothing to read from; add 'from: <raw table>'"),
    (AE, "from: ae\n", "from: builtin.visits\n", "ae.yaml:3: there is no maker 'builtin.visits'"),
    (AE, "  AEACN:", "  AESEV: ", "ae.yaml:18: 'AESEV' stands already at line 10; keep one"),
    (AE, "  AEACN:", "\tAEACN:", "ae.yaml:18: found character '\\t'"),
    (DM, "domain: DM", "domain: AE", "dm.yaml:2: mappings/ae.yaml is already the spec of AE"),
    (AE, "from: ae\n", "from: ae\nlabel: " + "x" * 41 + "\n", "a label has at most 40 characters"),
    (AE, "domain: AE", "domain: AE\nextends: standard", "there is no standard spec of AE to extend"),
    # Conditions
    (AE, "AETERM is not missing", "AETERM not missing", "ae.yaml:4: where: the condition 'AETERM"),
    (AE, "AETERM is not missing", "DM.SEX = 'F'", "ae.yaml:3: 'where' reads raw columns, and DM"),
    (AE, "AETERM is not missing", "AETERM matches '('", "ae.yaml:4: where: '(' is no regular expr"),
    (AE, "AESER = 'Y'", "AESER = 'Yes'", "ae.yaml:12: AESER is never 'Yes'"),
    (AE, "AESER = 'Y'", "AESTDY > 'x'", "ae.yaml:12: AESTDY is a number, and 'x' is none"),
    (AE, "AESER = 'Y'", "DM.SEXX = 'F'", "ae.yaml:12: DM has no line for SEXX; did you mean SEX?"),
    # Keys
    (AE, "AESTDTC, AETERM]", "AESTDTC, AETERN]", "ae.yaml:2: the key AETERN has no line; did you"),
    (AE, "AESTDTC, AETERM]", "AETERM, AETERM]", "ae.yaml:2: the key AETERM is named twice"),
    (AE, "[STUDYID, USUBJID, ", "[STUDYID, ", "ae.yaml:2: the keys lack USUBJID"),
    (AE, "AESTDTC, AETERM]", "AESTDTC, aeterm]", "ae.yaml:5: keys.4: 'aeterm' is no variable"),
    (AE, "keys: [STUDYID, USUBJID, AESTDTC, AETERM]\n", "", "no keys to number by"),
    (AE, "{by: keys}", "{by: [AESTD]}", "ae.yaml:7: AE has no line for AESTD; did you mean AES"),
    # Lines
    (AE, "  AEDECOD: {assign: AEDECOD}\n", "", "ae.yaml:2: AE lacks the required variable AEDECOD"),
    (AE, "AELOC:  ", "AELOCX: ", "ae.yaml:19: AE has no variable AELOCX; did you mean AELOC?"),
    (AE, "AELOC:  ", "aeloc:  ", "ae.yaml:19: variables.aeloc"),
    (AE, "{assign: AEDECOD}", "{asign: AEDECOD}", "unknown key 'asign'; did you mean 'assign'?"),
    (AE, "{assign: AEDECOD}", "{}", "ae.yaml:9: variables.AEDECOD: a line has exactly one verb"),
    (AE, "{assign: AEDECOD}", "{assign: A, number: B}", "found assign and number"),
    (AE, "{assign: AEDECOD}", "{assign: 12}", "ae.yaml:9: variables.AEDECOD.assign: a number stands where text is meant; put it in quotes"),
    (AE, "{assign_ct: AEACN}", "null", "ae.yaml:18: there is no line of AEACN to leave out"),
    (AE, "study_day: AESTDTC", "study_day: AESTDT", "ae.yaml:15: AE has no line for AESTDT"),
    (AE, "needs: [AETERM]", "needs: [AETERN]", "ae.yaml:17: AE has no line for AETERN"),
    (AE, "assign: AEDECOD}", "assign: AE.AEXX}", "ae.yaml:9: AE has no line for AEXX"),
    (AE, "{assign_ct: AESEV}", "{sequence: {by: keys}}", "AESEV is text, and sequence makes a num"),
    (AE, "{study_day: AESTDTC}", "{datetime: X}", "AESTDY is a number, and datetime makes text"),
    (AE, "length: 10", "length: 5", "ae.yaml:16: length 5 is too small for 'GENERAL'; write 7"),
    (AE, "length: 10", "length: 300", "ae.yaml:16: variables.AECAT.length: 300 is too much; write 200"),
    (AE, "length: 10", "type: float", "ae.yaml:16: type float does not suit AECAT"),
    (AE, "length: 10", "formats: [ISO]", "ae.yaml:16: 'formats' has no effect on constant"),
    (AE, "length: 10", "evaluator: X", "'evaluator' has an effect on supplemental qualifiers only"),
    (AE, "length: 10", "origin: Collectd", "'Collectd' is not known here"),
    (AE, "label: Reported Term", "label: Grösse", "ae.yaml:8: the label has the character 'ö'"),
    (AE, "label: Reported Term", "label: " + "x" * 41, "ae.yaml:8: a label has at most 40"),
    (AE, "{study_day: AESTDTC}", "{study_day: AESTDTC, length: 9}", "length of at most 8"),
    (AE, "then: FATAL}", "then: FATALLY}", "ae.yaml:12: 'FATALLY' is no term of OUT"),
    (AE, "{else: null}]", "{else: null}, {when: \"A = 1\", then: FATAL}]", "after 'else' are never"),
    (AE, "{else: null}]", "{then: FATAL}]", "ae.yaml:12: branch 2 has no condition"),
    (AE, "{else: null}]", "{when: \"A = 1\"}]", "ae.yaml:12: branch 2 has no 'then'"),
    (AE, "{else: null}]", "{when: \"A = 1\", else: FATAL}]", "branch 2 has both 'when' and 'else'"),
    (AE, "formats: [DD-MON-YYYY]", "formats: [DD-MM-YY]", "ae.yaml:13: 'DD-MM-YY' has a year wi"),
    (AE, "formats: [DD-MON-YYYY]", "formats: [day]", "ae.yaml:13: 'day' is no date format"),
    (AE, "formats: [DD-MON-YYYY]", "formats: [ISO, D]", "ae.yaml:13: 'D' is no date format"),
    (AE, '"^(\\\\w+)"', '"^(w"', "ae.yaml:19: '^(w' is no regular expression: unclosed group"),
    (AE, '"^(\\\\w+)"', '"^w"', "ae.yaml:19: the pattern has no group; put what is to be kept in"),
    (AE, "lookup: {table: dm,", "lookup: {", "a lookup reads either 'table' (raw) or 'dataset'"),
    (AE, "table: dm, value: SEX", "dataset: DM, value: SEXX", "ae.yaml:20: no line makes DM.SEXX"),
    (AE, "table: dm, value: SEX", "dataset: QQ, value: SEX", "ae.yaml:20: no line makes QQ.SEX"),
    (DM, "value: ARM,", "value: ARMX,", "dm.yaml:11: TA has no variable ARMX; did you mean ARM"),
    (DM, "earliest: AE.AESTDTC", "earliest: AE.AESTDT", "dm.yaml:6: no line makes AE.AESTDT"),
    (DM, "earliest: AE.AESTDTC", "earliest: {of: [AE.AESTDTC], where: \"AEX = 1\"}", "makes AE.AEX"),
    (DM, "{constant: YEARS}", "{constant: YEAR}", "dm.yaml:9: 'YEAR' is no term of AGEU; did you"),
    (DM, "{number: AGE}", "{constant: old}", "dm.yaml:8: AGE is a number, and 'old' is none"),
    (DM, "{assign: ARMCD}", "{constant: PLACEBO AND THEN ACTIVE}", "longer than the 20 characters"),
    # Derivations
    (AE, "derive: category", "derive: kategory", "no function 'kategory' in mappings/*.py; did you"),
    (OWN, "category(records)", "category(a, b)", "ae.yaml:17: 'category' (own.py:1) does not take"),
    (OWN, "def ", "import nothing_there\ndef ", "own.py:1: the file does not import: ModuleNotFou"),
    (OWN, "def ", "deff ", "own.py:1: the file does not import: SyntaxError"),
    # Codelists and terms
    (AE, "{assign_ct: AEACN}", "{assign_ct: AEACN, codelist: ACNN}", "there is no codelist 'ACNN'"),
    (AE, "{assign_ct: AEACN}", "{assign_ct: AEACN, terms: NOPE}", "there is no terms/NOPE.csv"),
    (AE, "AEPATT:  {lookup: {table: dm, value: SEX}}", "AEPATT:  {assign_ct: P}", "no codelist and"),
    (SER, "serious,Y", "serious,J", "terms/SER.csv:2: 'J' is no term of NY"),
    (SER, "not,N,edc", "serious,Y,", "SER.csv:3: 'serious' stands already at terms/SER.csv:2"),
    (SER, "not,N,edc", "serious,N,", "SER.csv:3: 'serious' has another submission value at"),
    (SER, "not,N,edc", ",N,", "SER.csv:3: 'collected' is blank"),
    (SER, "not,N,edc", "not,N,edd", "SER.csv:3: study.yaml has no source 'edd'; did you mean edc"),
    (SER, "not,N,edc", "not,really,N,edc", "SER.csv:3: the line has more cells than there are"),
    (SER, "collected,", "collect,", "SER.csv:1: the terms lack the column 'collected'"),
    (SER, "source\n", "sauce\n", "SER.csv:1: the terms have a column 'sauce'"),
    # Conversions
    (VS, "unit: UNIT, test", "unit: UNIT, table: nope, test", "no conversion table 'nope'"),
    (VS, "test: TESTCD}", "test: TESTCD, give: txt}", "'txt' is not known here; did you mean 'text"),
    (VS, "test: TESTCD}", "test: TESTCD, give: unit}", "VSSTRESN is a number, and convert makes t"),
    (UNITS, "cmHg,mmHg,10,", "cmHg,mmHg,ten,", "units.csv:3: 'ten' is no number"),
    (UNITS, "cmHg,mmHg,10,", "cmHg,mmHg,inf,", "units.csv:3: 'inf' is no number"),
    (UNITS, "10,0,0", "10,0,0.5", "units.csv:3: 'decimals' is no number of digits"),
    (UNITS, "SYSBP,cmHg,mmHg", "SYSBP,cmHg,", "units.csv:3: 'test' and 'to' are needed"),
    (UNITS, "SYSBP,cmHg", "SYSBP,mmHg", "units.csv:3: SYSBP in 'mmHg' is converted already at"),
    (UNITS, "SYSBP,cmHg,mmHg", "SYSBP,cmHg,kPa", "units.csv:3: SYSBP has the standard unit 'mmHg'"),
    (UNITS, "test,from,to,factor", "test,from,to,faktor", "units.csv:1: the conversions lack the co"),
    # Record sets
    (VS, "    where:", "    unpivot: {into: T, values: [A], columns: {T: \"{}_R\"}}\n    where:",
     "vs.yaml:15: 'into' and 'columns' both make T"),
    (VS, "[SYSBP, DIABP]", "[SYSBP, SYSBP]", "vs.yaml:5: unpivot names the value 'SYSBP' twice"),
    (VS, '{RESULT: "{}_RES", UNIT: "{}_UNIT"}', "{RESULT: RES}", "no column of the unpivot has {}"),
    (VS, "values: [SYSBP, DIABP]", "values: [SYSBP]\n      labels: {DIABP: X}",
     "vs.yaml:5: 'labels' names 'DIABP', which is no value of the unpivot"),
    (VS, "      VSTEST:   {constant: Vital Signs}\n", "",
     "vs.yaml:15: record set 2 (from vs) lacks the required variable VSTEST"),
    (VS, "records:", "from: vs\nrecords:", "'where' belong inside 'records'"),
    (VS, "constant: VSALL", "constant: VITALSIGNS", "longer than the 8 characters of VSTESTCD"),
    (VS, "by: [VSTESTCD],", "by: [VSTESCD],", "vs.yaml:23: VS has no line for VSTESCD; did you m"),
    # Supplemental qualifiers
    (AE, "{label: Other, assign", "{assign", "ae.yaml:22: the qualifier AEOTH needs a label of 1"),
    (AE, "  AEOTH: ", "  AEOTHERTHING: ", "ae.yaml:22: supplemental.AEOTHERTHING"),
    (AE, "  AEOTH: ", "  AETERM: ", "ae.yaml:22: AETERM is a variable of AE as well"),
    # study.yaml in the words of mapping
    (STUDY, "[DD-MON-YYYY]", "[DD/MM/YY]", "study.yaml:8: 'DD/MM/YY' has a year without century"),
    (STUDY, "title: T", "title: T\nusubjid: '{study}-{sit}'", "usubjid: '{sit}' is not known"),
    (STUDY, "title: T", "title: T\nusubjid: '{study}'", "usubjid: subjects would share one USUBJ"),
    (STUDY, "title: T", "title: T\nusubjid: '{study'", "usubjid: '{study' has a single brace"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "answer"), MISTAKES)
def test_a_mistake_is_told_alone_and_at_its_place(tmp_path, file, old, new, answer):
    told = problems(tmp_path, changed(file, old, new))
    assert len(told) == 1, told
    assert answer in told[0]
    assert "; " in told[0], "what to write instead"


def test_a_cycle_is_told_and_so_is_the_next_one(tmp_path):
    files = changed(AE, "{datetime: AEENDAT}", '{case: [{when: "AE.AEPATT = 1", then: x}]}')
    files[AE] = files[AE].replace("{table: dm, value: SEX}", "{dataset: AE, value: AEENDTC}")
    files[DM] = files[DM].replace("ARMCD:   {assign: ARMCD}", "ARMCD:   {coalesce: [DM.ARM, A]}")
    told = problems(tmp_path, files)
    assert len(told) == 2
    assert "ae.yaml:" in told[0]
    assert "these variables need each other: " in told[0]
    assert "dm.yaml:" in told[1]
    assert "ARM" in told[1]


def test_all_mistakes_of_all_kinds_of_files_are_told_in_one_go(tmp_path):
    files = dict(CLEAN)
    for file, old, new in (
        (AE, "{assign: AEDECOD}", "{asign: AEDECOD}"),
        (AE, "study_day: AESTDTC", "study_day: AESTDT"),
        (AE, "length: 10", "length: 5"),
        (DM, "{constant: YEARS}", "{constant: YEAR}"),
        (VS, "[SYSBP, DIABP]", "[SYSBP, SYSBP]"),
        (VS, "records:", "record:\n  x: 1\nrecords:"),
        (SER, "serious,Y", "serious,J"),
        (UNITS, "10,0,0", "ten,0,0"),
        (OWN, "def ", "deff "),
        (STUDY, "[DD-MON-YYYY]", "[DD/MM/YY]"),
    ):
        files[file] = files[file].replace(old, new, 1)
    places = [line.split(": ")[0] for line in problems(tmp_path, files)]
    assert places == [
        "mappings/ae.yaml:9",
        "mappings/ae.yaml:15",
        "mappings/ae.yaml:16",
        "mappings/dm.yaml:9",
        "mappings/vs.yaml:4",
        "mappings/vs.yaml:7",
        "own.py:1",
        "study.yaml:8",
        "terms/SER.csv:2",
        "units.csv:3",
    ]


def test_a_file_with_another_ending_is_not_passed_over(tmp_path):
    told = problems(tmp_path, CLEAN | {"mappings/cm.yml": CLEAN[AE]})
    assert told == ["mappings/cm.yml: only *.yaml files are specs; rename it to .yaml"]


def test_terms_in_another_encoding_are_told(tmp_path):
    problems(tmp_path, CLEAN)
    (tmp_path / SER).write_bytes("collected,submission\nnö,N\n".encode("cp1252"))
    with pytest.raises(StudyError, match=r"terms/SER.csv: the file is not UTF-8 text; save it as"):
        load_plan(StudyFolder(tmp_path), tmp_path / "standard")


def test_a_line_with_a_mistake_still_counts_as_made(tmp_path):
    told = problems(tmp_path, changed(AE, "{datetime: [AESTDAT", "{datetim: [AESTDAT"))
    answer = (
        "ae.yaml:13: variables.AESTDTC.datetim: unknown key 'datetim'; did you mean 'datetime'?"
    )
    assert told == [f"mappings/{answer}"]
