"""A list whose lines hang together: what was changed, put in or taken out is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stentviewer.core.chain import BrokenChainError, begin_chain, extend_chain, read_chain


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "list.jsonl"
    for word in ("one", "zwei", "셋"):
        extend_chain(path, {"word": word})
    return path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def put(path: Path, rows: list[dict[str, object]]) -> None:
    text = "".join(json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in rows)
    path.write_text(text)


def test_lines_are_read_back_in_their_order(path):
    assert [row["word"] for row in read_chain(path)] == ["one", "zwei", "셋"]
    assert [row["n"] for row in read_chain(path)] == [1, 2, 3]
    assert read_chain(path.with_name("none")) == []


def test_a_changed_line_is_found(path):
    rows = lines(path)
    rows[1]["word"] = "two"
    put(path, rows)
    with pytest.raises(BrokenChainError) as caught:
        read_chain(path)
    assert caught.value.line == 2


@pytest.mark.parametrize("taken", [0, 1])
def test_a_line_taken_out_is_found(path, taken):
    rows = lines(path)
    del rows[taken]
    put(path, rows)
    with pytest.raises(BrokenChainError) as caught:
        read_chain(path)
    assert caught.value.line == taken + 1


def test_a_line_that_was_sealed_again_breaks_the_next(path, tmp_path):
    rows = lines(path)
    other = tmp_path / "other"
    extend_chain(other, {"word": "one"})
    rows[1] = extend_chain(other, {"word": "two"})  # in order in itself
    put(path, rows)
    with pytest.raises(BrokenChainError) as caught:
        read_chain(path)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n",
        b"\xff\n",
        b'{"n":1}\n',
        b'{"n":1,"x":NaN,"hash":""}\n{"n"',
        b"[",
    ],
)
def test_what_is_no_list_is_damage(path, content):
    path.write_bytes(content)
    with pytest.raises(BrokenChainError):
        read_chain(path)


def test_the_last_line_cut_short_is_damage(path):
    content = path.read_bytes()
    for cut in (1, 10):
        path.write_bytes(content[:-cut])
        with pytest.raises(BrokenChainError):
            read_chain(path)


def test_a_damaged_list_is_not_extended(path):
    path.write_bytes(path.read_bytes()[:-5])
    before = path.read_bytes()
    with pytest.raises(BrokenChainError):
        extend_chain(path, {"word": "four"})
    assert path.read_bytes() == before
    assert begin_chain(path, {"word": "anew"})["n"] == 1
    assert [row["word"] for row in read_chain(path)] == ["anew"]


def test_a_crash_before_the_end_leaves_the_former_list(path, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        extend_chain(path, {"word": "four"})
    monkeypatch.undo()
    assert len(read_chain(path)) == 3
    extend_chain(path, {"word": "four"})
    assert len(read_chain(path)) == 4


def test_not_even_a_number_that_is_none_passes_as_one(path):
    rows = lines(path)
    rows[0]["word"], rows[0]["hash"] = float("nan"), ""
    put(path, rows)
    with pytest.raises(BrokenChainError) as caught:
        read_chain(path)
    assert caught.value.line == 1
