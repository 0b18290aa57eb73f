"""Whatever a form asks: every annotation is on a page, inside its margins, and over no other."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.documents.crf.drawing import draw_crf
from sdtmflow.documents.crf.model import Annotation, Crf, Field, Form, Option
from tests.unit.documents.reading import notes, read

LEFT, RIGHT, BOTTOM, TOP = 54, 576.01, 45, 750

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=300)
domains = st.sampled_from(["AE", "DM", "VS", "XX"])
places = st.tuples(domains, st.sampled_from(["A", "B"]), st.sampled_from(["", "T"])).map(
    lambda place: (place,)
)
annotations = st.builds(Annotation, domains, st.text(min_size=1, max_size=120), places)
fields = st.builds(
    Field,
    name=st.just("A"),
    question=texts,
    answer=st.sampled_from(["text", "date", "number", "choice", "tick", "printed"]),
    options=st.lists(st.builds(Option, texts, st.sampled_from(["", "1"])), max_size=40).map(tuple),
    unit=st.sampled_from(["", "mmHg", "a unit with a very long name of its own"]),
    annotations=st.lists(annotations, max_size=12).map(tuple),
)
forms = st.builds(
    Form,
    table=st.sampled_from(["ae", "vs"]),
    title=texts,
    drawn_from=texts,
    datasets=st.lists(st.tuples(domains, texts), max_size=6, unique_by=lambda one: one[0]).map(
        tuple
    ),
    fields=st.lists(fields, max_size=12).map(tuple),
    headed=st.lists(
        st.tuples(st.sampled_from(["Site", "Subject", "Visit"]), annotations), max_size=4
    ).map(tuple),
    notes=st.lists(annotations, max_size=6).map(tuple),
)


@settings(max_examples=25, deadline=None)
@given(forms)
def test_annotations_are_all_there_inside_the_page_and_apart(form):
    drawn = draw_crf(Crf("S1", "A study", "2026-01-31", (form,)))
    pages = [notes(page) for page in read(drawn.pdf).pages]
    expected = len(list(form.annotations())) + len(form.datasets)
    assert sum(map(len, pages)) == expected
    for page in pages:
        for _, (left, bottom, right, top) in page:
            assert LEFT <= left < right <= RIGHT
            assert BOTTOM <= bottom < top <= TOP
        for (_, one), (_, other) in itertools.combinations(page, 2):
            across = one[2] <= other[0] or other[2] <= one[0]
            assert across or one[3] <= other[1] or other[3] <= one[1]


@settings(max_examples=10, deadline=None)
@given(forms)
def test_the_pages_told_are_those_of_the_annotations(form):
    drawn = draw_crf(Crf("S1", "A study", "2026-01-31", (form,)))
    told = {place for annotation in form.annotations() for place in annotation.places}
    assert set(drawn.pages) == told
    last = len(read(drawn.pdf).pages)
    assert all(1 < page <= last for pages in drawn.pages.values() for page in pages)
