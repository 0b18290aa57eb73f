"""What may stand for a value in a spec: names, literals, conditions."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from sdtmflow.mapping.values.conditions import parse
from sdtmflow.typed_yaml import Strict
from sdtmflow.yaml_words import Said


def _parses(condition: str) -> str:
    parse(condition)
    return condition


def _is_variable_name(name: str) -> str:
    if not re.fullmatch("[A-Z][A-Z0-9_]{0,7}", name):
        raise ValueError(
            f"'{name}' is no variable name; write up to 8 capitals, digits and _, a letter first"
        )
    return name


VariableName = Annotated[
    str, AfterValidator(_is_variable_name), Said("a variable name such as AETERM")
]

Reference = Annotated[
    str, Field(min_length=1, max_length=128), Said("the name of a raw column or variable")
]
"""A name as the module's docstring explains it: ``AETERM``, ``raw.AETERM``, ``DM.RFSTDTC``."""

Condition = Annotated[
    str, AfterValidator(_parses), Said('a condition such as "AETERM is not missing"')
]
"""``A = 'x' and (B > 3 or C is missing)``; see ``conditions.py``."""


class Constant(Strict):
    """A literal where a name is expected: ``{constant: "-"}``."""

    constant: str | int | float


class Assigned(Strict):
    """A name where a literal is expected: ``{assign: AEOUT}``."""

    assign: Reference
