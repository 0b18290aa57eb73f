"""What the two bundles were made from: the manifests side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdtmflow.bundle import InputFile, Manifest
from sdtmflow.diff.model import Step


def steps(old: Manifest, new: Manifest) -> tuple[Step, ...]:
    """Everything of the later bundle's making that was otherwise for the earlier one."""
    return (
        *_deliveries(old, new),
        *_files("spec", old.specs, new.specs),
        *_files("suite", old.suites, new.suites),
        *_files("standard", old.standards, new.standards),
        *_code(old, new),
        *_gaps(old, new),
    )


def changed_sources(old: Manifest, new: Manifest) -> frozenset[tuple[str, str]]:
    """(site, source) of every delivery with another file; the site of a study-wide one is empty."""
    before, after = _by_source(old.inputs), _by_source(new.inputs)
    return frozenset(
        key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> frozenset[str]:
    """Names that are only on one side, or hash otherwise."""
    return frozenset(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )


def _by_source(inputs: Iterable[InputFile]) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for file in inputs:
        found.setdefault((file.site, file.source), {})[file.name] = file.sha256
    return found


def _deliveries(old: Manifest, new: Manifest) -> Iterator[Step]:
    before, after = _by_source(old.inputs), _by_source(new.inputs)
    for site, source in sorted(changed_sources(old, new)):
        ours, theirs = before.get((site, source), {}), after.get((site, source), {})
        for name in sorted(changed_files(ours, theirs)):
            place = f"site {site}, {source}" if site else source
            yield Step("delivery", f"{place}: {name}", _how(name in ours, name in theirs))


def _files(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    for name in sorted(changed_files(before, after)):
        yield Step(kind, name, _how(name in before, name in after))


def _code(old: Manifest, new: Manifest) -> Iterator[Step]:
    if old.code == new.code:
        return
    versions = (old.code.version, new.code.version)
    how = " → ".join(versions) if versions[0] != versions[1] else "changed"
    yield Step("code", "sdtmflow", how)


def _gaps(old: Manifest, new: Manifest) -> Iterator[Step]:
    for gap in sorted({*old.gaps} ^ {*new.gaps}, key=repr):
        place = f"site {gap.site}, {gap.source}" if gap.site else gap.source
        yield Step("gap", f"{place}: {gap.reason}", "new" if gap in new.gaps else "gone")


def _how(before: bool, after: bool) -> str:  # noqa: FBT001 — on which side it is
    return "changed" if before and after else "new" if after else "gone"
