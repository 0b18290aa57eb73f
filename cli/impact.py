"""An impact on the terminal: what was compared, the gravest effects, what the rest comes to."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.screen import err, out
from sdtmflow.impact import Effect, Impact, Weight
from sdtmflow.wording import counted

_STYLES = {
    Weight.BREAKS: "bold red",
    Weight.CHANGES: "yellow",
    Weight.HEALS: "green",
    Weight.NOTE: "dim",
}


def tell_impact(impact: Impact, limit: int) -> None:
    """The summary, and the first ``limit`` effects (0: all)."""
    differing = sum(bool(row.differs or "→" in row.extensible) for row in impact.codelists)
    out.print(Text(f"{impact.study}  SDTM CT {impact.before} → {impact.after}", "bold"))
    lists = f"{differing} of {len(impact.codelists)} that the study uses differ"
    out.print(Text.assemble(("codelists  ", "dim"), lists))
    out.print(Text.assemble(("data       ", "dim"), _looked_at(impact)))
    out.print(_counts(impact))
    if impact.effects:
        # Not soft-wrapped as other results are: a table needs to know the width.
        Console(highlight=False).print(_table(impact.effects[: limit or None]))
    more = len(impact.effects) - limit
    if limit and more > 0:
        err.print(f"{counted(more, 'more effect')}; --limit 0 shows all")


def _looked_at(impact: Impact) -> str:
    if not impact.data:
        return "none; only specs and terms files were looked at (sdtmflow run makes data)"
    mapped = "; its deliveries mapped under both versions" if impact.mapped else ""
    return f"{impact.data}{mapped}"


def _counts(impact: Impact) -> Text:
    text = Text("effects    ", "dim")
    for number, weight in enumerate(Weight):
        count = impact.count(weight)
        text.append(", " if number else "", "default")
        text.append(f"{weight} {count:,}", _STYLES[weight] if count else "default")
    return text


def _table(effects: tuple[Effect, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("effect", no_wrap=True)
    table.add_column("where", no_wrap=True)
    table.add_column("records", justify="right", no_wrap=True)
    table.add_column("what")
    for effect in effects:
        table.add_row(
            Text(effect.weight, _STYLES[effect.weight]),
            Text(effect.where or effect.codelist),
            "" if effect.records is None else f"{effect.records:,}",
            _what(effect),
        )
    return table


def _what(effect: Effect) -> Text:
    text = Text()
    if effect.value or effect.becomes:
        text.append(f"'{effect.value}'", "bold")
        text.append(f" → '{effect.becomes}'" if effect.becomes else "", "bold")
        text.append(": ")
    text.append(effect.message)
    if effect.places:
        text.append(f"\n{', '.join(effect.places)}", "dim")
    return text
