"""What a run has looked at: only there does a finding that is missing mean that it is resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from sdtmflow.finding import Stage


@dataclass(frozen=True, slots=True)
class Unseen:
    """A place that a run did not look at. Empty parts mean all of them."""

    stage: str = ""
    site: str = ""
    dataset: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """The sites whose data a run has seen whole, and the places in them that it has not."""

    sites: frozenset[str]
    """Sites that were delivered, mapped and checked."""
    study_wide: bool
    """Whether it saw what is of no single site: it was not limited, and no source was missing."""
    package: bool
    """Whether it judged the whole package: it was not limited."""
    unseen: Sequence[Unseen] = ()
    delivered: frozenset[tuple[str, str]] = frozenset()
    """Site and raw table, of every table that a site has delivered."""
    rules: frozenset[str] = frozenset()
    """The rules of the study's own suites."""

    def since(self, rules: frozenset[str]) -> Looked:
        """What it has looked at, where earlier runs had these rules of suites.

        A rule that no suite has any more was not asked, so its findings are not resolved.
        """
        withdrawn = tuple(Unseen(rule=rule) for rule in sorted(rules - self.rules))
        return replace(self, unseen=(*self.unseen, *withdrawn))

    def covers(self) -> pl.Expr:
        """Whether the run would have found the finding of a row (columns of FINDINGS_SCHEMA)."""
        package = pl.col("stage") == Stage.PACKAGE.value
        of_site = pl.col("site").is_in(sorted(self.sites))
        of_study = (pl.col("site") == "") & self.study_wide
        place = pl.when(package).then(pl.lit(self.package)).otherwise(of_site | of_study)
        covered: pl.Expr = place & ~self._of_undelivered_record() & ~self._unseen()
        return covered

    def admits(self) -> pl.Expr:
        """Whether a finding of the run is one of the study, not of the limits that it was given.

        A run of some sites or domains misses records, which looks like a finding of the study.
        """
        if self.package:
            return pl.lit(value=True)
        return (pl.col("stage") != Stage.PACKAGE.value) & pl.col("site").is_in(sorted(self.sites))

    def _of_undelivered_record(self) -> pl.Expr:
        """Records of a raw table that the site did not send this time may still be there."""
        tables = [f"{site}\x1f{table}" for site, table in sorted(self.delivered)]
        table = pl.concat_str("site", "dataset", separator="\x1f")
        of_record = (pl.col("stage") == Stage.RAW.value) & (pl.col("subject") != "")
        return of_record & (pl.col("dataset") != "") & ~table.is_in(tables)

    def _unseen(self) -> pl.Expr:
        return pl.any_horizontal(pl.lit(value=False), *map(_is_in, self.unseen))


def _is_in(unseen: Unseen) -> pl.Expr:
    named = {"stage": unseen.stage, "site": unseen.site, "dataset": unseen.dataset}
    parts = {name: value for name, value in (named | {"rule": unseen.rule}).items() if value}
    return pl.all_horizontal(
        pl.lit(value=True), *(pl.col(name) == value for name, value in parts.items())
    )
