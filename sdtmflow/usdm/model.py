"""The parts of a USDM v4 study definition (CDISC API JSON) that a trial design is made from.

Names are the USDM's own in snake case. What a class has beyond these is passed over; an attribute
that is null counts as not there.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class Part(BaseModel):
    """Any object of the file; ``id`` is unique in it."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    id: str = ""

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class Named(Part):
    """An object with a name for programs and a label for people."""

    name: str
    label: str = ""
    description: str = ""

    @property
    def title(self) -> str:
        """What people call it: label, else description, name, id."""
        return self.label or self.description or self.name or self.id


class Code(Part):
    """A term of some terminology: ``C15602``, ``http://www.cdisc.org``, ``Phase III Trial``."""

    code: str
    decode: str
    code_system: str = ""
    code_system_version: str = ""


class AliasCode(Part):
    """A code that other systems call otherwise."""

    standard_code: Code


class Amount(Part):
    """A Quantity (``value``) or a Range (``min_value``, ``max_value``)."""

    value: float | None = None
    unit: AliasCode | None = None
    min_value: Amount | None = None
    max_value: Amount | None = None


class TransitionRule(Part):
    """A rule in words."""

    text: str


class StudyArm(Named):
    """An arm."""

    type: Code | None = None


class InOrder(Named):
    """One of a chain: each names the one before it and the one behind it."""

    previous_id: str = ""
    next_id: str = ""


class StudyEpoch(InOrder):
    """An epoch."""

    type: Code


class StudyElement(Named):
    """An element."""

    transition_start_rule: TransitionRule | None = None
    transition_end_rule: TransitionRule | None = None


class StudyCell(Part):
    """The elements of one arm in one epoch."""

    arm_id: str
    epoch_id: str
    element_ids: list[str]


class Encounter(InOrder):
    """A planned visit."""

    scheduled_at_id: str = ""
    transition_start_rule: TransitionRule | None = None
    transition_end_rule: TransitionRule | None = None


class Timing(Part):
    """How far one scheduled instance is from another, with its window; ISO 8601 durations."""

    type: Code
    value: str
    relative_from_scheduled_instance_id: str
    relative_to_scheduled_instance_id: str = ""
    window_lower: str = ""
    window_upper: str = ""


class ScheduledInstance(Part):
    """A point of the schedule."""

    encounter_id: str = ""


class Duration(Part):
    """How long something lasts."""

    quantity: Amount | None = None


class ScheduleTimeline(Named):
    """A schedule of activities."""

    main_timeline: bool
    timings: list[Timing] = []
    instances: list[ScheduledInstance] = []
    planned_duration: Duration | None = None


class EligibilityCriterion(InOrder):
    """A criterion as this design uses it; its text is the item's."""

    category: Code
    identifier: str
    criterion_item_id: str


class Template(Named):
    """A text, perhaps with references to other parts of the file."""

    text: str
    dictionary_id: str = ""


class Endpoint(Template):
    """An outcome measure."""

    level: Code


class Objective(Template):
    """An objective with its endpoints."""

    level: Code
    endpoints: list[Endpoint] = []


class Indication(Named):
    """A disease or condition."""

    codes: list[Code] = []
    is_rare_disease: bool


class Cohort(Named):
    """A part of the population."""


class Population(Named):
    """The planned subjects."""

    includes_healthy_subjects: bool
    planned_enrollment_number: Amount | None = None
    planned_sex: list[Code] = []
    planned_age: Amount | None = None
    cohorts: list[Cohort] = []


class StudyDesign(Named):
    """An InterventionalStudyDesign or ObservationalStudyDesign."""

    instance_type: str = ""
    study_type: Code | None = None
    study_phase: AliasCode | None = None
    therapeutic_areas: list[Code] = []
    characteristics: list[Code] = []
    encounters: list[Encounter] = []
    arms: list[StudyArm]
    study_cells: list[StudyCell]
    epochs: list[StudyEpoch]
    elements: list[StudyElement] = []
    indications: list[Indication] = []
    study_intervention_ids: list[str] = []
    objectives: list[Objective] = []
    population: Population
    schedule_timelines: list[ScheduleTimeline] = []
    eligibility_criteria: list[EligibilityCriterion] = []
    sub_types: list[Code] = []
    model: Code | None = None
    intent_types: list[Code] = []
    blinding_schema: AliasCode | None = None


class Administration(Named):
    """How an intervention is given."""

    dose: Amount | None = None
    route: AliasCode | None = None
    frequency: AliasCode | None = None
    administrable_product_id: str = ""


class StudyIntervention(Named):
    """A treatment."""

    role: Code
    type: Code
    codes: list[Code] = []
    administrations: list[Administration] = []


class AdministrableProduct(Named):
    """A product that is given."""

    administrable_dose_form: AliasCode | None = None
    pharmacologic_class: Code | None = None


class StudyTitle(Part):
    """A title and its kind."""

    text: str
    type: Code


class StudyIdentifier(Part):
    """What an organization calls the study."""

    text: str
    scope_id: str


class Organization(Named):
    """A sponsor, a registry, an agency."""

    type: Code


class StudyRole(Named):
    """What organizations are to the study."""

    code: Code
    organization_ids: list[str] = []


class StudyVersion(Part):
    """One version of the study definition."""

    version_identifier: str
    study_identifiers: list[StudyIdentifier] = []
    study_designs: list[StudyDesign]
    titles: list[StudyTitle] = []
    eligibility_criterion_items: list[Template] = []
    roles: list[StudyRole] = []
    organizations: list[Organization] = []
    study_interventions: list[StudyIntervention] = []
    administrable_products: list[AdministrableProduct] = []


class Study(Part):
    """The study with its versions."""

    name: str
    versions: list[StudyVersion]


class Definition(Part):
    """The whole file."""

    study: Study
    usdm_version: str
