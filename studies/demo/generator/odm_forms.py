"""The EDC system's case report form: its code lists, forms and study events."""

from __future__ import annotations

from generator.layout import Column, Form, Kind


def _codes(*values: str) -> dict[str, str]:
    return {value: str(number) for number, value in enumerate(values, start=1)}


YES_NO = {"Y": "1", "N": "0"}
CODELISTS: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "CL.SEX": ("Sex", _codes("M", "F"), {"M": "Male", "F": "Female"}),
    "CL.RACE": (
        "Race",
        _codes("WHITE", "BLACK OR AFRICAN AMERICAN", "ASIAN", "OTHER"),
        {
            "WHITE": "White",
            "BLACK OR AFRICAN AMERICAN": "Black",
            "ASIAN": "Asian",
            "OTHER": "Other",
        },
    ),
    "CL.ETHNIC": (
        "Ethnicity",
        _codes("HISPANIC OR LATINO", "NOT HISPANIC OR LATINO"),
        {"HISPANIC OR LATINO": "Hispanic", "NOT HISPANIC OR LATINO": "Not Hispanic"},
    ),
    "CL.NY": ("Yes or no", YES_NO, {"Y": "Yes", "N": "No"}),
    "CL.ARM": ("Arm", _codes("PBO", "VEL"), {"PBO": "Placebo", "VEL": "Velorastat"}),
    "CL.DRUG": (
        "Study drug",
        _codes("PLACEBO", "VELORASTAT"),
        {"PLACEBO": "Placebo", "VELORASTAT": "Velorastat"},
    ),
    "CL.SEV": (
        "Severity",
        _codes("MILD", "MODERATE", "SEVERE"),
        {"MILD": "Mild", "MODERATE": "Moderate", "SEVERE": "Severe"},
    ),
    "CL.REL": (
        "Causality",
        _codes("NOT RELATED", "RELATED"),
        {"NOT RELATED": "Not related", "RELATED": "Related"},
    ),
    "CL.ACN": (
        "Action taken",
        _codes(
            "DOSE NOT CHANGED", "DOSE REDUCED", "DRUG INTERRUPTED", "DRUG WITHDRAWN",
            "NOT APPLICABLE",
        ),
        {
            "DOSE NOT CHANGED": "Dose not changed",
            "DOSE REDUCED": "Dose reduced",
            "DRUG INTERRUPTED": "Interrupted",
            "DRUG WITHDRAWN": "Permanently stopped",
            "NOT APPLICABLE": "Not applicable",
        },
    ),
    "CL.OUT": (
        "Outcome",
        _codes("RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED", "FATAL"),
        {
            "RECOVERED/RESOLVED": "Resolved",
            "NOT RECOVERED/NOT RESOLVED": "Not resolved",
            "FATAL": "Fatal",
        },
    ),
    "CL.ROUTE": (
        "Route",
        _codes("ORAL", "SUBCUTANEOUS", "RESPIRATORY (INHALATION)"),
        {
            "ORAL": "By mouth",
            "SUBCUTANEOUS": "Subcutaneous",
            "RESPIRATORY (INHALATION)": "Inhaled",
        },
    ),
    "CL.FREQ": (
        "Frequency",
        _codes("QD", "BID", "PRN"),
        {"QD": "Once daily", "BID": "Twice daily", "PRN": "As needed"},
    ),
    "CL.END": (
        "Reason for the end of participation",
        _codes(
            "COMPLETED", "ADVERSE EVENT", "WITHDRAWAL BY SUBJECT", "LOST TO FOLLOW-UP", "DEATH",
            "SCREEN FAILURE",
        ),
        {
            "COMPLETED": "Completed",
            "ADVERSE EVENT": "Adverse event",
            "WITHDRAWAL BY SUBJECT": "Withdrawal by subject",
            "LOST TO FOLLOW-UP": "Lost to follow-up",
            "DEATH": "Death",
            "SCREEN FAILURE": "Screen failure",
        },
    ),
}  # fmt: skip
"""OID → name, submission value → code, submission value → the label that people see."""


def _coded(name: str, sent: str, label: str, codelist: str) -> tuple[Column, str]:
    return Column(name, sent, label, codes=CODELISTS[codelist][1]), codelist


def _plain(name: str, sent: str, label: str, kind: Kind = "text") -> tuple[Column, str]:
    return Column(name, sent, label, kind), ""


_Item = tuple[Column, str]
"""A column and the OID of its code list ("" where it has none)."""
_DEFINITIONS: tuple[tuple[str, str, str, tuple[_Item, ...]], ...] = (
    ("dm", "DEMOG", "Demographics", (
        _plain("RFICDAT", "CONSENT_DATE", "Date of informed consent", "date"),
        _plain("DMDAT", "VISIT_DATE", "Date of visit", "date"),
        _plain("BRTHDAT", "BIRTH_DATE", "Date of birth", "date"),
        _plain("AGE", "AGE", "Age in years", "number"),
        _coded("SEX", "SEX", "Sex", "CL.SEX"),
        _coded("RACE", "RACE", "Race", "CL.RACE"),
        _coded("ETHNIC", "ETHNICITY", "Ethnicity", "CL.ETHNIC"),
    )),
    ("vs", "VITALS", "Vital signs", (
        _coded("VSPERF", "DONE", "Were vital signs measured?", "CL.NY"),
        _plain("VSDAT", "DATE", "Date of measurement", "date"),
        _plain("SYSBP_VSORRES", "SYSTOLIC", "Systolic blood pressure (mmHg)", "number"),
        _plain("DIABP_VSORRES", "DIASTOLIC", "Diastolic blood pressure (mmHg)", "number"),
        _plain("PULSE_VSORRES", "PULSE", "Pulse (beats/min)", "number"),
        _plain("TEMP_VSORRES", "TEMPERATURE", "Body temperature (degrees Celsius)", "number"),
        _plain("HEIGHT_VSORRES", "HEIGHT", "Height (cm)", "number"),
        _plain("WEIGHT_VSORRES", "WEIGHT", "Weight (kg)", "number"),
    )),
    ("rand", "RANDOMISATION", "Randomisation", (
        _plain("RANDDAT", "DATE", "Date of randomisation", "date"),
        _plain("RANDNO", "NUMBER", "Randomisation number"),
        _coded("ARMCD", "ARM", "Arm", "CL.ARM"),
    )),
    ("ex", "DOSING", "Study drug", (
        _coded("EXTRT", "DRUG", "Study drug", "CL.DRUG"),
        _plain("EXDOSE", "DAILY_DOSE", "Dose (mg)", "number"),
        _plain("EXSTDAT", "FIRST_DAY", "First day of this dose", "date"),
        _plain("EXENDAT", "LAST_DAY", "Last day of this dose", "date"),
        _plain("EXADJ", "CHANGE_REASON", "Reason for the change of dose"),
    )),
    ("mh", "HISTORY", "Medical history", (
        _plain("MHTERM", "CONDITION", "Condition"),
        _plain("MHDECOD", "CODED", "Coded condition"),
        _plain("MHBODSYS", "ORGAN_CLASS", "System organ class"),
        _plain("MHSTDAT", "START", "Start date", "partial"),
        _plain("MHENDAT", "END", "End date", "partial"),
        _coded("MHONGO", "ONGOING", "Ongoing?", "CL.NY"),
    )),
    ("ae", "ADVERSE", "Adverse events", (
        _plain("AETERM", "EVENT", "Adverse event"),
        _plain("AEDECOD", "CODED", "Coded event"),
        _plain("AEBODSYS", "ORGAN_CLASS", "System organ class"),
        _plain("AESTDAT", "START", "Start date", "partial"),
        _plain("AEENDAT", "END", "End date", "partial"),
        _coded("AEONGO", "ONGOING", "Ongoing?", "CL.NY"),
        _coded("AESEV", "SEVERITY", "Severity", "CL.SEV"),
        _coded("AESER", "SERIOUS", "Serious?", "CL.NY"),
        _coded("AESDTH", "SER_DEATH", "Results in death", "CL.NY"),
        _coded("AESLIFE", "SER_LIFE", "Life-threatening", "CL.NY"),
        _coded("AESHOSP", "SER_HOSP", "Requires or prolongs hospitalisation", "CL.NY"),
        _coded("AESDISAB", "SER_DISAB", "Persistent disability", "CL.NY"),
        _coded("AESCONG", "SER_CONG", "Congenital anomaly", "CL.NY"),
        _coded("AESMIE", "SER_OTHER", "Other medically important event", "CL.NY"),
        _coded("AEREL", "CAUSALITY", "Related to the study drug?", "CL.REL"),
        _coded("AEACN", "ACTION", "Action taken with the study drug", "CL.ACN"),
        _coded("AEOUT", "OUTCOME", "Outcome", "CL.OUT"),
        _coded("AESI", "SPECIAL", "Adverse event of special interest?", "CL.NY"),
    )),
    ("cm", "MEDICATION", "Concomitant medication", (
        _plain("CMTRT", "DRUG", "Medication"),
        _plain("CMDOSE", "DOSE", "Dose", "number"),
        _plain("CMDOSU", "UNIT", "Unit"),
        _coded("CMDOSFRQ", "FREQUENCY", "Frequency", "CL.FREQ"),
        _coded("CMROUTE", "ROUTE", "Route", "CL.ROUTE"),
        _plain("CMINDC", "INDICATION", "Indication"),
        _plain("CMSTDAT", "START", "Start date", "partial"),
        _plain("CMENDAT", "END", "End date", "partial"),
        _coded("CMONGO", "ONGOING", "Ongoing?", "CL.NY"),
    )),
    ("ds", "END", "End of participation", (
        _plain("DSTERM", "REASON_TEXT", "Reason, in words"),
        _coded("DSDECOD", "REASON", "Reason", "CL.END"),
        _plain("DSSTDAT", "DATE", "Date of completion or discontinuation", "date"),
        _plain("DTHDAT", "DEATH_DATE", "Date of death", "date"),
    )),
)  # fmt: skip
FORMS = {
    table: Form(
        table,
        f"F.{name}",
        title,
        tuple(
            Column(item.name, f"I.{name}.{item.sent}", item.label, item.kind, item.codes)
            for item, _ in items
        ),
    )
    for table, name, title, items in _DEFINITIONS
}
CODELIST_OF = {
    f"I.{name}.{item.sent}": codelist
    for _, name, _, items in _DEFINITIONS
    for item, codelist in items
}
REPEATING = {"ex", "ae", "cm", "mh"}
EVENTS = {
    "SCREENING": ("SE.SCREENING", ("dm", "vs", "mh")),
    "BASELINE": ("SE.BASELINE", ("rand", "vs")),
    "WEEK 2": ("SE.WEEK2", ("vs",)),
    "WEEK 4": ("SE.WEEK4", ("vs",)),
    "WEEK 8": ("SE.WEEK8", ("vs",)),
    "WEEK 12": ("SE.WEEK12", ("vs",)),
    "END OF STUDY": ("SE.EOS", ("vs",)),
    "UNSCHEDULED": ("SE.UNSCHEDULED", ("vs",)),
    "LOG": ("SE.LOG", ("ex", "ae", "cm", "ds")),
}
"""Visit → study event and the forms filled in at it; the log runs through the whole study."""
