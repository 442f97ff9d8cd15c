"""What a recipe refuses."""

from __future__ import annotations

import pytest

from stentviewer.learning.recipe import ClassSpec


def test_no_class_is_named_as_several_makers_are() -> None:
    with pytest.raises(ValueError, match=r"contains ' \+ '"):
        ClassSpec(name="EGIS + Epic")
