"""An answer is checked against GX's own counts before it is believed."""

import polars as pl

from expectations.batch import Step
from expectations.gx import Answer, answered, expectation_of
from expectations.suite import Check

NOT_NULL = Check.model_validate(
    {
        "expect_column_values_to_not_be_null": {"column": "A"},
        "rule": "A1",
        "severity": "major",
        "message": "No A",
    }
)


def test_an_answer_that_lacks_failing_rows_is_not_whole():
    step = Step(0, NOT_NULL, {"column": "A"})
    answer = answered("raw.a", [expectation_of(step)], pl.DataFrame({"A": ["x", None]}), {})
    assert answer.is_whole
    assert answer.positions(answer.result.results[0]).tolist() == [1]
    assert not Answer(answer.result, {}).is_whole
