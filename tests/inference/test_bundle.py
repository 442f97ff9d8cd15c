"""Models that are in order, and every way in which one is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import Problem
from stentviewer.inference import bundle as bundles
from stentviewer.inference.bundle import (
    HEAD,
    MANIFEST,
    ONNX,
    SAFETENSORS,
    load_bundle,
    write_bundle,
)
from stentviewer.inference.catalog import Catalog
from tests.inference.networks import MAKERS, manifest, plain_bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return plain_bundle(tmp_path / "model").folder


def rewrite(folder: Path, sealed: bool = True, **changes: object) -> None:
    """Change the manifest; sealed again, as one would who wants it to pass."""
    raw = {**json.loads((folder / MANIFEST).read_text()), **changes}
    if sealed:
        raw["sha256"] = bundles._digest(raw)
    (folder / MANIFEST).write_text(json.dumps(raw))


def test_what_is_written_is_read_back(folder):
    bundle = load_bundle(folder)
    assert bundle.manifest.model_copy(update={"files": {}}) == manifest()
    assert bundle.labels == MAKERS
    assert bundle.ref.sha256 == bundle.sha256
    assert len(bundle.sha256) == 64
    assert {label.code_scheme for label in bundle.manifest.labels} == {"99STENTVIEWER"}


def test_the_hash_changes_with_the_weights_and_with_the_manifest(tmp_path):
    first = plain_bundle(tmp_path / "a")
    assert plain_bundle(tmp_path / "b").sha256 != first.sha256
    (tmp_path / "other" / "a.source").parent.mkdir()
    assert plain_bundle(tmp_path / "other" / "a").sha256 == first.sha256
    assert plain_bundle(tmp_path / "third" / "a", temperature=2.0).sha256 != first.sha256


def test_changed_weights_are_named(folder):
    content = bytearray((folder / ONNX).read_bytes())
    content[0] ^= 1
    (folder / ONNX).write_bytes(content)
    with pytest.raises(KnownError, match=r"weights\.onnx is damaged or was changed"):
        load_bundle(folder)
    load_bundle(folder, verify=False)


def test_missing_weights_are_named(folder):
    (folder / ONNX).unlink()
    with pytest.raises(KnownError, match=r"weights\.onnx is missing"):
        load_bundle(folder)


def test_weights_that_are_not_listed_are_refused(folder):
    (folder / SAFETENSORS).write_bytes(b"slipped in")
    with pytest.raises(KnownError, match=r"weights\.safetensors is there but not listed"):
        load_bundle(folder)


def test_a_link_in_the_place_of_weights_is_refused(folder, tmp_path):
    (folder / ONNX).rename(tmp_path / "elsewhere")
    (folder / ONNX).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KnownError, match=r"weights\.onnx is missing"):
        load_bundle(folder)


def test_a_changed_label_is_noticed(folder):
    raw = json.loads((folder / MANIFEST).read_text())
    raw["labels"][0]["name"], raw["labels"][1]["name"] = "Epic 2", "Bona"
    rewrite(folder, sealed=False, labels=raw["labels"])
    with pytest.raises(KnownError, match="was changed after the model was made"):
        load_bundle(folder, verify=False)


@pytest.mark.parametrize(
    "name", ["../weights.onnx", "/etc/passwd", "a/b.onnx", "..", "C:\\x", "", "manifest.json"]
)
def test_a_name_that_leaves_the_folder_is_refused(folder, name):
    rewrite(folder, files={name: "0" * 64})
    with pytest.raises(KnownError, match="wrong or incomplete in: files"):
        load_bundle(folder)
    with pytest.raises(UserError, match="cannot be the name"):
        write_bundle(folder, manifest(), {name: folder / ONNX})


def test_wrong_fields_are_listed_in_one_sentence(folder):
    rewrite(folder, temperature=-1, labels=[], surprise=1)
    with pytest.raises(KnownError) as caught:
        load_bundle(folder)
    message = str(caught.value)
    assert "wrong or incomplete in: labels, temperature, surprise." in message
    assert "\n" not in message


def test_a_newer_format_says_which_program_is_needed(folder):
    rewrite(folder, format_version=7, something="new")
    with pytest.raises(UserError, match="reads format 7"):
        load_bundle(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "\ud800", "[" * 200_000])
def test_a_manifest_that_is_none_is_refused(folder, text):
    (folder / MANIFEST).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(KnownError, match=r"manifest\.json"):
        load_bundle(folder)


def test_a_huge_manifest_is_not_read(folder):
    (folder / MANIFEST).write_bytes(b" " * (2**20 + 1))
    with pytest.raises(KnownError, match="larger than any manifest"):
        load_bundle(folder)


def test_files_over_the_limit_are_not_hashed(folder, monkeypatch):
    monkeypatch.setattr(bundles, "_FILE_LIMIT", 4)
    with pytest.raises(KnownError, match="larger than 2 GB"):
        load_bundle(folder)


def test_a_folder_without_a_model_is_the_persons_mistake(tmp_path):
    with pytest.raises(UserError, match=r"is not a model: it has no manifest\.json"):
        load_bundle(tmp_path)
    with pytest.raises(UserError):
        load_bundle(tmp_path / "nowhere")


def test_two_labels_of_one_name_are_refused(folder):
    raw = json.loads((folder / MANIFEST).read_text())
    rewrite(folder, labels=[raw["labels"][0], raw["labels"][0]])
    with pytest.raises(KnownError, match="labels"):
        load_bundle(folder)


def head_bundle(folder: Path, tensors: dict[str, np.ndarray] | bytes) -> bundles.Bundle:
    from safetensors.numpy import save

    source = folder.parent / "head"
    source.write_bytes(tensors if isinstance(tensors, bytes) else save(tensors))
    return write_bundle(folder, manifest(), {HEAD: source})


def test_the_last_layer_is_read_in_single_precision(tmp_path):
    weight = np.arange(10, dtype=np.float16).reshape(5, 2)
    bundle = head_bundle(tmp_path / "m", {"weight": weight, "bias": np.zeros(5, np.float16)})
    read, bias = bundle.head()
    assert read.dtype == bias.dtype == np.float32
    assert np.array_equal(read, weight)


@pytest.mark.parametrize(
    "content",
    [
        b"no tensors",
        {"weight": np.zeros((5, 2), np.float32)},
        {"weight": np.zeros((4, 2), np.float32), "bias": np.zeros(4, np.float32)},
        {"weight": np.zeros((5, 2), np.float32), "bias": np.zeros(4, np.float32)},
    ],
)
def test_a_last_layer_that_does_not_fit_is_refused(tmp_path, content):
    with pytest.raises(KnownError, match=r"head\.safetensors"):
        head_bundle(tmp_path / "m", content).head()


def test_a_file_the_model_does_not_have_is_named(folder):
    with pytest.raises(KnownError, match=r"has no file head\.safetensors"):
        load_bundle(folder).head()


def test_the_catalog_reports_the_damaged_and_goes_on(tmp_path):
    plain_bundle(tmp_path / "a")
    damaged = plain_bundle(tmp_path / "b", id="other", task="another-task")
    plain_bundle(tmp_path / "c", id="third", task="another-task")
    (damaged.folder / ONNX).write_bytes(b"")
    found = Catalog([tmp_path / "none", tmp_path]).bundles()
    assert [type(item) for item in found] == [bundles.Bundle, Problem, bundles.Bundle]
    assert isinstance(found[1], Problem)
    assert found[1].path == damaged.folder


def test_the_catalog_gives_the_first_for_a_task(tmp_path):
    plain_bundle(tmp_path / "two" / "a", id="second")
    plain_bundle(tmp_path / "one" / "z", id="first")
    catalog = Catalog([tmp_path / "one", tmp_path / "two"])
    assert catalog.default("stent-maker").manifest.id == "first"
    assert catalog.get("second").manifest.id == "second"
    with pytest.raises(UserError, match="No model for sleep"):
        catalog.default("sleep")
    with pytest.raises(UserError, match="No model called third"):
        catalog.get("third")


def test_the_catalog_lets_no_other_model_answer_for_a_damaged_one(tmp_path):
    damaged = plain_bundle(tmp_path / "a")
    plain_bundle(tmp_path / "b", id="other")
    (damaged.folder / ONNX).write_bytes(b"")
    with pytest.raises(KnownError, match="damaged"):
        Catalog([tmp_path]).default("stent-maker")


def test_the_catalog_says_why_the_only_model_cannot_be_read(tmp_path):
    (plain_bundle(tmp_path / "a").folder / MANIFEST).write_text("{")
    with pytest.raises(KnownError, match="not readable"):
        Catalog([tmp_path]).default("stent-maker")
