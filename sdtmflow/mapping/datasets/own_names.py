"""What is one list for the whole study: its own codes and names, its domains and epochs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from sdtmflow.mapping.datasets.content import pairs, used_values

_PAIRS = {
    "ARMCD": ("ARM", "ARMCD"),
    "ACTARMCD": ("ACTARM", "ARMCD"),
    "ETCD": ("ELEMENT", "ETCD"),
    "VISITNUM": ("VISIT", "VISITNUM"),
    "IETESTCD": ("IETEST", "IETESTCD"),
}
"""Variable of the code → variable of the name, and the list that both belong to."""

_SHARED = ("DOMAIN", "EPOCH")
"""Variables whose standard codelist is restricted once for all datasets."""

OwnNames = Mapping[str, Mapping[str, str]]
"""Variable → its values and what they are called; a variable of names has names without more."""


def own_names(folder: Path, datasets: Iterable[str]) -> OwnNames:
    """The codes and names in the datasets of ``folder``, over all of them."""
    lists: dict[str, dict[str, str]] = {}
    shared: dict[str, set[str]] = {name: set() for name in _SHARED}
    for dataset in datasets:
        data = pl.scan_parquet(folder / f"{dataset}.parquet")
        columns = data.collect_schema().names()
        for code, (name, of) in _PAIRS.items():
            if code in columns and name in columns:
                lists.setdefault(of, {}).update(pairs(data, code, name))
        for name in _SHARED:
            if name in columns:
                shared[name].update(used_values(data, name))
    found = {name: dict.fromkeys(sorted(values), "") for name, values in shared.items()}
    for code, (name, of) in _PAIRS.items():
        terms = dict(sorted(lists.get(of, {}).items(), key=_place))
        found[code] = terms
        found[name] = dict.fromkeys(sorted({called for called in terms.values() if called}), "")
    return found


def _place(term: tuple[str, str]) -> tuple[float, str]:
    """Numbers by their size, before texts."""
    code = term[0]
    try:
        return float(code), ""
    except ValueError:
        return float("inf"), code
