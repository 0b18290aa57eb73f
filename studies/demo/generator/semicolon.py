"""Site 05: semicolon CSV in cp1252 with German headers, decimal commas and day-month-year dates."""

from __future__ import annotations

import csv
import io

from generator.layout import Column, Form, day_month_year
from generator.record import SiteData

_SEX = {"M": "männlich", "F": "weiblich"}
_RACE = {"WHITE": "weiß", "BLACK OR AFRICAN AMERICAN": "schwarz", "ASIAN": "asiatisch",
         "OTHER": "andere"}  # fmt: skip
_ETHNIC = {"HISPANIC OR LATINO": "lateinamerikanisch",
           "NOT HISPANIC OR LATINO": "nicht lateinamerikanisch"}  # fmt: skip
_ARM = {"PBO": "Placebo", "VEL": "Velorastat"}
_DRUG = {"PLACEBO": "Placebo", "VELORASTAT": "Velorastat"}
_YES_NO = {"Y": "ja", "N": "nein"}
_SEVERITY = {"MILD": "leicht", "MODERATE": "mäßig", "SEVERE": "schwer"}
_RELATION = {"NOT RELATED": "kein Zusammenhang", "RELATED": "Zusammenhang möglich"}
_ACTION = {"DOSE NOT CHANGED": "keine", "DOSE REDUCED": "Dosis verringert",
           "DRUG INTERRUPTED": "unterbrochen", "DRUG WITHDRAWN": "abgesetzt",
           "NOT APPLICABLE": "nicht zutreffend"}  # fmt: skip
_OUTCOME = {"RECOVERED/RESOLVED": "abgeklungen", "NOT RECOVERED/NOT RESOLVED": "anhaltend",
            "FATAL": "tödlich"}  # fmt: skip
_ROUTE = {"ORAL": "oral", "SUBCUTANEOUS": "subkutan",
          "RESPIRATORY (INHALATION)": "inhalativ"}  # fmt: skip
_FREQUENCY = {"QD": "einmal täglich", "BID": "zweimal täglich", "PRN": "bei Bedarf"}
_UNIT = {"ug": "µg", "IU": "IE"}
_END = {"COMPLETED": "abgeschlossen", "ADVERSE EVENT": "unerwünschtes Ereignis",
        "WITHDRAWAL BY SUBJECT": "Einwilligung zurückgezogen",
        "LOST TO FOLLOW-UP": "nicht mehr erreichbar", "DEATH": "verstorben",
        "SCREEN FAILURE": "Einschlusskriterien nicht erfüllt"}  # fmt: skip
_VISIT = {"SCREENING": "Voruntersuchung", "BASELINE": "Tag 1", "WEEK 2": "Woche 2",
          "WEEK 4": "Woche 4", "WEEK 8": "Woche 8", "WEEK 12": "Woche 12",
          "END OF STUDY": "Abschluss", "UNSCHEDULED": "Außerplanmäßig"}  # fmt: skip

_SUBJECT = Column("SUBJID", "Patient")
FORMS = (
    Form("dm", "Stammdaten", "Demographics", (
        _SUBJECT,
        Column("RFICDAT", "Einwilligung", kind="date"),
        Column("DMDAT", "Untersuchungsdatum", kind="date"),
        Column("BRTHDAT", "Geburtsdatum", kind="date"),
        Column("AGE", "Alter", kind="number"),
        Column("SEX", "Geschlecht", codes=_SEX),
        Column("RACE", "Hautfarbe", codes=_RACE),
        Column("ETHNIC", "Ethnie", codes=_ETHNIC),
    )),
    Form("rand", "Randomisierung", "Randomisation", (
        _SUBJECT,
        Column("RANDDAT", "Datum", kind="date"),
        Column("RANDNO", "Nummer"),
        Column("ARMCD", "Behandlungsarm", codes=_ARM),
    )),
    Form("ex", "Pruefmedikation", "Study drug", (
        _SUBJECT,
        Column("EXSPID", "Zeile"),
        Column("EXTRT", "Präparat", codes=_DRUG),
        Column("EXDOSE", "Tagesdosis_mg", kind="number"),
        Column("EXSTDAT", "Erster_Tag", kind="date"),
        Column("EXENDAT", "Letzter_Tag", kind="date"),
        Column("EXADJ", "Änderungsgrund"),
    )),
    Form("ae", "Ereignisse", "Adverse events", (
        _SUBJECT,
        Column("AESPID", "Zeile"),
        Column("AETERM_DE", "Ereignis_Original"),
        Column("AETERM", "Ereignis_englisch"),
        Column("AEDECOD", "Kodiert"),
        Column("AEBODSYS", "Organklasse"),
        Column("AESTDAT", "Beginn", kind="partial"),
        Column("AEENDAT", "Ende", kind="partial"),
        Column("AEONGO", "Anhaltend", codes=_YES_NO),
        Column("AESEV", "Schweregrad", codes=_SEVERITY),
        Column("AESER", "Schwerwiegend", codes=_YES_NO),
        Column("AESDTH", "Tod", codes=_YES_NO),
        Column("AESLIFE", "Lebensbedrohlich", codes=_YES_NO),
        Column("AESHOSP", "Krankenhaus", codes=_YES_NO),
        Column("AESDISAB", "Behinderung", codes=_YES_NO),
        Column("AESCONG", "Missbildung", codes=_YES_NO),
        Column("AESMIE", "Sonst_bedeutsam", codes=_YES_NO),
        Column("AEREL", "Kausalität", codes=_RELATION),
        Column("AEACN", "Maßnahme", codes=_ACTION),
        Column("AEOUT", "Ausgang", codes=_OUTCOME),
        Column("AESI", "Besonderes_Interesse", codes=_YES_NO),
    )),
    Form("cm", "Begleitmedikation", "Concomitant medication", (
        _SUBJECT,
        Column("CMSPID", "Zeile"),
        Column("CMTRT", "Medikament"),
        Column("CMDOSE", "Dosis", kind="number"),
        Column("CMDOSU", "Einheit", codes=_UNIT),
        Column("CMDOSFRQ", "Häufigkeit", codes=_FREQUENCY),
        Column("CMROUTE", "Verabreichung", codes=_ROUTE),
        Column("CMINDC", "Indikation"),
        Column("CMSTDAT", "Beginn", kind="partial"),
        Column("CMENDAT", "Ende", kind="partial"),
        Column("CMONGO", "Anhaltend", codes=_YES_NO),
    )),
    Form("mh", "Anamnese", "Medical history", (
        _SUBJECT,
        Column("MHSPID", "Zeile"),
        Column("MHTERM", "Erkrankung"),
        Column("MHDECOD", "Kodiert"),
        Column("MHBODSYS", "Organklasse"),
        Column("MHSTDAT", "Beginn", kind="partial"),
        Column("MHENDAT", "Ende", kind="partial"),
        Column("MHONGO", "Anhaltend", codes=_YES_NO),
    )),
    Form("ds", "Studienende", "End of study", (
        _SUBJECT,
        Column("DSTERM", "Grund_Text"),
        Column("DSDECOD", "Grund", codes=_END),
        Column("DSSTDAT", "Datum", kind="date"),
        Column("DTHDAT", "Todesdatum", kind="date"),
    )),
    Form("vs", "Vitalzeichen", "Vital signs", (
        _SUBJECT,
        Column("VISIT", "Visite", codes=_VISIT),
        Column("VSPERF", "Gemessen", codes=_YES_NO),
        Column("VSDAT", "Datum", kind="date"),
        Column("SYSBP_VSORRES", "RR_systolisch", kind="number"),
        Column("DIABP_VSORRES", "RR_diastolisch", kind="number"),
        Column("PULSE_VSORRES", "Puls", kind="number"),
        Column("TEMP_VSORRES", "Körpertemperatur_°C", kind="number"),
        Column("HEIGHT_VSORRES", "Größe_cm", kind="number"),
        Column("WEIGHT_VSORRES", "Gewicht_kg", kind="number"),
    )),
)  # fmt: skip


def export(data: SiteData) -> dict[str, bytes]:
    """File name → bytes; notes in each record where it stands."""
    return {f"{form.sent}.csv": _file(form, data) for form in FORMS}


def _file(form: Form, data: SiteData) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.sent for column in form.columns)
    for number, record in enumerate(data[form.table], start=1):
        record.written(f"site05/{form.sent}.csv", number)
        writer.writerow(_cell(column, column.value(record)) for column in form.columns)
    return text.getvalue().encode("cp1252")


def _cell(column: Column, value: str) -> str:
    if column.kind in {"date", "partial"}:
        return day_month_year(value)
    return value.replace(".", ",") if column.kind == "number" else value
