"""``guide/csdrg.yaml``: what only the sponsor can say in the reviewer's guide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sdtmflow.typed_yaml import Strict, load_yaml

NAME = "csdrg.yaml"

Text = Annotated[str, Field(min_length=1)]
"""A blank line begins a new paragraph."""


class StandardText(Strict):
    """A further line of the inventory of standards and dictionaries."""

    standard: Text
    version: str = ""
    used_for: str = ""


class DatasetText(Strict):
    """What the guide says of one dataset."""

    used_for: list[Literal["efficacy", "safety"]] = []
    """Whether analyses of efficacy or safety rest on it."""
    text: str = ""
    """What a reviewer must know of it: where records come from, how they are to be read."""


class Answer(Strict):
    """A question of the overview with its answer."""

    question: Text
    answer: Text


class AppendixText(Strict):
    """A further appendix."""

    title: Text
    text: Text


class GuideTexts(Strict):
    """guide/csdrg.yaml, version 1; the file may be left out, and every key of it."""

    version: Literal[1] = 1
    sponsor: str = ""
    """Default: the value of SPONSOR in TS."""
    purpose: str = ""
    """In place of the usual words on what the guide is for."""
    acronyms: dict[str, str] = {}
    """Added to those that every guide explains."""
    standards: list[StandardText] = []
    design: str = ""
    """The design in words, before what TS and TA say."""
    overview: list[Answer] = []
    """Added to the questions that the run itself answers."""
    traceability: str = ""
    """How data came from collection to SDTM, after what the run knows."""
    not_submitted: dict[str, str] = {}
    """Why something is collected and not submitted: ``rand`` (the whole form), ``rand.RANDNO``."""
    datasets: dict[str, DatasetText] = {}
    split: str = ""
    """How datasets were split, and why."""
    left_out: str = ""
    """What the sites and deliveries that are not in the data mean for the analysis."""
    conformance: str = ""
    """Which other validators were run, with their versions and rules."""
    explanations: dict[str, str | dict[str, str]] = {}
    """Rule: why its findings are there and stay; ``{AE: …, DM: …}`` where it differs by dataset."""
    details: str = ""
    """Further details of conformance."""
    appendices: list[AppendixText] = []

    def explanation(self, rule: str, dataset: str) -> str:
        """What the sponsor says of the findings of a rule in a dataset; empty: nothing."""
        said = self.explanations.get(rule, "")
        return said if isinstance(said, str) else said.get(dataset, "")


def read_texts(folder: Path) -> GuideTexts:
    """The texts in the folder ``guide`` of a study; without the file there are none.

    Raises StudyErrors with every mistake as ``guide/csdrg.yaml:12: …``.
    """
    path = folder / NAME
    if not path.is_file():
        return GuideTexts()
    return load_yaml(path, GuideTexts, name=f"{folder.name}/{NAME}")
