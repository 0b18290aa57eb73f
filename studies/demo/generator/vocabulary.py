"""What can happen to a subject: adverse events, diseases, medications, laboratory tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """An adverse event: as written down, coded, how often, how long (days), what it is."""

    term: str
    decode: str
    body_system: str
    weight: int
    days: tuple[int, int]
    traits: frozenset[str]
    """``drug``: the study drug may cause it; ``interest``: of special interest."""
    german: str

    @property
    def drug_related(self) -> bool:
        """The study drug may cause it."""
        return "drug" in self.traits

    @property
    def special_interest(self) -> bool:
        """The protocol asks for more about it."""
        return "interest" in self.traits


_GENERAL = "General disorders and administration site conditions"
_EVENTS = f"""
Headache|Headache|Nervous system disorders|10|1-4||Kopfschmerzen
Dizziness|Dizziness|Nervous system disorders|8|1-7|drug|Schwindel
Common cold|Nasopharyngitis|Infections and infestations|9|5-12||Schnupfen
Tiredness|Fatigue|{_GENERAL}|7|3-20|drug|Müdigkeit
Nausea|Nausea|Gastrointestinal disorders|6|1-5|drug|Übelkeit
Loose stools|Diarrhoea|Gastrointestinal disorders|4|1-4||Durchfall
Swollen ankles|Oedema peripheral|{_GENERAL}|4|10-30|drug|Geschwollene Knöchel
Low blood pressure|Hypotension|Vascular disorders|4|2-9|drug interest|Niedriger Blutdruck
Back pain|Back pain|Musculoskeletal and connective tissue disorders|4|4-15||Rückenschmerzen
Fainting|Syncope|Nervous system disorders|2|1-1|drug interest|Ohnmacht
Urinary tract infection|Urinary tract infection|Infections and infestations|2|5-10||Harnwegsinfekt
Rash on both arms|Rash|Skin and subcutaneous tissue disorders|2|4-14|drug|Ausschlag an den Armen
Heart attack|Myocardial infarction|Cardiac disorders|0|1-1||Herzinfarkt
"""


def _event(line: str) -> Event:
    term, decode, body_system, weight, days, traits, german = line.split("|")
    first, last = (int(day) for day in days.split("-"))
    return Event(
        term, decode, body_system, int(weight), (first, last), frozenset(traits.split()), german
    )


EVENTS = {event.term: event for event in map(_event, _EVENTS.strip().splitlines())}


@dataclass(frozen=True)
class Medication:
    """A medication with its usual dose and the indication that it is given for."""

    name: str
    dose: str
    unit: str
    route: str
    frequency: str
    indication: str


@dataclass(frozen=True)
class Disease:
    """A disease of the medical history and what is taken for it."""

    term: str
    decode: str
    body_system: str
    weight: int
    treatment: Medication | None = None


HYPERTENSION = Disease("High blood pressure", "Hypertension", "Vascular disorders", 0)
DISEASES = (
    Disease("Type 2 diabetes", "Type 2 diabetes mellitus", "Metabolism and nutrition disorders", 6,
            Medication("Metformin", "500", "mg", "ORAL", "BID", "Type 2 diabetes")),
    Disease("High cholesterol", "Hypercholesterolaemia", "Metabolism and nutrition disorders", 7,
            Medication("Atorvastatin", "20", "mg", "ORAL", "QD", "High cholesterol")),
    Disease("Underactive thyroid", "Hypothyroidism", "Endocrine disorders", 4,
            Medication("Levothyroxine", "50", "ug", "ORAL", "QD", "Underactive thyroid")),
    Disease("Asthma", "Asthma", "Respiratory, thoracic and mediastinal disorders", 3,
            Medication("Salbutamol", "100", "ug", "RESPIRATORY (INHALATION)", "PRN", "Asthma")),
    Disease("Osteoarthritis of the knee", "Osteoarthritis",
            "Musculoskeletal and connective tissue disorders", 4,
            Medication("Ibuprofen", "400", "mg", "ORAL", "PRN", "Osteoarthritis of the knee")),
    Disease("Hay fever", "Seasonal allergy", "Immune system disorders", 3),
    Disease("Appendix removed", "Appendicectomy", "Surgical and medical procedures", 3),
    Disease("Insulin-dependent diabetes", "Type 1 diabetes mellitus",
            "Metabolism and nutrition disorders", 1,
            Medication("Insulin glargine", "14", "IU", "SUBCUTANEOUS", "QD",
                       "Insulin-dependent diabetes")),
)  # fmt: skip
REMEDIES = {
    "Headache": Medication("Paracetamol", "500", "mg", "ORAL", "PRN", "Headache"),
    "Back pain": Medication("Ibuprofen", "400", "mg", "ORAL", "PRN", "Back pain"),
    "Urinary tract infection": Medication(
        "Nitrofurantoin", "100", "mg", "ORAL", "BID", "Urinary tract infection"
    ),
    "Rash": Medication("Cetirizine", "10", "mg", "ORAL", "QD", "Rash on both arms"),
}
"""Decoded adverse event → what is given against it."""


@dataclass(frozen=True)
class Unit:
    """One unit that a result is reported in: SI value times ``factor``, rounded."""

    unit: str
    factor: float
    decimals: int


@dataclass(frozen=True)
class LabTest:
    """A laboratory test; mean, spread and ranges are in SI units, ``floor`` is the lowest result.

    A result below ``floor`` is reported as ``<floor``.
    """

    code: str
    own_code: str
    """The laboratory's own test code."""
    name: str
    panel: str
    specimen: str
    mean: dict[str, float]
    spread: float
    low: dict[str, float]
    high: dict[str, float]
    si: Unit
    conventional: Unit
    floor: float = 0.0


def _test(
    identity: tuple[str, str, str, str, str],
    values: tuple[float, float, float, float],
    si: Unit,
    conventional: Unit | None = None,
    *,
    women: tuple[float, float, float] | None = None,
    floor: float = 0.0,
) -> LabTest:
    """``values`` is mean, spread, low, high; ``women`` is mean, low, high where they differ."""
    code, own_code, name, panel, specimen = identity
    mean, spread, low, high = values
    f_mean, f_low, f_high = women or (mean, low, high)
    return LabTest(
        code, own_code, name, panel, specimen, {"M": mean, "F": f_mean}, spread,
        {"M": low, "F": f_low}, {"M": high, "F": f_high}, si, conventional or si, floor,
    )  # fmt: skip


CHEMISTRY, HAEMATOLOGY = "CHEMISTRY", "HEMATOLOGY"
_C = (CHEMISTRY, "SERUM")
_H = (HAEMATOLOGY, "BLOOD")
_ENZYME = Unit("U/L", 1, 0)
_CELLS = Unit("10^9/L", 1, 2)

LAB_TESTS = (
    _test(("ALT", "GPT", "Alanine Aminotransferase", *_C), (27, 7, 5, 50), _ENZYME,
          women=(21, 5, 35)),
    _test(("AST", "GOT", "Aspartate Aminotransferase", *_C), (25, 6, 5, 45), _ENZYME,
          women=(21, 5, 35)),
    _test(("ALP", "AP", "Alkaline Phosphatase", *_C), (72, 15, 40, 130), _ENZYME),
    _test(("BILI", "TBIL", "Bilirubin", *_C), (9.5, 3.5, 3, 21), Unit("umol/L", 1, 1),
          Unit("mg/dL", 1 / 17.104, 2)),
    _test(("CREAT", "CREA", "Creatinine", *_C), (84, 10, 62, 106), Unit("umol/L", 1, 0),
          Unit("mg/dL", 1 / 88.42, 2), women=(69, 44, 97)),
    _test(("GLUC", "GLU", "Glucose", *_C), (5.3, 0.6, 3.9, 6.1), Unit("mmol/L", 1, 1),
          Unit("mg/dL", 18.016, 0)),
    _test(("CHOL", "CHOL", "Cholesterol", *_C), (5.0, 0.7, 3.0, 6.2), Unit("mmol/L", 1, 2),
          Unit("mg/dL", 38.67, 0)),
    _test(("SODIUM", "NA", "Sodium", *_C), (140, 2, 135, 145), Unit("mmol/L", 1, 0)),
    _test(("K", "KA", "Potassium", *_C), (4.3, 0.3, 3.5, 5.1), Unit("mmol/L", 1, 1)),
    _test(("CRP", "CRP", "C Reactive Protein", *_C), (5.5, 3.0, 0, 10), Unit("mg/L", 1, 0),
          floor=5),
    _test(("HGB", "HB", "Hemoglobin", *_H), (148, 8, 130, 175), Unit("g/L", 1, 0),
          Unit("g/dL", 0.1, 1), women=(134, 117, 155)),
    _test(("HCT", "HK", "Hematocrit", *_H), (44, 2.5, 39, 51), Unit("%", 1, 1),
          women=(40, 35, 45)),
    _test(("WBC", "LEUK", "Leukocytes", *_H), (6.8, 1.3, 4.0, 11.0), _CELLS),
    _test(("PLAT", "THRO", "Platelets", *_H), (245, 38, 150, 400), Unit("10^9/L", 1, 0)),
)  # fmt: skip
