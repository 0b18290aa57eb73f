"""Why a cell differs, as far as rules and manifests tell: the steps that it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from sdtmflow.bundle import Manifest
from sdtmflow.diff.between import changed_files, changed_sources, changed_study_files
from sdtmflow.mapping.provenance.rules import Rule, Rules

UNKNOWN = "not told by the manifests"
_Column = tuple[str, str]
"""Dataset and column; the records of a dataset where the column is empty."""


class Causes:
    """What differs in the making of two bundles, cell by cell."""

    def __init__(
        self, old: Manifest, new: Manifest, rules: tuple[Rules | None, Rules | None]
    ) -> None:
        self._sources = changed_sources(old, new)
        self._files = changed_files(old.specs, new.specs)
        self._study_files = changed_study_files(old, new)
        self._file_hashes = {file.sha256 for file in old.inputs} & {
            file.sha256 for file in new.inputs
        }
        self._old, self._new = rules
        self._code = "" if old.code == new.code else "another version of sdtmflow"
        self._terms = _upgrade(self._old, self._new)
        self._reached: dict[_Column, tuple[_Column, ...]] = {}

    def of(self, dataset: str, column: str, site: str, source: str, file: str) -> str:
        """The causes of a cell, ``; `` between them.

        ``column`` is empty for a record that came or went; ``site`` is the subject's, empty for
        none; ``source`` and ``file`` (SHA-256) are of the raw row behind the record, if any.
        """
        reached = self._closure(dataset.removeprefix("SUPP"), column)
        found = dict.fromkeys(
            [*self._specs(reached), *self._deliveries(reached, site, source, file)]
        )
        return "; ".join(found) or self._code or self._settings() or UNKNOWN

    def _deliveries(
        self, reached: tuple[_Column, ...], site: str, source: str, file: str
    ) -> Iterator[str]:
        """The record's own raw file, where nothing else is read; else all of the subject's site."""
        own = len({dataset for dataset, _ in reached}) <= 1 and file
        for place, name in sorted(self._sources):
            if own and (name != source or file in self._file_hashes):
                continue
            if not place or not site or place == site:
                yield f"delivery {name}, site {place}" if place else f"delivery {name}"

    def _specs(self, reached: tuple[_Column, ...]) -> Iterator[str]:
        for dataset, column in reached:
            old, new = _rules_of(self._old, dataset, column), _rules_of(self._new, dataset, column)
            if self._old and self._new and _said(old) != _said(new):
                yield f"spec {(new or old)[0].place}" if (new or old) else f"spec of {dataset}"
            for rule in new:
                yield from self._named_files(rule)
                if rule.codelists and self._terms:
                    yield self._terms

    def _named_files(self, rule: Rule) -> Iterator[str]:
        """A changed terms file that the line names, or changed derivations."""
        for name in sorted(self._files):
            stem = PurePosixPath(name).stem
            if (name.startswith("terms/") and stem in rule.line) or (
                rule.verb == "derive" and name.endswith(".py")
            ):
                yield name

    def _settings(self) -> str:
        """The study's own files, where the rules say that the study is another."""
        if self._old and self._new and self._old.study != self._new.study:
            return ", ".join(self._study_files) or "study.yaml"
        return ""

    def _closure(self, dataset: str, column: str) -> tuple[_Column, ...]:
        """The column, the dataset's records (as column ``""``), and all that they are made from."""
        key = (dataset, column)
        if key not in self._reached:
            found: dict[_Column, None] = {}
            ways = [key, (dataset, "")]
            while ways:
                way = ways.pop()
                if way not in found:
                    found[way] = None
                    ways += self._inputs(*way)
            self._reached[key] = tuple(found)
        return self._reached[key]

    def _inputs(self, dataset: str, column: str) -> Iterator[_Column]:
        rules = self._new or self._old
        for rule in _rules_of(rules, dataset, column):
            for each in rule.inputs:
                if not each.name.startswith("raw."):
                    yield (each.dataset or dataset, each.name)
        if not column and rules:
            for records in rules.records:
                if records.dataset == dataset:
                    for each in records.inputs:
                        yield (each.dataset or dataset, each.name)


def _rules_of(rules: Rules | None, dataset: str, column: str) -> list[Rule]:
    if rules is None:
        return []
    return [rule for rule in rules.rules if (rule.dataset, rule.column) == (dataset, column)]


def _said(rules: list[Rule]) -> list[tuple[int | None, str]]:
    return [(rule.record_set, rule.line) for rule in rules]


def _upgrade(old: Rules | None, new: Rules | None) -> str:
    if old is None or new is None:
        return ""
    before, after = (_ct(rules.study) for rules in (old, new))
    return f"CT {before} → {after}" if before != after else ""


def _ct(study: Mapping[str, object]) -> str:
    standards = study.get("standards")
    return str(standards.get("ct", "")) if isinstance(standards, dict) else ""
