"""The report: complete, self-contained, safe with any name, and honest about what it is."""

from __future__ import annotations

import re
from base64 import b64decode
from html import unescape
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import Sentence
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.learning import figures
from stentviewer.learning.figures import Look
from stentviewer.learning.gallery import Shown
from stentviewer.learning.recipe import ClassSpec, Recipe, Start
from stentviewer.learning.report import write_report
from stentviewer.learning.report_numbers import (
    difference,
    figure,
    joules,
    memory,
    p_value,
    points,
    seconds,
)
from stentviewer.learning.result import Result, evaluate
from stentviewer.learning.result_parts import Cost, Data, Estimate, Model
from tests.learning.answers import answers, drawn

NEW = ("Coil", "EGIS", "니티에스 <b>&$x$")
FIGURES = ("confusion", "roc", "reliability", "by_class")


@pytest.fixture(scope="module")
def result() -> Result:
    classes = tuple(ClassSpec(name=name, before=() if name == "Coil" else (name,)) for name in NEW)
    recipe = Recipe(name="Coil <script>", start=Start(model="stent-demo"), classes=classes)
    test = drawn(NEW, 60, 2, 3.0, folds=0)
    before = drawn(NEW, 60, 3, folds=0)
    champion = type(before)(
        NEW[1:],
        before.logits[:, 1:],
        before.truth - 1,
        before.fold,
        before.sha256,
        tuple("hong-gildong" for _ in before.patient),
    )
    return evaluate(
        recipe,
        drawn(NEW, 180, 1),
        test,
        champion,
        cost=Cost(seconds={"images": 75.0, "another": 2.0}, memory=2_300_000_000, device="CPU"),
        notes=["Compiling was given up."],
        data=Data(
            images=240,
            patients=80,
            simulated=240,
            by_role={"train": dict.fromkeys(NEW, 60), "test": dict.fromkeys(NEW, 20)},
            problems=("“a.dcm” is cut off.",),
        ),
        challenger=Model(id="coil", sha256="ab" * 32),
        champion=Model(id="stent-demo", sha256="cd" * 32),
    )


def png(side: int = 40) -> bytes:
    out = BytesIO()
    Image.fromarray(np.full((side, side, 3), 90, np.uint8)).save(out, "PNG")
    return out.getvalue()


GALLERY = [
    Shown(png(), "ab" * 32 + ":0", "Coil", "EGIS", 0.93, 2, True),
    Shown(png(), "cd" * 32 + ":0", "Coil", "Coil", 0.999, 1, True),
]


@pytest.fixture(scope="module")
def written(result: Result, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, PdfReader]:
    html, pdf = write_report(result, GALLERY, tmp_path_factory.mktemp("report") / "run v1.2")
    assert (html.name, pdf.name) == ("run v1.2.html", "run v1.2.pdf")
    assert len(list(html.parent.iterdir())) == 2
    return html.read_text(encoding="utf-8"), PdfReader(pdf)


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of a report's time; here what stands around them is looked at."""
    for name in (*FIGURES, "folds", "forgetting"):
        monkeypatch.setattr(figures, name, lambda *_: png())


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_both_say_what_was_found(written, result):
    html, pdf = written
    words = re.sub(r"\s+", " ", html)
    mean = f"{result.mean.f1:.3f} ± {result.deviation.f1:.3f}"
    for said in (
        mean,
        figure(result.out_of_fold.classes[0].recall),
        f"McNemar's exact p {p_value(result.against_test.mcnemar.p)}",
        "coil-abababab",
        "stent-demo-cdcdcdcd",
        "Compiling was given up.",
        "Reading images",
        "1 min 15 s",
        "1 min 17 s",
        "2.3 GB",
        "“a.dcm” is cut off.",
    ):
        assert said in words.replace("&#x27;", "'")
        assert said in text_of(pdf)


def test_each_page_says_what_it_is_for(written):
    html, pdf = written
    assert len(pdf.pages) > 2
    for page in pdf.pages:
        assert RESEARCH_USE in page.extract_text()
    assert html.count(RESEARCH_USE) == 2
    assert f"<footer>{RESEARCH_USE}" in html


def test_simulated_images_are_called_that(written, result, tmp_path, blank):
    html, pdf = written
    assert "All 240 images are simulated." in html
    assert "All 240 images are simulated." in text_of(pdf)
    some = result.model_copy(update={"data": result.data.model_copy(update={"simulated": 9})})
    html = write_report(some, [], tmp_path / "r")[0].read_text(encoding="utf-8")
    assert "9 of 240 images are simulated." in html
    real = result.model_copy(update={"data": result.data.model_copy(update={"simulated": 0})})
    html = write_report(real, [], tmp_path / "r")[0].read_text(encoding="utf-8")
    assert "simulated" not in html


def test_the_page_needs_nothing_else_and_runs_nothing(written):
    html, _ = written
    assert "<script" not in html
    assert "Coil &lt;script&gt;" in html
    assert "니티에스 &lt;b&gt;&amp;$x$" in html
    assert "<b>" not in html
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', html)
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "default-src 'none'" in html
    assert "http://" not in html
    assert "https://" not in html


def test_every_picture_in_the_page_is_one(written):
    html, _ = written
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert len(pictures) == 1 + 4 + 4 + 1 + 2  # folds, two sets, forgetting, gallery
    for one in pictures:
        Image.open(BytesIO(b64decode(one))).verify()


def test_a_hostile_name_is_only_a_name_in_the_pdf(written):
    _, pdf = written
    assert "니티에스 <b>&$x$" in text_of(pdf)
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Result of learning: Coil <script>"


def test_no_patient_is_named(written, result):
    html, pdf = written
    for text in (re.sub(r'base64,[^"]+', "", html), text_of(pdf)):
        assert "gildong" not in text.lower()
        assert "abababab:0" not in text
    assert pdf.metadata.author in (None, "")


def test_the_gallery_warns_of_burned_in_text(written, result, tmp_path, blank):
    html, _ = written
    assert "Text that is burned into an image" in html
    assert "Coil, named EGIS, 0.93" in html
    assert "Coil, named rightly, &gt;0.99" in html
    without = write_report(result, [], tmp_path / "r")[0].read_text(encoding="utf-8")
    assert "burned" not in without


def test_a_network_that_cannot_explain_says_so(result, tmp_path, blank):
    shown = [Shown(png(), "ab", "Coil", "EGIS", 0.6, 0, False)]
    html = write_report(result, shown, tmp_path / "r")[0].read_text(encoding="utf-8")
    assert "cannot show where it looked" in re.sub(r"\s+", " ", html)


def test_every_word_goes_through_the_language(result, tmp_path, blank):
    def say(text: str) -> str:
        return "한국어" if isinstance(text, Sentence) or text == RESEARCH_USE else text

    html, pdf = write_report(result, GALLERY, tmp_path / "r", say)
    page = unescape(html.read_text(encoding="utf-8").replace("&lt;", ""))
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)
    assert set(re.findall(r"[A-Za-z]{2,}", text)) <= {
        "Coil", "EGIS", "coil", "abababab", "stent", "demo", "cdcdcdcd", "stentviewer", "CPU",
        "dcm", "cut", "off", "another", "Compiling", "was", "given", "script",
        "min", "GB", "px", "AUC", "is", "up",
    }  # fmt: skip
    assert "한국어" in PdfReader(pdf).pages[0].extract_text()


def test_nothing_to_compare_leaves_no_empty_section(tmp_path, blank):
    classes = tuple(ClassSpec(name=name) for name in ("A", "B"))
    recipe = Recipe(name="r", start=Start(network="efficientnet_b0"), classes=classes)
    given = answers(("A", "B"), ["A", "B"] * 4, ["A", "B"] * 4, fold=[1, 1, 2, 2] * 2)
    html = write_report(evaluate(recipe, given), [], tmp_path / "r")[0].read_text()
    assert "model in force, on" not in html
    assert "Cost" not in html
    assert "1.000 (0.510–1.000)" in html  # four of four


def test_a_report_takes_the_place_of_an_earlier_one(result, tmp_path, blank):
    first = write_report(result, [], tmp_path / "r")
    again = write_report(result, [], tmp_path / "r")
    assert first == again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.pdf"]


def test_a_folder_that_cannot_be_written_is_said(result, tmp_path, blank):
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError, match="could not be written"):
        write_report(result, [], tmp_path / "file" / "r")


@pytest.mark.parametrize("dark", [False, True])
def test_figures_have_the_size_and_ground_that_was_asked_for(result, dark):
    look = Look(400, 300, dark=dark, scale=1.5)
    drawn_figures = [getattr(figures, name)(result.out_of_fold, look) for name in FIGURES]
    drawn_figures += [figures.folds(result, look), figures.forgetting(result.against_test, look)]
    for data in drawn_figures:
        picture = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
        assert picture.shape == (450, 600, 3)
        assert tuple(picture[0, -1]) == ((26, 31, 36) if dark else (255, 255, 255))
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_a_figures_words_go_through_the_language(result):
    said: list[str] = []
    look = Look(200, 150, say=lambda text: said.append(text) or "축")
    for name in FIGURES:
        getattr(figures, name)(result.out_of_fold, look)
    figures.folds(result, look)
    figures.forgetting(result.against_test, look)
    assert {"True class", "False positive rate", "tempered", "Recall", "Fold", "New model"} <= set(
        said
    )


def test_figures_bear_what_is_missing():
    truth = ["A"] * 3
    part = evaluate(
        Recipe(
            name="r",
            start=Start(network="x"),
            classes=tuple(ClassSpec(name=name) for name in ("A", "B")),
        ),
        answers(("A", "B"), truth, ["A", "A", "B"], fold=[1, 1, 1]),
    )
    for name in FIGURES:
        assert getattr(figures, name)(part.out_of_fold, Look(200, 150))
    assert figures.folds(part, Look(200, 150))


def test_many_classes_with_long_names_still_fit():
    names = tuple(f"A very long design's name, number {k}" for k in range(16))
    part = evaluate(
        Recipe(
            name="r",
            start=Start(network="x"),
            classes=tuple(ClassSpec(name=name) for name in names),
        ),
        drawn(names, 96),
    )
    for name in FIGURES:
        assert getattr(figures, name)(part.out_of_fold, Look(480, 420))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (figure(Estimate(value=None)), "–"),
        (figure(Estimate(value=0.5)), "0.500"),
        (figure(Estimate(value=0.5, low=0.1, high=0.9)), "0.500 (0.100–0.900)"),
        (difference(Estimate(value=-0.0001)), "0.000"),
        (difference(Estimate(value=0.02, low=-0.01, high=0.05)), "+0.020 (-0.010 … +0.050)"),
        (p_value(None), "–"),
        (p_value(1e-9), "<0.001"),
        (p_value(0.0456), "0.046"),
        (points(0.0004), "0.0"),
        (points(-0.031), "-3.1"),
        (seconds(59.94), "59.9 s"),
        (seconds(59.96), "1 min 0 s"),
        (seconds(3599.7), "1 h 0 min"),
        (memory(999), "0 MB"),
        (memory(4_200_000_000), "4.2 GB"),
        (joules(500), "500 J"),
        (joules(8123), "8.1 kJ"),
        (joules(7.2e6), "2.00 kWh"),
    ],
)
def test_figures_are_written_no_finer_than_they_are(said, text):
    assert said == text
