"""Derivations that no verb can say: functions of the study's ``mappings/*.py``.

A function gets a pandas DataFrame (text columns of dtype ``str``, numbers as float64), one row a
record, sorted by subject and the domain's keys, and returns a Series or a list of as many values.
What it prints, logs or warns of is not shown: it may be a subject's value.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.hushing import hushed


@dataclass(frozen=True, slots=True)
class Function:
    """A derivation and where it is written."""

    name: str
    path: Path
    line: int
    call: Callable[[Any], Any]

    def __reduce__(self) -> tuple[object, ...]:
        """A function is kept, and sent to other processes, by its name in its file."""
        return _function_again, (self.path, self.name)

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.path.name

    @property
    def place(self) -> str:
        """``derivations.py:12``."""
        return f"{self.file}:{self.line}"


class BrokenModuleError(StudyError):
    """A file of functions that does not import."""


def load_functions(folder: Path, problems: list[StudyError]) -> dict[str, Function]:
    """The public functions of every ``*.py`` in the folder, by name.

    Files that do not import and names that two files define are added to ``problems``.
    """
    functions: dict[str, Function] = {}
    for path in sorted(folder.glob("*.py")):
        try:
            module = _module(path)
        except BrokenModuleError as error:
            problems.append(error)
            continue
        for function in _functions_of(module, path):
            first = functions.setdefault(function.name, function)
            if first is not function:
                problems.append(
                    StudyError(
                        f"'{function.name}' is also defined at {first.place}",
                        place=function.place,
                        remedy="rename one of the two",
                    )
                )
    return functions


def takes_a_frame(function: Function) -> bool:
    """Whether the function can be called with one argument."""
    try:
        inspect.signature(function.call).bind(object())
    except TypeError:
        return False
    return True


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sdtmflow_study_{path.stem}", path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 — a .py file has both
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 — whatever a study's own code raises
        raise BrokenModuleError(
            f"the file does not import: {type(error).__name__}",
            place=f"{path.name}:{_line_of(error, path)}",
            remedy="run it with Python to see why",
        ) from None
    return module


def _function_again(path: Path, name: str) -> Function:
    return _functions_in(path, path.read_bytes())[name]


@lru_cache(maxsize=32)
def _functions_in(path: Path, _content: bytes) -> dict[str, Function]:
    """The functions of a file by name; the file is carried out once for each content."""
    return {function.name: function for function in _functions_of(_module(path), path)}


def _functions_of(module: ModuleType, path: Path) -> list[Function]:
    return [
        Function(name, path, value.__code__.co_firstlineno, value)
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]


def _line_of(error: BaseException, path: Path) -> int:
    """The deepest line of ``path`` that the error passed through."""
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def call(function: Function, records: pl.DataFrame, folder: Path, *, numeric: bool) -> pl.Series:
    """The function's values for the records.

    Raises StudyError naming function and file (never a value) when it fails or returns another
    number of values.
    """
    try:
        with hushed():
            answer = function.call(_as_pandas(records))
            values = list(answer)
    except Exception as error:  # noqa: BLE001 — whatever a study's own code raises
        raise StudyError(
            f"the derivation '{function.name}' failed with {type(error).__name__}",
            place=f"{function.file}:{_line_of(error, folder / function.file)}",
            remedy="correct the function; try it in a notebook on the same columns",
        ) from None
    if len(values) != records.height:
        raise StudyError(
            f"'{function.name}' returned {len(values)} values for {records.height} records",
            place=function.place,
            remedy="return one value a record, in the same order",
        )
    return _as_series(function, values, numeric=numeric)


def _as_pandas(records: pl.DataFrame) -> Any:
    import pandas as pd

    columns = {
        name: pd.Series(
            records[name].to_list(), dtype="float64" if records[name].dtype.is_numeric() else "str"
        )
        for name in records.columns
    }
    return pd.DataFrame(columns)


def _as_series(function: Function, values: list[Any], *, numeric: bool) -> pl.Series:
    import pandas as pd

    present = [None if pd.isna(value) or value == "" else value for value in values]
    try:
        if numeric:
            return pl.Series([None if v is None else float(v) for v in present], dtype=pl.Float64)
        return pl.Series([None if v is None else str(v) for v in present], dtype=pl.String)
    except (TypeError, ValueError):
        raise StudyError(
            f"'{function.name}' returned something that is no number",
            place=function.place,
            remedy="return numbers for a numeric variable",
        ) from None
