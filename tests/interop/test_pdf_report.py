from __future__ import annotations

import errno
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from stentviewer.core.errors import KnownError
from stentviewer.core.types import (
    Box,
    ClassScore,
    Finding,
    Identity,
    Label,
    LabelAction,
    ModelRef,
)
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.interop.pdf_report import ReviewReport, write_pdf

FINDING = Finding(
    maker="NITI-S",
    probability=0.87,
    scores=(ClassScore("NITI-S", 0.87), ClassScore("EGIS", 0.13)),
    prediction_set=("NITI-S", "EGIS"),
    unknown=False,
    box=Box(0.3, 0.4, 0.5, 0.8),
)


@pytest.fixture
def report() -> ReviewReport:
    grey = np.tile(np.arange(200, dtype=np.uint8), (150, 1))
    rgb = np.repeat(grey[..., None], 3, axis=2)
    return ReviewReport(
        identity=Identity(
            patient_id="P-1", patient_name="Kim^Minjun", patient_name_ideographic="김^민준"
        ),
        image_facts=("200 × 150", "frame 1 of 3"),
        pictures=[("Image", rgb), ("Heat map: Grad-CAM", rgb)] * 2,
        findings=(FINDING,),
        label=Label(
            1,
            0,
            "EGIS",
            LabelAction.CORRECT,
            "dr.lee",
            datetime(2026, 11, 20, tzinfo=UTC),
            1,
            "NITI-S 0.87",
        ),
        model=ModelRef("stent-demo", "ab" * 32, "Demo", "1"),
        model_facts=("Trained on: simulated stents only",),
        notes=(),
        program="stentviewer test",
        created=datetime(2026, 11, 21, tzinfo=UTC),
    )


def text_of(path: Path) -> tuple[str, int]:
    reader = PdfReader(BytesIO(path.read_bytes()))
    return "\n".join(page.extract_text() for page in reader.pages), len(reader.pages)


def test_says_who_what_and_which_model_on_one_page(report: ReviewReport, tmp_path: Path) -> None:
    text, pages = text_of(write_pdf(report, tmp_path / "a.pdf"))
    assert pages == 1
    for expected in (
        "Kim Minjun",
        "김 민준",
        "P-1",
        "NITI-S",
        "0.87",
        "EGIS, corrected by dr.lee",
        "the model had said NITI-S 0.87",
        "ab" * 32,
        "simulated stents only",
        RESEARCH_USE,
        "30–50 × 40–80",
    ):
        assert expected in text


def test_an_unread_image_is_not_called_free_of_stents(report: ReviewReport, tmp_path: Path) -> None:
    unread = replace(report, findings=(), model=None, model_facts=(), label=None)
    text, _ = text_of(write_pdf(unread, tmp_path / "a.pdf"))
    assert "Not read by a model" in text
    assert "No label by a reader yet" in text
    assert "No stent" not in text


def test_unknown_is_said_as_unknown(report: ReviewReport, tmp_path: Path) -> None:
    unsure = replace(report, findings=(replace(FINDING, unknown=True, probability=0.31),))
    text, _ = text_of(write_pdf(unsure, tmp_path / "a.pdf"))
    assert "no maker stands out" in text


def test_every_stent_has_its_line_and_a_strange_one_no_maker(
    report: ReviewReport, tmp_path: Path
) -> None:
    strange = replace(FINDING, maker="Epic", unknown=True, distance=2.34)
    both = replace(report, findings=(FINDING, strange))
    text, _ = text_of(write_pdf(both, tmp_path / "a.pdf"))
    for expected in ("NITI-S", "0.87", "unknown design", "nearest Epic", "at 2.3 × the limit"):
        assert expected in text
    assert "no maker stands out" not in text


def test_a_refused_image_is_not_called_free_of_stents(report: ReviewReport, tmp_path: Path) -> None:
    why = "This is not a radiograph of the kind that the model reads. " * 3
    text, pages = text_of(write_pdf(replace(report, findings=(), refusal=why), tmp_path / "a.pdf"))
    assert pages == 1
    assert "Not read: This is not a radiograph" in text
    assert "this does not say that there is none" in text.replace("\n", " ")
    assert "No stent" not in text


def test_none_found_is_said_with_its_limit(report: ReviewReport, tmp_path: Path) -> None:
    text, _ = text_of(write_pdf(replace(report, findings=()), tmp_path / "a.pdf"))
    assert "No stent found by the model. It may have missed one." in text


@pytest.mark.parametrize("stents", [4, 8])
def test_stays_on_one_page_and_within_it_however_long_the_texts(
    report: ReviewReport, tmp_path: Path, stents: int
) -> None:
    label = replace(report.label, maker=" + ".join(["NITI-S Biliary uncovered"] * stents))
    long = replace(
        report,
        identity=replace(
            report.identity, patient_name="Aleksandrovna" * 20, study_description="x" * 400
        ),
        findings=(FINDING,) * stents,
        label=label,
        notes=("n" * 300,) * 3,
        pictures=[("c" * 300, report.pictures[0][1][:, :20])] * 4,
        model_facts=("f" * 300,) * 3,
    )
    text, pages = text_of(write_pdf(long, tmp_path / "a.pdf"))
    assert pages == 1
    assert "…" in text
    heights = []
    page = PdfReader(BytesIO((tmp_path / "a.pdf").read_bytes())).pages[0]
    page.extract_text(visitor_text=lambda words, _cm, at, _f, _s: heights.append((words, at[5])))
    footer = max(y for words, y in heights if words.startswith(RESEARCH_USE) and y < 100)
    assert min(y for words, y in heights if words.startswith("fff")) > footer + 10


def test_a_place_that_cannot_be_written_is_named(report: ReviewReport, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KnownError, match="could not be written"):
        write_pdf(report, tmp_path / "file" / "a.pdf")


def test_a_full_disk_leaves_no_half_report(
    report: ReviewReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(BytesIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    whole = Path.open

    def opened(self: Path, *how: Any, **more: Any) -> Any:
        if self.suffix != ".pdf":
            return whole(self, *how, **more)
        self.touch()
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(KnownError, match="No space left"):
        write_pdf(report, tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_never_written_over_another(report: ReviewReport, tmp_path: Path) -> None:
    first, second = (write_pdf(report, tmp_path / "a.pdf") for _ in range(2))
    assert [first.name, second.name] == ["a.pdf", "a_2.pdf"]
