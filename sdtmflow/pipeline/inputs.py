"""What there is to take in, known by hash before anything is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

from sdtmflow.bundle import Claim, latest
from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.deliveries import DeliveryMemory
from sdtmflow.pipeline.following import waivers_of
from sdtmflow.pipeline.keys import key_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.signing import publishing_key
from sdtmflow.signing.pem import Ask
from sdtmflow.store import open_store


def delivery_keys(run: Run) -> dict[str, str]:
    """The key of what each source has sent, by source.

    A delivery that cannot even be found gets a key of its own: collecting it tells the reason.
    """
    return {name: _delivery_key(run, name) for name in run.sources()}


def data_key(run: Run, keys: Mapping[str, str], fallbacks: Mapping[str, str]) -> str:
    """One SHA-256 over all that decides a run's data and findings; its first digits name the run.

    ``fallbacks`` gives, for each source that cannot be collected, the key of the last good
    delivery that stands in for it.
    """
    return run.keys.step(
        "bundle",
        deliveries=dict(keys),
        fallbacks=dict(fallbacks),
        specs=run.keys.specs,
        suites=run.keys.suites,
        standards=run.keys.standards,
        guide=run.keys.guide,
    )


def inputs_key(data: str, waivers: Collection[str]) -> str:
    """One SHA-256 over all that decides a bundle, but for the bundles before it.

    ``waivers`` are the fingerprints of waived findings that would forbid the publication: they
    decide whether there is a bundle, and with what is waived it is another one.
    """
    return key_of("waived", data=data, waivers=sorted(waivers)) if waivers else data


def expected_inputs_key(run: Run) -> str:
    """The inputs key before the run, taking a delivery never collected for an unusable one.

    Where that guess is wrong there is something new, and the run finds out. Where it is right,
    an equal key in the last bundle means that nothing new has come.
    """
    keys = delivery_keys(run)
    memory = DeliveryMemory(run.workspace)
    uncollected = [name for name, key in keys.items() if not run.workspace.find("collect", key)]
    known = {name: memory.recall(name) for name in uncollected}
    fallbacks = {name: kept.key for name, kept in known.items() if kept}
    return inputs_key(data_key(run, keys, fallbacks), waivers_of(run))


def published_before(run: Run) -> Claim | None:
    """The last bundle, where nothing has changed since; decided by hashes alone.

    None where there is something new, and for a limited run, which is about no bundle.
    """
    last = None if run.limited else latest(run.store, run.study.study)
    return last if last and last.inputs_key == expected_inputs_key(run) else None


def require_store(run: Run) -> None:
    """Raises StoreError where the run's store cannot be written or is not safe to publish to.

    Asked before any work, once a process; publishing asks again.
    """
    _probe(run.store_url, run.root)


def require_key(run: Run, ask: Ask | None = None) -> None:
    """Raises SigningError where what the run would publish cannot be signed as it should be.

    Asked before any work, so that hours of it do not end at a passphrase; ``ask`` asks for it.
    """
    if not run.limited:
        publishing_key(run.folder, run.signing_key, ask)


@cache
def _probe(url: str, root: Path) -> None:
    open_store(url, root).probe()


def fallback_keys(failed: Iterable[str], used: Mapping[str, Artifact]) -> dict[str, str]:
    """The keys of the last good deliveries that stand in for failed ones."""
    return {name: used[name].key for name in failed if name in used}


def _delivery_key(run: Run, source: str) -> str:
    from sdtmflow.sources.delivery import delivery_key

    try:
        return delivery_key(run.folder, source)
    except DeliveryError as error:
        return key_of("unusable", source=source, reason=str(error))
