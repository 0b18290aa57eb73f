"""Trial summary parameters (TS) that a USDM study design says; what it does not say is not there.

A code of a CDISC codelist becomes its submission value in the study's CT version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdtmflow.design import Parameter
from sdtmflow.standards.summary import summary_parameters
from sdtmflow.standards.terminology import Terminology
from sdtmflow.usdm.model import (
    AdministrableProduct,
    Administration,
    Amount,
    Code,
    StudyIntervention,
)
from sdtmflow.usdm.reading import Source
from sdtmflow.usdm.texts import number_text, plain

_OFFICIAL_TITLE = "C207616"
_SPONSOR_ROLE, _REGISTRY = "C70793", "C93453"
_OBJECTIVES = {"C85826": "OBJPRIM", "C85827": "OBJSEC", "C163559": "OBJEXP"}
_ENDPOINTS = {"C94496": "OUTMSPRI", "C139173": "OUTMSSEC", "C170559": "OUTMSEXP"}
_CHARACTERISTICS = {"C98704": "ADAPT", "C207613": "EXTTIND", "C46079": "RANDOM"}
"""A characteristic that is not there is not said: no N is made of it."""
_CONTROLS = {"C174268": "PLACEBO", "C174267": "ACTIVE", "C174269": "SHAM"}
_INVESTIGATIONAL, _COMPARATOR = ("C202579", "C41161"), ("C68609",)
_UNITS = {"C29848": "Y", "C29846": "M", "C29844": "W", "C25301": "D"}
_SEXES = {"C16576": "F", "C20197": "M", "C49636": "BOTH"}
_DICTIONARIES = {"SNOMEDCT": "SNOMED", "SNOMED CT": "SNOMED", "SNOMED-CT": "SNOMED"}


@dataclass(frozen=True, slots=True)
class Said:
    """One value of a parameter, its code, and the JSON steps from the study design to it."""

    parameter: str
    value: str
    steps: tuple[str | int, ...] = ()
    code: str = ""
    dictionary: str = ""
    version: str = ""

    def parameter_value(self) -> Parameter:
        """As study.yaml would write it."""
        return Parameter(
            value=self.value,
            code=self.code,
            dictionary=self.dictionary,
            dictionary_version=self.version,
        )


def summary_of(
    source: Source, terminology: Terminology
) -> tuple[dict[str, list[Parameter]], dict[str, tuple[str | int, ...]]]:
    """TSPARMCD → its values, each once, and the steps to the first of them."""
    found: dict[str, list[Parameter]] = {}
    steps: dict[str, tuple[str | int, ...]] = {}
    for said in _said(source, terminology):
        if said.value:
            values = found.setdefault(said.parameter, [])
            steps.setdefault(said.parameter, said.steps)
            value = said.parameter_value()
            values += [] if value in values else [value]
    return found, steps


def _said(source: Source, terminology: Terminology) -> Iterator[Said]:
    yield from _version(source)
    yield from _coded(source, terminology)
    yield from _characteristics(source)
    yield from _population(source)
    yield from _indications(source)
    yield from _objectives(source)
    yield from _treatments(source, terminology)


def _version(source: Source) -> Iterator[Said]:
    """Titles, sponsor, identifiers."""
    version = source.version
    for title in version.titles:
        if title.type.code == _OFFICIAL_TITLE:
            yield Said("TITLE", " ".join(title.text.split()))
    organizations = {each.id: each for each in version.organizations}
    roles = [role for role in version.roles if role.code.code == _SPONSOR_ROLE]
    sponsors = [organizations[i] for r in roles for i in r.organization_ids if i in organizations]
    for sponsor in sponsors:
        yield Said("SPONSOR", sponsor.label or sponsor.name)
    for identifier in version.study_identifiers:
        scope = organizations.get(identifier.scope_id)
        if scope in sponsors:
            yield Said("SPREFID", identifier.text)
        elif scope and scope.type.code == _REGISTRY:
            registry = scope.label or scope.name
            text = identifier.text
            yield Said("REGID", text, code=text, dictionary=registry)


def _coded(source: Source, terminology: Terminology) -> Iterator[Said]:
    """Parameters whose values are CDISC terms."""
    design = source.design
    phase, blinding = design.study_phase, design.blinding_schema
    given: Mapping[str, tuple[str, Sequence[Code]]] = {
        "STYPE": ("studyType", [design.study_type] if design.study_type else []),
        "TPHASE": ("studyPhase", [phase.standard_code] if phase else []),
        "TBLIND": ("blindingSchema", [blinding.standard_code] if blinding else []),
        "INTMODEL": ("model", [design.model] if design.model else []),
        "TINDTP": ("intentTypes", design.intent_types),
        "TTYPE": ("subTypes", design.sub_types),
    }
    for parameter, (attribute, codes) in given.items():
        for code in codes:
            yield Said(parameter, _term(parameter, code, terminology), (attribute,))
    for area in design.therapeutic_areas:
        yield Said("THERAREA", area.decode, ("therapeuticAreas",))


def _characteristics(source: Source) -> Iterator[Said]:
    for code in source.design.characteristics:
        if code.code in _CHARACTERISTICS:
            yield Said(_CHARACTERISTICS[code.code], "Y", ("characteristics",))


def _population(source: Source) -> Iterator[Said]:
    population, steps = source.design.population, ("population",)
    healthy = "Y" if population.includes_healthy_subjects else "N"
    yield Said("HLTSUBJI", healthy, steps)
    number = population.planned_enrollment_number
    if number and number.value is not None:
        yield Said("PLANSUB", number_text(number.value), steps)
    sexes = {_SEXES[code.code] for code in population.planned_sex if code.code in _SEXES}
    if sexes:
        both = "BOTH" in sexes or sexes == {"F", "M"}
        yield Said("SEXPOP", "BOTH" if both else sexes.pop(), steps)
    age = population.planned_age
    for parameter, end in (
        ("AGEMIN", age.min_value if age else None),
        ("AGEMAX", age.max_value if age else None),
    ):
        if duration := _duration(end):
            yield Said(parameter, duration, steps)
    if population.cohorts:
        yield Said("NCOHORT", str(len(population.cohorts)), steps)
    if source.design.arms:
        yield Said("NARMS", str(len(source.design.arms)), ("arms",))
    yield from _controls(source)


def _controls(source: Source) -> Iterator[Said]:
    for at, arm in enumerate(source.design.arms):
        if arm.type and arm.type.code in _CONTROLS:
            yield Said("TCNTRL", _CONTROLS[arm.type.code], ("arms", at))
    main = [each for each in source.design.schedule_timelines if each.main_timeline]
    for timeline in main:
        planned = timeline.planned_duration
        if planned and (duration := _duration(planned.quantity)):
            yield Said("LENGTH", duration, ("scheduleTimelines",))


def _indications(source: Source) -> Iterator[Said]:
    indications = source.design.indications
    for at, indication in enumerate(indications):
        # The SNOMED code where there is one, which is what TS asks for; else the first.
        codes = sorted(indication.codes, key=lambda code: _dictionary(code) != "SNOMED")
        yield _from_dictionary("INDIC", indication.title, codes, ("indications", at))
    if indications:
        rare = any(indication.is_rare_disease for indication in indications)
        yield Said("RDIND", "Y" if rare else "N", ("indications",))


def _from_dictionary(
    parameter: str, value: str, codes: Sequence[Code], steps: tuple[str | int, ...] = ()
) -> Said:
    """A value with the first of its codes."""
    if not codes:
        return Said(parameter, value, steps)
    code = codes[0]
    return Said(parameter, value, steps, code.code, _dictionary(code), code.code_system_version)


def _dictionary(code: Code) -> str:
    return _DICTIONARIES.get(code.code_system.upper(), code.code_system)


def _objectives(source: Source) -> Iterator[Said]:
    for at, objective in enumerate(source.design.objectives):
        steps = ("objectives", at)
        if objective.level.code in _OBJECTIVES:
            text, _ = plain(objective, source.objects)
            yield Said(_OBJECTIVES[objective.level.code], text, steps)
        for endpoint in objective.endpoints:
            if endpoint.level.code in _ENDPOINTS:
                text, _ = plain(endpoint, source.objects)
                yield Said(_ENDPOINTS[endpoint.level.code], text, steps)


def _treatments(source: Source, terminology: Terminology) -> Iterator[Said]:
    """Of the interventions of this design: what is investigated, and what it is compared with."""
    wanted = source.design.study_intervention_ids
    products = {each.id: each for each in source.version.administrable_products}
    for each in source.version.study_interventions:
        if each.id not in wanted:
            continue
        if each.role.code in _COMPARATOR:
            yield _from_dictionary("COMPTRT", each.title, each.codes)
        if each.role.code in _INVESTIGATIONAL:
            yield _from_dictionary("TRT", each.title, each.codes)
            yield Said("INTTYPE", _term("INTTYPE", each.type, terminology))
            yield from _doses(each, products, terminology)


def _doses(
    intervention: StudyIntervention,
    products: Mapping[str, AdministrableProduct],
    terminology: Terminology,
) -> Iterator[Said]:
    for each in intervention.administrations:
        for parameter, value in _administered(each, products.get(each.administrable_product_id)):
            text = value if isinstance(value, str) else _term(parameter, value, terminology)
            yield Said(parameter, text)
        product = products.get(each.administrable_product_id)
        if product and product.pharmacologic_class:
            pharmacologic = product.pharmacologic_class
            yield _from_dictionary("PCLAS", pharmacologic.decode, [pharmacologic])


def _administered(
    each: Administration, product: AdministrableProduct | None
) -> Iterator[tuple[str, str | Code]]:
    if each.dose and each.dose.value is not None:
        yield "DOSE", number_text(each.dose.value)
        if each.dose.unit:
            yield "DOSU", each.dose.unit.standard_code
    if each.route:
        yield "ROUTE", each.route.standard_code
    if each.frequency:
        yield "DOSFRQ", each.frequency.standard_code
    if product and product.administrable_dose_form:
        yield "DOSFRM", product.administrable_dose_form.standard_code


def _term(parameter: str, code: Code, terminology: Terminology) -> str:
    """The submission value in the parameter's codelist; else what the file says."""
    codelist = summary_parameters()[parameter].codelist
    if codelist not in terminology:
        return code.decode
    found = terminology.codelist(codelist).term(code.code)
    return found.submission_value if found else code.decode


def _duration(amount: Amount | None) -> str:
    """A whole number of years, months, weeks or days as an ISO 8601 duration; else nothing."""
    if amount is None or amount.value is None or amount.unit is None:
        return ""
    unit = _UNITS.get(amount.unit.standard_code.code)
    whole = amount.value == int(amount.value)
    return f"P{number_text(amount.value)}{unit}" if unit and whole else ""
