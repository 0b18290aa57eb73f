"""Whatever form stands in the place of another, the answer is one line in the words of the manual.

Every key of the manual's examples, of a new study's study.yaml and of the demo's suites is given a
value of each other form in turn: a number, a list, a map, nothing, a date, true, text.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cli.scaffold import TEMPLATE
from docs.mapping_examples import examples
from expectations.suite import TableSuite
from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.mapping.spec import DomainSpec
from sdtmflow.study import Study, StudyFolder
from sdtmflow.typed_yaml import Strict, load_yaml
from tests.unit.mapping.test_every_mistake import CLEAN

WRONG: tuple[Any, ...] = (
    *(7, -1.5, True, None, "", "no such thing", "{", dt.date(2025, 1, 1)),
    *([], ["A", "B", "C"], [1], [None], {}, {"strange": 1}, {1: 2}),
)
OF_LIBRARIES = re.compile(
    r"input should|validation error|valid (string|dictionary|list|integer|number|boolean|date)"
    r"|constrained|pydantic|traceback|instance of|nonetype|something else|\[type=",
    re.IGNORECASE,
)
DEMO = Path(__file__).parents[2] / "studies" / "demo"
PLACED = re.compile(r"^file\.yaml(:\d+: | is )")


def loaded(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def dumped(data: Any) -> str:
    stream = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, stream)
    return stream.getvalue()


def subclasses(model: type[Strict]) -> Iterator[str]:
    for below in model.__subclasses__():
        yield below.__name__
        yield from subclasses(below)


def ways(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(data, dict | list):
        for step, below in data.items() if isinstance(data, dict) else enumerate(data):
            yield from ways(below, (*path, step))


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = deepcopy(data)
    at = copy
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return copy


def documents() -> Iterator[tuple[type[Strict], Any]]:
    for topic in examples().values():
        for example in topic:
            if example.spec:
                yield DomainSpec, loaded(example.spec)
            elif example.lines:
                yield DomainSpec, _of_cm(example.lines)
    yield Study, loaded((TEMPLATE / "study.yaml").read_text(encoding="utf-8"))
    yield TableSuite, loaded((DEMO / "expectations" / "vs.yaml").read_text(encoding="utf-8"))


def _of_cm(lines: str) -> Any:
    head = {"version": 1, "domain": "CM", "from": "cm", "keys": ["CMTRT"]}
    return head | {"variables": loaded(lines)}


def wrong_documents() -> Iterator[tuple[type[Strict], str, Any]]:
    """Each place that has not been tried yet (its last keys but names), with each wrong value."""
    tried: set[tuple[Any, ...]] = set()
    for model, document in documents():
        for path in ways(document):
            keys = [step for step in path if isinstance(step, str) and step != step.upper()]
            place = (model, *keys[-2:], path[-1:] == tuple(keys[-1:]))
            if place not in tried:
                tried.add(place)
                for value in WRONG:
                    yield model, ".".join(map(str, path)), put(document, path, value)


def untold(told: str, names: re.Pattern[str]) -> list[str]:
    """The lines that are not in the words of the manual, or have no place."""
    return [
        line
        for line in told.splitlines()
        if OF_LIBRARIES.search(line) or names.search(line) or not PLACED.search(line)
    ]


@pytest.fixture(scope="module")
def names() -> re.Pattern[str]:
    """Names of our classes that are no words: ``DateParts``."""
    found = {name for name in subclasses(Strict) if re.search("[a-z][A-Z]", name)}
    return re.compile("|".join(sorted(found)))


def test_a_wrong_form_is_told_in_the_words_of_the_manual(tmp_path, names):
    path, wrong, refused = tmp_path / "file.yaml", [], 0
    for model, place, document in wrong_documents():
        path.write_text(dumped(document), encoding="utf-8")
        try:
            load_yaml(path, model)
        except StudyError as error:
            refused += 1
            wrong += [f"{place}: {line}" for line in untold(str(error), names)]
    assert refused > 1000
    assert wrong == []


@pytest.mark.parametrize("name", ["mappings/ae.yaml", "mappings/vs.yaml"])
def test_a_wrong_form_in_a_spec_never_ends_the_planning(tmp_path, names, name):
    for file, text in CLEAN.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    document = loaded(CLEAN[name])
    for path in list(ways(document))[::4]:
        for value in (7, None, ["A", "B"], {"strange": 1}):
            (tmp_path / name).write_text(dumped(put(document, path, value)), encoding="utf-8")
            try:
                load_plan(StudyFolder(tmp_path), tmp_path / "standard")
            except StudyError as error:
                for line in str(error).splitlines():
                    assert not OF_LIBRARIES.search(line), line
                    assert not names.search(line), line
                    assert re.match(r"\S+(:\d+)?: ", line), line
