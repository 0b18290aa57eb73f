"""What the report says of a run besides its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sdtmflow.dataset import Dataset
from sdtmflow.drift import SiteDrift, read_site_drift
from sdtmflow.pipeline.outcome import Outcome, SiteCounts
from sdtmflow.pipeline.run import Run
from sdtmflow.report import (
    ChangeFacts,
    DatasetFacts,
    Link,
    MappedFacts,
    NotChecked,
    RunFacts,
    SiteFacts,
)


def run_facts(
    run: Run,
    outcome: Outcome,
    datasets: Sequence[Dataset],
    not_checked: tuple[NotChecked, ...],
    changes: tuple[ChangeFacts, ...] = (),
) -> RunFacts:
    """The facts as far as they are known before the publication.

    The only clock is the data cut-off, so that the same run gives the same report; the time of
    the publication is in the manifest.
    """
    study = run.study
    return RunFacts(
        study=study.study,
        title=study.title,
        run_id=outcome.run_id,
        cutoff=study.cutoff.isoformat(),
        sites=tuple(_sites(run, outcome)),
        mapped=tuple(MappedFacts(domain, **counts) for domain, counts in outcome.records.items()),
        datasets=tuple(_dataset(dataset, outcome) for dataset in datasets),
        verdict="stopped"
        if outcome.stopping
        else "passed"
        if outcome.publishes
        else "not_published",
        verdict_reason=outcome.verdict if outcome.stopping else outcome.limits or outcome.waivers,
        standards=f"SDTMIG {study.standards.sdtmig}, SDTM CT {study.standards.ct}",
        not_checked=not_checked,
        changes=changes,
        links=_links(run) if outcome.publishes else (),
    )


def _sites(run: Run, outcome: Outcome) -> Iterator[SiteFacts]:
    """The sites that were asked for, then study-wide sources that failed."""
    replaced = {gap.site: gap.reason for gap in outcome.gaps}
    for site in run.asked_sites():
        facts = run.study.sites[site]
        kinds = [source.kind for source in run.study.sources.values() if source.site == site]
        counts = outcome.delivered.get(site, SiteCounts(0, 0))
        isolated = site in outcome.isolated
        yield SiteFacts(
            site=site,
            name=facts.name,
            systems=", ".join(kinds),
            status="isolated" if isolated else "last_good" if site in replaced else "delivered",
            reason=outcome.isolated.get(site, replaced.get(site, "")),
            country=facts.country,
            subjects=counts.subjects,
            records=counts.records,
        )
    for gap in outcome.gaps:
        if not gap.site:
            kind = run.study.sources[gap.source].kind
            replaced_by_old = gap.used == "last good delivery"
            yield SiteFacts(
                site="",
                name=gap.source,
                systems=kind,
                status="last_good" if replaced_by_old else "isolated",
                reason=gap.reason,
            )


def change_facts(
    run: Run, drifted: Mapping[str, Path], not_compared: Mapping[str, str]
) -> tuple[ChangeFacts, ...]:
    """By site: what ``CompareSite`` wrote, and the sources that could not be compared."""
    sources = run.study.sources
    reasons = (
        ChangeFacts(site=sources[source].site, sources=source, reason=reason)
        for source, reason in not_compared.items()
    )
    return (*(_changes(read_site_drift(path)) for path in drifted.values()), *reasons)


def _changes(drift: SiteDrift) -> ChangeFacts:
    return ChangeFacts(
        site=drift.site,
        sources=", ".join(drift.sources),
        subjects_before=drift.subjects_before,
        subjects_new=drift.subjects_new,
        subjects_gone=drift.subjects_gone,
        forms_new=drift.forms("new"),
        forms_gone=drift.forms("gone"),
        records_before=drift.total("before"),
        records_new=drift.total("new"),
        records_gone=drift.total("gone"),
        records_changed=drift.total("changed"),
        values_changed=drift.total("values_changed"),
        values_completed=drift.total("values_completed"),
    )


def _dataset(dataset: Dataset, outcome: Outcome) -> DatasetFacts:
    rows = outcome.datasets[dataset.name]
    return DatasetFacts(dataset.name, dataset.label, rows, len(dataset.variables))


def _links(run: Run) -> tuple[Link, ...]:
    """Places in the bundle, relative to the report in its ``reports`` folder."""
    tabulations = f"../m5/datasets/{run.study.study.lower()}/tabulations/sdtm"
    return (
        Link("Data definitions (define.xml)", f"{tabulations}/define.html"),
        Link("Great Expectations data docs", "data-docs/index.html"),
        Link("Manifest", "../manifest.json"),
    )
