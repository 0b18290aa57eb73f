"""DD17: methods, comments, and texts for people."""

from __future__ import annotations

from sdtmflow.define_lint import terms
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.rule import ERROR, NOTICE, WARNING, Hit, Hits, Rule


def _type(define: Define) -> Hits:
    for method in define.methods:
        if method.type and method.type not in terms.METHOD_TYPES:
            yield Hit(method.line, f"{method.oid}: the type is '{method.type}'")


def _blank_expression(define: Define) -> Hits:
    for method in define.methods:
        for expression in method.expressions:
            if not expression.text:
                yield Hit(expression.line, f"{method.oid}: an expression of no content")


def _same_method_name(define: Define) -> Hits:
    first: dict[str, str] = {}
    for method in define.methods:
        if method.name and method.name in first:
            what = f"{method.oid} is named '{method.name}', as is {first[method.name]}"
            yield Hit(method.line, what)
        first.setdefault(method.name, method.oid)


def _blank_text(define: Define) -> Hits:
    for text in define.texts:
        if text.blank:
            yield Hit(text.line, f"{text.of}: a text of no content")


def _language(define: Define) -> Hits:
    for text in define.texts:
        if not text.language:
            yield Hit(text.line, f"{text.of}: a text without xml:lang")


_METHOD = "Define-XML, MethodDef"
_TEXT = "Define-XML, TranslatedText"

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1701", ERROR, "A method is a Computation or an Imputation", _METHOD,
         "set Type to one of the two", _type),
    Rule("DD1702", WARNING, "A formal expression says something", "Define-XML, FormalExpression",
         "write the expression, or remove the element", _blank_expression),
    Rule("DD1703", NOTICE, "Methods differ in name", _METHOD, "give each a name of its own",
         _same_method_name),
    Rule("DD1704", ERROR, "A text says something", _TEXT,
         "write the text, or remove the element around it", _blank_text),
    Rule("DD1705", NOTICE, "A text names its language", _TEXT, 'add xml:lang="en"', _language),
)  # fmt: skip
