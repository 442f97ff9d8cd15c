"""Sentences that can be said in another language later: English, with how they were made.

Every layer below the window writes `sentence("The ZIP “{name}” is damaged.", name=path.name)`. The
result is the English text, usable wherever a text is; the window looks its template up in
resources/i18n/sentences_ko.json. The template is one literal, here or in `template("…")`, so that a
test can find it in the source and hold the file to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from types import MappingProxyType

_parse = Formatter().parse


class Sentence(str):
    """A text that carries its template and the values in it.

    A value that is a tuple is a list of words, shown with commas; a value may be a sentence
    itself. `str()` of it is itself, so what an error says keeps its template.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Sentence:
        made = super().__new__(cls, fill(template, values))
        made.template = template
        made.values = MappingProxyType(dict(values))
        return made

    def __str__(self) -> str:
        return self

    def __getnewargs__(self) -> tuple[str, dict[str, object]]:  # type: ignore[override]
        return self.template, dict(self.values)

    def __getstate__(self) -> None:
        return None  # all of it is in the arguments


def sentence(template: str, /, **values: object) -> Sentence:
    """The template with its values; `{size:,.0f}` is formatted as `str.format` does.

    Raises KeyError where the template names a value that is not given.
    """
    return Sentence(template, values)


def template(text: str) -> str:
    """Mark a template where it stands, for a `sentence` that is made of it elsewhere."""
    return text


def together(said: Sequence[str]) -> str:
    """Several sentences as one, each still known; empty for none."""
    if len(said) < 2:
        return said[0] if said else ""
    return sentence("{first} {rest}", first=said[0], rest=together(said[1:]))


def fill(
    template: str, values: Mapping[str, object], word: Callable[[str], str] = lambda text: text
) -> str:
    """Put the values into a template; `word` may translate those that are text."""
    parts = []
    for literal, name, form, _ in _parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(_show(values[name], form or "", word))
    return "".join(parts)


def _show(value: object, form: str, word: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return word(value)
    if isinstance(value, tuple):
        return ", ".join(_show(one, form, word) for one in value)
    return format(value, form)


def places(template: str) -> list[str]:
    """The names of the values in a template, in their order."""
    return [name for _, name, _, _ in _parse(template) if name is not None]
