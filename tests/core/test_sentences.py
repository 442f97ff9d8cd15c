"""A sentence is its English text and still knows how it was made."""

from __future__ import annotations

import copy
import json
import pickle
import sqlite3
from pathlib import Path

import pytest

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import Sentence, fill, places, sentence
from stentviewer.core.types import Problem


def test_it_reads_as_english():
    said = sentence("“{name}” needs {size:,.0f} MB.", name="a.dcm", size=12345.6)
    assert said == "“a.dcm” needs 12,346 MB."
    assert said.template == "“{name}” needs {size:,.0f} MB."
    assert said.values == {"name": "a.dcm", "size": 12345.6}
    assert places(said.template) == ["name", "size"]


def test_an_error_hands_its_sentence_on_unchanged():
    said = sentence("There is no file “{name}”.", name="a.dcm")
    for kind in (UserError, KnownError):
        assert str(kind(said)) is said
        assert Problem(Path("a"), str(kind(said))).message is said
    assert str(UserError("plain")) == "plain"
    assert str(UserError()) == ""


def test_braces_in_a_value_are_only_text():
    assert sentence("{name} is damaged.", name="{0}{x}") == "{0}{x} is damaged."


def test_a_list_and_a_sentence_are_values_too():
    inner = sentence("No room.")
    said = sentence("{where}: {why} ({which})", where="a", why=inner, which=("x", "y"))
    assert said == "a: No room. (x, y)"
    assert fill("{why} {which}", said.values, str.upper) == "NO ROOM. X, Y"


def test_a_value_that_is_not_given_is_a_bug():
    with pytest.raises(KeyError):
        sentence("“{name}” is damaged.")


def test_it_survives_what_a_text_goes_through():
    said = sentence("{n} files.", n=3)
    for twin in (copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert isinstance(twin, Sentence)
        assert (twin, twin.template, twin.values) == (said, said.template, said.values)
    assert json.loads(json.dumps([said])) == ["3 files."]
    with sqlite3.connect(":memory:") as database:
        assert database.execute("select ?", [said]).fetchone() == ("3 files.",)
    database.close()
