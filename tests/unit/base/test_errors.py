import pickle

import pytest

from sdtmflow import errors
from sdtmflow.errors import DeliveryError, SdtmflowError


def test_an_error_reads_as_place_what_is_wrong_what_to_do():
    error = DeliveryError(
        "the file ends early", place="site03.xml, line 7", remedy="ask for it again"
    )
    assert str(error) == "site03.xml, line 7: the file ends early; ask for it again"


def test_an_error_without_place_or_remedy_is_its_message():
    assert str(SdtmflowError("no such version")) == "no such version"


def kinds():
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, SdtmflowError)
    ]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_kind_crosses_a_process_border_whole(kind):
    error = pickle.loads(pickle.dumps(kind("what", place="where", remedy="mend")))
    assert (type(error), error.message, error.place, error.remedy) == (
        kind,
        "what",
        "where",
        "mend",
    )


def test_exit_codes_are_distinct_and_keep_clear_of_the_shell():
    codes = [kind.exit_code for kind in kinds()]
    assert len(set(codes)) == len(codes)
    assert not {0, 126, 127, 130} & set(codes)
    assert [kind.__name__ for kind in kinds() if kind.exit_code == 2] == ["UsageError"]
