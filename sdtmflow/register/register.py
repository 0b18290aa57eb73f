"""The register of one study: every run and every person changes lives only through it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from sqlalchemy import URL, Connection, Engine, delete, select

from sdtmflow.audit import Actor, now
from sdtmflow.audit.log import Clock
from sdtmflow.errors import RegisterError
from sdtmflow.register import rows
from sdtmflow.register.acting import Action, Done, acted
from sdtmflow.register.entries import entries_of
from sdtmflow.register.migrating import bring_up_to_date
from sdtmflow.register.news import news_of, note_told, number_of, was_told
from sdtmflow.register.opening import engine_of, reading, writing
from sdtmflow.register.reconciling import At, Reconciled, counted, once, reconcile
from sdtmflow.register.run import SeenBy
from sdtmflow.register.tables import AUDIT, RUN, TREND
from sdtmflow.register.trail import Head, Signed, chained, faults
from sdtmflow.standing import Standing


def open_register(url: URL, study: str, clock: Clock = now) -> Register:
    """The register of ``study`` in the database at ``url`` (``address.database_of``).

    Its tables are made, or brought up to date. Raises RegisterError where the database cannot be
    reached, or is of a newer version.
    """
    engine = engine_of(url)
    bring_up_to_date(engine)
    return Register(engine, study, clock)


class Register:
    """The lives of a study's findings.

    Each change is one transaction with its audit entries: either all of it is there or nothing.
    Every method raises RegisterError where the database cannot be reached or refuses.
    """

    def __init__(self, engine: Engine, study: str, clock: Clock) -> None:
        self._engine = engine
        self._study = study
        self._clock = clock

    def take(self, seen_by: SeenBy, findings: pl.DataFrame) -> Standing:
        """Take in a run's findings (columns of FINDINGS_SCHEMA), and give what stands then.

        The same run again, with nothing else between, changes nothing.
        """
        found = once(findings)
        with writing(self._engine) as connection:
            head = rows.hold(connection, self._study)
            at = self._at(connection, seen_by)
            known = rows.lives(connection, self._study)
            looked = seen_by.looked.since(rows.rules(connection, self._study))
            done = reconcile(known, found, looked, at)
            self._note_run(connection, seen_by, at)
            self._write(connection, done, Signed(seen_by.actor, at.time, at.number), head)
            after = done.after(known)
            self._count(connection, at.number, after)
            return rows.standing(connection, self._study, after)

    def standing(self) -> Standing:
        """What stands now, as a bundle can hold it."""
        with reading(self._engine) as connection:
            return rows.standing(connection, self._study, rows.lives(connection, self._study))

    def findings(self) -> pl.DataFrame:
        """What stands now, without history and trend: the columns of ``STANDING_SCHEMA``."""
        with reading(self._engine) as connection:
            lives = rows.lives(connection, self._study)
            return rows.standing_of(lives, rows.runs_of(connection, self._study))

    def history(self, fingerprints: Sequence[str] | None = None) -> pl.DataFrame:
        """The changes of these findings, or of all: columns of ``HISTORY_SCHEMA``, oldest first."""
        with reading(self._engine) as connection:
            return rows.history(connection, self._study, fingerprints)

    def trend(self) -> pl.DataFrame:
        """Counts over the runs: columns of ``TREND_SCHEMA``, oldest run first."""
        with reading(self._engine) as connection:
            return rows.trend(connection, self._study)

    def news(self, run: str) -> pl.DataFrame:
        """What the run of this id saw first or reopened: the columns of ``NEWS_SCHEMA``."""
        with reading(self._engine) as connection:
            return news_of(connection, self._study, number_of(connection, self._study, run))

    def was_told(self, run: str, limits: str) -> bool:
        """Whether people were told of the run already (``limits``: what it was limited to)."""
        with reading(self._engine) as connection:
            number = number_of(connection, self._study, run)
            return was_told(connection, self._study, number, limits)

    def note_told(self, run: str, limits: str) -> None:
        """Note that people were told of the run."""
        with writing(self._engine) as connection:
            rows.hold(connection, self._study)
            note_told(connection, self._study, number_of(connection, self._study, run), limits)

    def waive(
        self, fingerprints: Iterable[str], actor: Actor, *, reason: str, until: str = ""
    ) -> int:
        """Accept findings for a reason, through the date ``until`` (ISO 8601; empty: for good).

        Raises RegisterError, here and below, where the status of one forbids it: none is changed.
        """
        _require_reason(reason)
        self._require_future(until)
        return self._do(Action.WAIVE, fingerprints, actor, reason=reason, until=until)

    def open(self, fingerprints: Iterable[str], actor: Actor, *, reason: str = "") -> int:
        """Say that somebody follows findings."""
        return self._do(Action.OPEN, fingerprints, actor, reason=reason)

    def reopen(self, fingerprints: Iterable[str], actor: Actor, *, reason: str) -> int:
        """Take back a waiver, an answer or a resolution, for a reason."""
        _require_reason(reason)
        return self._do(Action.REOPEN, fingerprints, actor, reason=reason)

    def query(self, queries: Mapping[str, str], actor: Actor) -> int:
        """Say that the site was asked: fingerprint → the query's id."""
        return self._do(Action.QUERY, queries, actor, texts=queries)

    def answer(self, answers: Mapping[str, str], actor: Actor) -> int:
        """Say what the site has answered: fingerprint → its text."""
        return self._do(Action.ANSWER, answers, actor, texts=answers)

    def faults(self) -> tuple[str, ...]:
        """What shows that the audit trail, or a finding beside it, was changed by other means."""
        with reading(self._engine) as connection:
            asked = select(AUDIT).where(AUDIT.c.study == self._study).order_by(AUDIT.c.number)
            trail = [dict(row) for row in connection.execute(asked).mappings()]
            lives = rows.lives(connection, self._study)
            head = rows.head_of(connection, self._study)
        last = {row["fingerprint"]: row["status_after"] for row in trail}
        now_is = dict(lives.select("fingerprint", "status").iter_rows())
        differing = sorted(
            each for each in last.keys() | now_is if last.get(each) != now_is.get(each)
        )
        return (
            *faults(trail, head),
            *(f"finding {each} is not as the trail says" for each in differing),
        )

    def _do(
        self,
        action: Action,
        fingerprints: Iterable[str],
        actor: Actor,
        *,
        reason: str = "",
        until: str = "",
        texts: Mapping[str, str] | None = None,
    ) -> int:
        asked = sorted(set(fingerprints))
        with writing(self._engine) as connection:
            head = rows.hold(connection, self._study)
            known = rows.lives(connection, self._study)
            lives = known.filter(pl.col("fingerprint").is_in(asked))
            _require_known(asked, lives)
            done = Done(action, actor.name, self._time(), reason, until, dict(texts or {}))
            after = acted(lives, done)
            changes = Reconciled(known.clear(), after.select(known.columns), entries_of(after))
            self._write(connection, changes, Signed(actor, done.time), head)
        return lives.height

    def _at(self, connection: Connection, seen_by: SeenBy) -> At:
        number, last = rows.last_run(connection, self._study)
        time = self._clock()
        return At(
            run=seen_by.run,
            number=number if last == seen_by.run else number + 1,
            time=time.isoformat(timespec="seconds"),
            who=seen_by.actor.name,
            today=time.date().isoformat(),
        )

    def _note_run(self, connection: Connection, seen_by: SeenBy, at: At) -> None:
        if rows.last_run(connection, self._study)[0] == at.number:
            return
        row = {"number": at.number, "id": seen_by.run, "cutoff": seen_by.cutoff, "time": at.time}
        row |= {"who": at.who, "limits": seen_by.limits}
        row |= {"rules": json.dumps(sorted(seen_by.looked.rules)), "told": ""}
        rows.put(connection, RUN, [{"study": self._study, **row}])

    def _write(self, connection: Connection, done: Reconciled, by: Signed, head: Head) -> None:
        rows.add_lives(connection, self._study, done.fresh)
        rows.rewrite_lives(connection, self._study, done.changed)
        entries, newest = chained(done.entries.iter_rows(named=True), self._study, by, head)
        rows.put(connection, AUDIT, entries)
        rows.move_head(connection, self._study, newest)

    def _count(self, connection: Connection, number: int, lives: pl.DataFrame) -> None:
        """The trend of the run, which is counted anew where the run is taken again."""
        of_run = (TREND.c.study == self._study) & (TREND.c.number == number)
        connection.execute(delete(TREND).where(of_run))
        counts = counted(lives, number)
        key = {"study": self._study, "number": number}
        rows.put(connection, TREND, ({**key, **row} for row in counts.iter_rows(named=True)))

    def _time(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    def _require_future(self, until: str) -> None:
        try:
            over = bool(until) and dt.date.fromisoformat(until) < self._clock().date()
        except ValueError:
            raise RegisterError(f"'{until}' is no date", remedy="write it as 2027-03-31") from None
        if over:
            raise RegisterError(
                f"a waiver until {until} would have ended already", remedy="name a later date"
            )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RegisterError("a reason is missing", remedy="say why with --reason")


def _require_known(asked: Sequence[str], lives: pl.DataFrame) -> None:
    unknown = sorted(set(asked) - set(lives["fingerprint"]))
    if unknown:
        raise RegisterError(
            "the study has no such finding",
            place=f"finding {unknown[0]}",
            remedy="`sdtmflow findings --format csv` lists the fingerprints",
        )
