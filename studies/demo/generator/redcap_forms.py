"""The REDCap project: its choices, instruments and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.layout import Column, Form


@dataclass(frozen=True)
class Choice:
    """A field with choices: submission value → code and label."""

    codes: Mapping[str, str]
    labels: Mapping[str, str]

    def choices(self) -> str:
        """As the data dictionary writes it: ``1, Male | 2, Female``."""
        return " | ".join(f"{code}, {self.labels[value]}" for value, code in self.codes.items())


def _choice(**labels: str) -> Choice:
    return _numbered(labels)


def _numbered(labels: Mapping[str, str]) -> Choice:
    return Choice({value: str(n) for n, value in enumerate(labels, start=1)}, labels)


YES_NO = Choice({"Y": "1", "N": "0"}, {"Y": "Yes", "N": "No"})
SEX = _choice(M="Male", F="Female")
ETHNIC = _numbered({"HISPANIC OR LATINO": "Hispanic or Latino",
                    "NOT HISPANIC OR LATINO": "Not Hispanic or Latino"})  # fmt: skip
RACE = _numbered({"WHITE": "White", "BLACK OR AFRICAN AMERICAN": "Black or African American",
                  "ASIAN": "Asian", "OTHER": "Other"})  # fmt: skip
ARM = _choice(PBO="Placebo", VEL="Velorastat")
DRUG = _choice(PLACEBO="Placebo", VELORASTAT="Velorastat")
SEVERITY = _choice(MILD="Mild", MODERATE="Moderate", SEVERE="Severe")
RELATION = _numbered({"NOT RELATED": "Unrelated", "RELATED": "Related"})
ACTION = _numbered({"DOSE NOT CHANGED": "None", "DOSE REDUCED": "Dose reduced",
                    "DRUG INTERRUPTED": "Drug interrupted", "DRUG WITHDRAWN": "Drug withdrawn",
                    "NOT APPLICABLE": "Not applicable"})  # fmt: skip
OUTCOME = _numbered({"RECOVERED/RESOLVED": "Recovered/Resolved",
                     "NOT RECOVERED/NOT RESOLVED": "Ongoing", "FATAL": "Fatal"})  # fmt: skip
ROUTE = _numbered({"ORAL": "Oral", "SUBCUTANEOUS": "Subcutaneous injection",
                   "RESPIRATORY (INHALATION)": "Inhalation"})  # fmt: skip
FREQUENCY = _choice(QD="Daily", BID="Twice a day", PRN="As needed")
END = _numbered({"COMPLETED": "Completed", "ADVERSE EVENT": "Adverse event",
                 "WITHDRAWAL BY SUBJECT": "Withdrew consent",
                 "LOST TO FOLLOW-UP": "Lost to follow-up", "DEATH": "Died",
                 "SCREEN FAILURE": "Screen failure"})  # fmt: skip
CHOICES = {
    "sex": SEX, "ethnicity": ETHNIC, "race": RACE, "rand_arm": ARM, "ex_drug": DRUG,
    "ae_severity": SEVERITY, "ae_related": RELATION, "ae_action": ACTION, "ae_outcome": OUTCOME,
    "cm_route": ROUTE, "cm_freq": FREQUENCY, "end_reason": END,
    **dict.fromkeys(
        ("vs_done", "ae_ongoing", "ae_serious", "ae_sdth", "ae_slife", "ae_shosp", "ae_sdisab",
         "ae_scong", "ae_smie", "ae_special", "cm_ongoing", "mh_ongoing"),
        YES_NO,
    ),
}  # fmt: skip


def _form(table: str, sent: str, title: str, columns: Iterable[tuple[str, ...]]) -> Form:
    made = (
        Column(
            name,
            field,
            label,
            kind[0] if kind else "text",  # type: ignore[arg-type]
            CHOICES[field].codes if field in CHOICES else None,
        )
        for name, field, label, *kind in columns
    )
    return Form(table, sent, title, tuple(made))


FORMS = {
    form.table: form
    for form in (
        _form("dm", "demographics", "Demographics", (
            ("RFICDAT", "consent_date", "Date of informed consent", "date"),
            ("DMDAT", "demog_date", "Date of interview", "date"),
            ("BRTHDAT", "dob", "Date of birth", "date"),
            ("AGE", "age", "Age (years)", "number"),
            ("SEX", "sex", "Sex"),
            ("ETHNIC", "ethnicity", "Ethnicity"),
            ("RACE", "race", "Race (check all that apply)"),
        )),
        _form("mh", "medical_history", "Medical History", (
            ("MHTERM", "mh_term", "Condition"),
            ("MHDECOD", "mh_pt", "Preferred term"),
            ("MHBODSYS", "mh_soc", "System organ class"),
            ("MHSTDAT", "mh_start", "Start (YYYY, YYYY-MM or YYYY-MM-DD)", "partial"),
            ("MHENDAT", "mh_end", "End (YYYY, YYYY-MM or YYYY-MM-DD)", "partial"),
            ("MHONGO", "mh_ongoing", "Ongoing?"),
        )),
        _form("rand", "randomization", "Randomization", (
            ("RANDDAT", "rand_date", "Date of randomization", "date"),
            ("RANDNO", "rand_no", "Randomization number"),
            ("ARMCD", "rand_arm", "Arm"),
        )),
        _form("vs", "vital_signs", "Vital Signs", (
            ("VSPERF", "vs_done", "Vital signs taken?"),
            ("VSDAT", "vs_date", "Date taken", "date"),
            ("SYSBP_VSORRES", "vs_sbp", "Systolic blood pressure (mmHg)", "number"),
            ("DIABP_VSORRES", "vs_dbp", "Diastolic blood pressure (mmHg)", "number"),
            ("PULSE_VSORRES", "vs_pulse", "Pulse (beats/min)", "number"),
            ("TEMP_VSORRES", "vs_temp_f", "Temperature (F)", "number"),
            ("HEIGHT_VSORRES", "vs_height_in", "Height (in)", "number"),
            ("WEIGHT_VSORRES", "vs_weight_lb", "Weight (lb)", "number"),
        )),
        _form("ex", "study_drug", "Study Drug", (
            ("EXTRT", "ex_drug", "Study drug"),
            ("EXDOSE", "ex_dose", "Dose (mg, once daily)", "number"),
            ("EXSTDAT", "ex_start", "First day of this dose", "date"),
            ("EXENDAT", "ex_end", "Last day of this dose", "date"),
            ("EXADJ", "ex_reason", "Reason for change"),
        )),
        _form("ae", "adverse_events", "Adverse Events", (
            ("AETERM", "ae_term", "Adverse event"),
            ("AEDECOD", "ae_pt", "Preferred term"),
            ("AEBODSYS", "ae_soc", "System organ class"),
            ("AESTDAT", "ae_start", "Start (YYYY, YYYY-MM or YYYY-MM-DD)", "partial"),
            ("AEENDAT", "ae_end", "End (YYYY, YYYY-MM or YYYY-MM-DD)", "partial"),
            ("AEONGO", "ae_ongoing", "Ongoing?"),
            ("AESEV", "ae_severity", "Severity"),
            ("AESER", "ae_serious", "Serious?"),
            ("AESDTH", "ae_sdth", "Death"),
            ("AESLIFE", "ae_slife", "Life-threatening"),
            ("AESHOSP", "ae_shosp", "Hospitalization"),
            ("AESDISAB", "ae_sdisab", "Disability"),
            ("AESCONG", "ae_scong", "Congenital anomaly"),
            ("AESMIE", "ae_smie", "Other medically important event"),
            ("AEREL", "ae_related", "Related to study drug?"),
            ("AEACN", "ae_action", "Action taken with study drug"),
            ("AEOUT", "ae_outcome", "Outcome"),
            ("AESI", "ae_special", "Event of special interest?"),
        )),
        _form("cm", "concomitant_meds", "Concomitant Medications", (
            ("CMTRT", "cm_drug", "Medication"),
            ("CMDOSE", "cm_dose", "Dose", "number"),
            ("CMDOSU", "cm_unit", "Unit"),
            ("CMDOSFRQ", "cm_freq", "Frequency"),
            ("CMROUTE", "cm_route", "Route"),
            ("CMINDC", "cm_indication", "Indication"),
            ("CMSTDAT", "cm_start", "Start (YYYY, YYYY-MM or YYYY-MM-DD)", "partial"),
            ("CMENDAT", "cm_end", "End (YYYY, YYYY-MM or YYYY-MM-DD)", "partial"),
            ("CMONGO", "cm_ongoing", "Ongoing?"),
        )),
        _form("ds", "end_of_participation", "End of Participation", (
            ("DSTERM", "end_text", "Reason in words"),
            ("DSDECOD", "end_reason", "Reason"),
            ("DSSTDAT", "end_date", "Date", "date"),
            ("DTHDAT", "death_date", "Date of death", "date"),
        )),
    )
}  # fmt: skip
REPEATING = ("mh", "ex", "ae", "cm")
EVENTS = {
    "SCREENING": "screening_arm_1",
    "BASELINE": "baseline_arm_1",
    "WEEK 2": "week_2_arm_1",
    "WEEK 4": "week_4_arm_1",
    "WEEK 8": "week_8_arm_1",
    "WEEK 12": "week_12_arm_1",
    "END OF STUDY": "end_of_study_arm_1",
    "UNSCHEDULED": "unscheduled_arm_1",
}
LOG_EVENT = "logs_arm_1"
AT_VISIT = {"dm": "SCREENING", "rand": "BASELINE"}
