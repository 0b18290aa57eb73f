"""Queries: findings that a site is asked about, in files that go out and come back with answers."""

from sdtmflow.queries.answers import Answers, read_answers
from sdtmflow.queries.asking import Query, ask, asked, followed_by, nobody_to_ask, site_summary
from sdtmflow.queries.writing import write_list

__all__ = [
    "Answers",
    "Query",
    "ask",
    "asked",
    "followed_by",
    "nobody_to_ask",
    "read_answers",
    "site_summary",
    "write_list",
]
