"""The end of a run: what it came to, and what the bundle's manifest says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import polars as pl

from sdtmflow import __version__, bundle
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.following import read_standing
from sdtmflow.pipeline.gate import by_severity, judged
from sdtmflow.pipeline.inputs import data_key, fallback_keys, inputs_key
from sdtmflow.pipeline.keeping import Kept
from sdtmflow.pipeline.keys import Recipe, libraries
from sdtmflow.pipeline.outcome import Outcome, SiteCounts
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.sites import SitesMade
from sdtmflow.pipeline.study_jobs import datasets_of, delivered_files
from sdtmflow.pipeline.workspace import FINDINGS, Artifact
from sdtmflow.register import waivers_in_force

_READERS = 8
"""Snapshots asked for their time at once."""


def draw_up(
    run: Run,
    delivery_keys: Mapping[str, str],
    deliveries: Deliveries,
    sites: SitesMade,
    *,
    assembled: Artifact,
    findings: Artifact,
    standing: Artifact,
    run_id: str,
) -> Outcome:
    """The outcome up to the gate."""
    path = run.workspace.path
    table = path(findings) / FINDINGS
    found = pl.read_parquet(table)
    lives = read_standing(path(standing)).findings
    waivers = waivers_in_force(lives, run.study.gates.stopping())
    gate = judged(run.study.gates, found, waivers)
    asked = set(run.asked_sites())
    isolated = {**deliveries.isolated(run.study), **sites.failed}
    return Outcome(
        study=run.study.study,
        title=run.study.title,
        run_id=run_id,
        inputs_key=inputs_key(data_key_of(run, delivery_keys, deliveries), waivers),
        delivered={site: _site_counts(run, sites, site) for site in sites.mapped},
        isolated={site: isolated[site] for site in sorted(isolated) if site in asked},
        gaps=deliveries.gaps,
        limits=limits_of(run),
        records=_records(run, sites),
        datasets=_rows(run, assembled),
        findings=by_severity(found),
        stopping=gate.stopping,
        waived=gate.waived,
        findings_table=str(table),
        assembled=str(path(assembled)),
        deliveries={name: artifact.key for name, artifact in deliveries.used.items()},
        specs=run.keys.specs,
        staged={site: sites.staged[site].key for site in sites.mapped},
    )


def data_key_of(run: Run, delivery_keys: Mapping[str, str], deliveries: Deliveries) -> str:
    """What decided the run's data, now that it is known which deliveries could be collected."""
    failed = [gap.source for gap in deliveries.gaps]
    return data_key(run, delivery_keys, fallback_keys(failed, deliveries.used))


def run_id_of(run: Run, delivery_keys: Mapping[str, str], deliveries: Deliveries) -> str:
    """The run's name: the same data, the same run."""
    return data_key_of(run, delivery_keys, deliveries)[:12]


def bundle_facts(
    run: Run, outcome: Outcome, deliveries: Deliveries, kept: Kept, created: str
) -> bundle.BundleFacts:
    """What the manifest says; ``created`` is ISO 8601 with its offset."""
    recipe = Recipe.of(run.folder)
    return bundle.BundleFacts(
        inputs_key=outcome.inputs_key,
        run=outcome.run_id,
        created=created,
        inputs=tuple(_inputs(run, deliveries)),
        specs=recipe.specs | recipe.guide,
        suites=recipe.suites,
        standards=recipe.standards,
        code=bundle.Code(version=__version__, sha256=run.keys.code, libraries=libraries()),
        findings=dict(outcome.findings),
        waived=dict(outcome.waived),
        gaps=tuple(_gaps(outcome)),
        study_files=kept.study_files,
        deliveries=kept.deliveries,
    )


def _inputs(run: Run, deliveries: Deliveries) -> Iterable[bundle.InputFile]:
    named = [
        (source, file)
        for source, artifact in deliveries.used.items()
        for file in delivered_files(run, {source: artifact})
    ]
    with ThreadPoolExecutor(_READERS) as pool:
        received = pool.map(run.snapshots.received, [file.sha256 for _, file in named])
    for (source, file), at in zip(named, received, strict=True):
        yield bundle.InputFile(
            site=run.study.sources[source].site,
            source=source,
            name=file.name,
            sha256=file.sha256,
            size=file.size,
            received=at,
        )


def _gaps(outcome: Outcome) -> Iterable[bundle.Gap]:
    """Sources that were replaced or left out, and sites that failed later on."""
    for gap in outcome.gaps:
        yield bundle.Gap(
            site=gap.site, source=gap.source, reason=f"{gap.reason} (used: {gap.used})"
        )
    told = {gap.site for gap in outcome.gaps}
    for site, reason in outcome.isolated.items():
        if site not in told:
            yield bundle.Gap(site=site, source="", reason=reason)


def _site_counts(run: Run, sites: SitesMade, site: str) -> SiteCounts:
    from sdtmflow.sources.report import read_stage_report

    path = run.workspace.path
    staged = read_stage_report(path(sites.staged[site]))
    subjects = path(sites.mapped[site]) / "DM.parquet"
    return SiteCounts(
        subjects=_height(subjects) if subjects.exists() else 0,
        records=sum(table.staged for table in staged.tables),
    )


def _records(run: Run, sites: SitesMade) -> dict[str, dict[str, int]]:
    from sdtmflow.mapping import read_counts

    counts = read_counts(run.workspace.paths(sites.mapped).values())
    return {domain: asdict(found) for domain, found in counts.items() if found.read}


def _rows(run: Run, assembled: Artifact) -> dict[str, int]:
    folder = run.workspace.path(assembled)
    return {
        dataset.name: _height(folder / f"{dataset.name}.parquet")
        for dataset in datasets_of(run, assembled)
    }


def limits_of(run: Run) -> str:
    """``sites 01, 03; domains AE``; empty where the run is whole."""
    parts = [
        f"{what} {', '.join(names)}"
        for what, names in (("sites", run.sites), ("domains", run.domains))
        if names
    ]
    return "; ".join(parts)


def _height(table: Path) -> int:
    return int(pl.scan_parquet(table).select(pl.len()).collect().item())
