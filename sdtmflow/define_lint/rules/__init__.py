"""Every rule, in the order of its number.

DD10 document and standards, DD11 references, DD12 datasets, DD13 variables, DD14 origins, DD15
value level, DD16 codelists, DD17 methods and texts, DD18 files and pages, DD19 the data themselves
(``sdtmflow.define_lint.data``). The numbers are sdtmflow's own; they start above those of other
validators, so that an id never means two things.
"""

from sdtmflow.define_lint.rules import (
    codelists,
    datasets,
    documents,
    notes,
    origins,
    references,
    structure,
    value_level,
    variables,
)

RULES = (
    *structure.RULES,
    *references.RULES,
    *datasets.RULES,
    *variables.RULES,
    *origins.RULES,
    *value_level.RULES,
    *codelists.RULES,
    *notes.RULES,
    *documents.RULES,
)

__all__ = ["RULES"]
