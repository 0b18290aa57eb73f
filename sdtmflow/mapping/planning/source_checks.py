"""What study.yaml says in the words of mapping, and its own model cannot check."""

from __future__ import annotations

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.spec_files import line_numbers
from sdtmflow.mapping.values import dates
from sdtmflow.study import StudyFolder


def check_sources(folder: StudyFolder, problems: list[StudyError]) -> None:
    """Add date formats of the sources that cannot be used to ``problems``."""
    for name, source in folder.study.sources.items():
        for format_ in source.dates:
            try:
                dates.check([format_], source.year_cutoff)
            except dates.FormatError as error:
                message, _, remedy = str(error).partition("; ")
                problems.append(StudyError(message, place=_place(folder, name), remedy=remedy))


def _place(folder: StudyFolder, source: str) -> str:
    text = (folder.root / "study.yaml").read_text(encoding="utf-8-sig")
    return f"study.yaml:{line_numbers(text).get(('sources', source, 'dates'), 1)}"
