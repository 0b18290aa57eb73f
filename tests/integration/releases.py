"""A small study that is published, approved and released: what the tests of releases begin with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sdtmflow.audit import Actor, Event
from sdtmflow.bundle import Claim, InputFile, publish
from sdtmflow.releases import Releases
from sdtmflow.releasing import Signatory, approve
from sdtmflow.signing import NOBODY
from sdtmflow.store import Snapshots, Store
from tests.bundle_facts import facts_of

RULES = Releases(approvals=["Data Management", "Biostatistics"], retention="25 years")
ANA, BO, CY = (
    Actor(name=name, account=f"{name[:2].lower()}@desk")
    for name in ("Ana Álvarez", "Bo Li", "Cy Ode")
)
RELEASER = Signatory(CY)
CRITICAL = {"critical": 1, "major": 2}
NOW = dt.datetime.now(dt.UTC)


def publish_version(
    store: Store, folder: Path, name: str, *, findings=None, delivery: str = ""
) -> Claim:
    """Publish a tree of two files, made from one delivery that the store keeps."""
    tree = folder / name / "tree"
    (tree / "m5").mkdir(parents=True)
    for file in ("dm.xpt", "ae.xpt"):
        (tree / "m5" / file).write_text(f"{file} of {name}")
    received = folder / name / "dm.csv"
    received.write_text(delivery or f"SUBJID,{name}")
    sha256 = Snapshots(store, folder / "cache").keep(received)
    made_from = InputFile(site="01", source="edc", name="dm.csv", sha256=sha256, size=8)
    facts = facts_of(name, inputs=(made_from,), findings=findings or {"critical": 0, "major": 2})
    return publish(store, "TRIAL", tree, facts).claim


def approve_as(
    store: Store, role: str, actor: Actor, version: str = "latest", *, key=None, signers=NOBODY
) -> Event:
    return approve(
        store,
        "TRIAL",
        version,
        RULES,
        Signatory(actor, key, signers),
        role=role,
        meaning="I have reviewed the data",
        reason="database lock",
    )


def approve_all(store: Store, version: str = "latest") -> None:
    for role, actor in zip(RULES.approvals, (ANA, BO), strict=True):
        approve_as(store, role, actor, version)


def ruled(**changes) -> Releases:
    return RULES.model_copy(update=changes)


def publisher_and_releaser(place) -> tuple[Store, Store]:
    """Two handles on one store: of who may publish, and of who may release."""
    return place.open(), place.as_role("releaser").open()
