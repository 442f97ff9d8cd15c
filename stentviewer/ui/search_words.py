"""Finding by words: in any order, parts of words too, in any language that is shown."""

from __future__ import annotations


def has_words(typed: str, *texts: str) -> bool:
    """Whether every word that was typed is somewhere in the texts; case does not matter."""
    where = "\n".join(texts).casefold()
    return all(word in where for word in typed.casefold().split())
