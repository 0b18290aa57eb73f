"""What the two bundles were made from: the manifests side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sdtmflow.bundle import Code, InputFile, Manifest
from sdtmflow.diff.model import Step


def steps(old: Manifest, new: Manifest) -> tuple[Step, ...]:
    """Everything of the later bundle's making that was otherwise for the earlier one."""
    return (
        *_deliveries(old, new),
        *_files("spec", old.specs, new.specs),
        *_files("suite", old.suites, new.suites),
        *_files("standard", old.standards, new.standards),
        *(Step("study", name, how) for name, how in _study_files(old, new)),
        *_code(old, new),
        *_gaps(old, new),
    )


def changed_sources(old: Manifest, new: Manifest) -> frozenset[tuple[str, str]]:
    """(site, source) of every delivery with another file; the site of a study-wide one is empty."""
    before, after = _by_source(old.inputs), _by_source(new.inputs)
    return frozenset(
        key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )


def changed_study_files(old: Manifest, new: Manifest) -> tuple[str, ...]:
    """The study's own files that no spec, suite or standard of the manifests names: study.yaml.

    Empty where one of the bundles does not list them.
    """
    if not (old.study_files and new.study_files):
        return ()
    named = {name for each in (old, new) for name in (*each.specs, *each.suites, *each.standards)}
    return tuple(sorted(changed_files(old.study_files, new.study_files) - named))


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


def _study_files(old: Manifest, new: Manifest) -> Iterator[tuple[str, str]]:
    for name in changed_study_files(old, new):
        yield name, _how(name in old.study_files, name in new.study_files)


def _code(old: Manifest, new: Manifest) -> Iterator[Step]:
    before, after = old.code, new.code
    libraries = [*changed_libraries(before, after)]
    if before.sha256 == after.sha256 and not libraries:
        return
    versions = (before.version, after.version)
    how = " → ".join(versions) if versions[0] != versions[1] else "changed"
    yield Step("code", "sdtmflow", ", ".join([how, *libraries]))


def changed_libraries(old: Code, new: Code) -> Iterator[str]:
    """``polars 1.30.0 → 1.31.0``; nothing where one of the bundles does not tell."""
    before, after = old.libraries, new.libraries
    if before and after:
        for name in sorted(changed_files(before, after)):
            yield f"{name} {before.get(name, 'none')} → {after.get(name, 'none')}"


def _gaps(old: Manifest, new: Manifest) -> Iterator[Step]:
    for gap in sorted({*old.gaps} ^ {*new.gaps}, key=repr):
        place = f"site {gap.site}, {gap.source}" if gap.site else gap.source
        yield Step("gap", f"{place}: {gap.reason}", "new" if gap in new.gaps else "gone")


def _how(before: bool, after: bool) -> str:  # noqa: FBT001 — on which side it is
    return "changed" if before and after else "new" if after else "gone"
