"""The whole trial as it was, before anybody typed it into a system."""

from __future__ import annotations

from generator.adverse import adverse_events
from generator.design import SITES
from generator.measurements import samples, vital_signs
from generator.occurrences import (
    demographics,
    disposition,
    exposures,
    histories,
    medications,
    randomisation,
)
from generator.record import TABLES, Record, SiteData, Trial
from generator.subjects import Subject, subjects


def clean_trial() -> Trial:
    """All sites' forms and the central laboratory's results, without a defect."""
    sites: dict[str, SiteData] = {}
    laboratory: list[Record] = []
    for site in SITES:
        forms: SiteData = {table: [] for table in TABLES}
        for subject in subjects(site):
            _fill(forms, subject)
            laboratory += samples(subject)
        sites[site.number] = forms
    return Trial(sites, laboratory)


def _fill(forms: SiteData, subject: Subject) -> None:
    events, diseases = adverse_events(subject), histories(subject)
    randomised = randomisation(subject)
    forms["dm"].append(demographics(subject))
    forms["rand"] += [randomised] if randomised else []
    forms["ex"] += exposures(subject)
    forms["ae"] += events
    forms["cm"] += medications(subject, diseases, events)
    forms["mh"] += [record for _, record in diseases]
    forms["ds"].append(disposition(subject))
    forms["vs"] += vital_signs(subject)
