"""Which verified stents stand beside the one in question, and at which scale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stentviewer.app.comparison import Comparison, Kin, Scale
from stentviewer.app.feature_index import FeatureIndex
from stentviewer.app.lookalike_crops import SIZE
from stentviewer.app.lookalikes import candidates, nearest
from stentviewer.app.session import Session
from stentviewer.core.answers import NO_STENT, OTHER_DESIGN
from stentviewer.core.errors import Cancelled
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import LabelAction, MeasurementKind
from stentviewer.library.records import ReadingRecord
from stentviewer.library.repository import Library
from tests.app.rods import Site, rod, stent
from tests.library.make import measurement


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    catalog: Any = SimpleNamespace()
    with Library.open(tmp_path / "library", "dr.kim") as library:
        yield Site(Session(library, catalog, "dr.kim"), tmp_path / "images")


def asked(site: Site, feature: list[float], **how: Any) -> ReadingRecord:
    """A stent in question, of patient "P-asked"."""
    outline = rod(how.pop("angle", 0), how.pop("length", 80))
    unknown = how.pop("unknown", False)
    image = site.image(outline, "P-asked", **how)
    return site.read(image, stent("NITI-S", feature, outline, unknown))


def images(found: Comparison, maker: str) -> list[int]:
    return [one.image_id for one in found.makers[maker]]


def test_the_most_alike_come_first_and_only_those_of_the_maker(site: Site) -> None:
    near = site.verified("NITI-S", [1, 0.1, 0]).image_id
    far = site.verified("NITI-S", [0.2, 1, 0]).image_id
    nearer = site.verified("NITI-S", [1, 0, 0]).image_id
    other = site.verified("EGIS", [1, 0, 0.1]).image_id
    found = nearest(site.session, asked(site, [2, 0, 0]), 1)
    assert list(found.makers) == ["NITI-S", "EGIS"], "the makers that are not excluded"
    assert images(found, "NITI-S") == [nearer, near, far]
    assert images(found, "EGIS") == [other]
    alike = [one.similarity for one in found.makers["NITI-S"]]
    assert alike[0] == pytest.approx(1, abs=1e-3), "whatever the length of the feature"
    assert alike == sorted(alike, reverse=True)
    one = found.makers["NITI-S"][0]
    assert (one.by, one.action, one.kin) == ("dr.lee", LabelAction.CORRECT, Kin.OTHER)
    assert one.date == "2026-03-01"
    assert found.note == ""


def test_only_so_many_a_maker(site: Site) -> None:
    for number in range(5):
        site.verified("NITI-S", [1, number / 10, 0])
    assert len(nearest(site.session, asked(site, [1, 0, 0]), 1).makers["NITI-S"]) == 3
    assert len(nearest(site.session, asked(site, [1, 0, 0]), 1, per_maker=1).makers["NITI-S"]) == 1


def test_each_is_of_another_patient_and_one_of_the_same_patient_is_marked(site: Site) -> None:
    first = site.verified("NITI-S", [1, 0, 0], "P-a").image_id
    site.verified("NITI-S", [1, 0.01, 0], "P-a")
    same = site.verified("NITI-S", [1, 0.02, 0], "P-asked").image_id
    site.verified("NITI-S", [1, 0.03, 0], "P-asked")
    second = site.verified("NITI-S", [1, 0.4, 0], "P-b").image_id
    found = nearest(site.session, asked(site, [1, 0, 0]), 1, per_maker=2)
    assert images(found, "NITI-S") == [first, same, second]
    assert [one.kin for one in found.makers["NITI-S"]] == [Kin.OTHER, Kin.SAME, Kin.OTHER]


def test_the_image_in_question_is_never_its_own_look_alike(site: Site) -> None:
    record = asked(site, [1, 0, 0])
    site.label(record, "NITI-S")
    assert nearest(site.session, record, 1).makers == {"NITI-S": (), "EGIS": ()}


def test_what_is_not_verified_or_was_taken_back_does_not_count(site: Site) -> None:
    outline = rod(0, 80)
    site.read(site.image(outline), stent("NITI-S", [1, 0, 0]))
    cleared = site.verified("NITI-S", [1, 0, 0])
    site.label(cleared, "")
    removed = site.verified("NITI-S", [1, 0, 0])
    site.session.remove([removed.image_id])
    site.label(site.read(site.image(outline), stent("NITI-S", [1, 0, 0])), NO_STENT)
    corrected = site.read(site.image(outline), stent("NITI-S", [1, 0, 0]))
    site.label(corrected, "EGIS")
    found = nearest(site.session, asked(site, [1, 0, 0]), 1)
    assert found.makers["NITI-S"] == ()
    assert images(found, "EGIS") == [corrected.image_id], "as the person says, not the model"


def test_features_of_another_model_are_not_compared(site: Site) -> None:
    site.verified("NITI-S", [1, 0, 0], sha="cd" * 32)
    site.verified("EGIS", [1, 0, 0], sha="cd" * 32)
    site.verified("EGIS", [1, 0, 0], sha="cd" * 32)
    found = nearest(site.session, asked(site, [1, 0, 0]), 1)
    assert found.makers == {"NITI-S": (), "EGIS": ()}
    assert found.waiting == {"NITI-S": 1, "EGIS": 2}, "they count once this model has read them"


def test_of_a_frame_read_twice_the_newest_reading_counts(site: Site) -> None:
    record = site.verified("NITI-S", [0, 1, 0])
    site.read(record.image_id, stent("NITI-S", [1, 0, 0]))
    found = nearest(site.session, asked(site, [1, 0, 0]), 1)
    assert images(found, "NITI-S") == [record.image_id]
    assert found.makers["NITI-S"][0].similarity == pytest.approx(1, abs=1e-3)


def test_an_answer_for_several_stents_is_given_to_each_in_its_order(site: Site) -> None:
    image = site.image(rod(0, 80))
    two = site.read(image, stent("EGIS", [0, 1, 0]), stent("NITI-S", [1, 0, 0]))
    site.label(two, "NITI-S + EGIS")
    found = nearest(site.session, asked(site, [1, 0, 0]), 1)
    (egis,), (niti,) = found.makers["EGIS"], found.makers["NITI-S"]
    assert (egis.finding, niti.finding) == (2, 1)


def test_one_answer_for_two_stents_is_believed_only_where_the_model_reads_the_same(
    site: Site,
) -> None:
    image = site.image(rod(0, 80))
    two = site.read(image, stent("EGIS", [1, 0, 0]), stent("NITI-S", [0, 1, 0]))
    site.label(two, "NITI-S", linked=False)
    found = nearest(site.session, asked(site, [1, 0, 0]), 1)
    assert found.makers["EGIS"] == ()
    assert [one.finding for one in found.makers["NITI-S"]] == [2]


def test_an_unknown_design_is_compared_with_the_nearest_and_with_other_designs(site: Site) -> None:
    record = site.read(site.image(rod(0, 80)), stent("NITI-S", [1, 0, 0], unknown=True))
    site.label(record, OTHER_DESIGN)
    found = nearest(site.session, asked(site, [1, 0, 0], unknown=True), 1)
    assert list(found.makers) == ["NITI-S", "EGIS", OTHER_DESIGN]
    assert images(found, OTHER_DESIGN) == [record.image_id]
    assert candidates(stent("EGIS", None)) == ("EGIS",)


def test_nothing_is_told_of_a_sealed_frame_nor_of_what_others_said_of_one(site: Site) -> None:
    site.verified("NITI-S", [1, 0, 0])
    mine = site.verified("NITI-S", [1, 0.1, 0])
    site.label(mine, "NITI-S", by="dr.kim")
    record, index = asked(site, [1, 0, 0]), FeatureIndex(site.session.library)
    assert len(nearest(site.session, record, 1, index=index).makers["NITI-S"]) == 2
    site.session.sealing.switch(True)
    sealed = nearest(site.session, record, 1, index=index)
    assert (sealed.makers, sealed.crop) == ({}, None)
    assert "sealed" in sealed.note
    site.label(record, "NITI-S", by="dr.kim")
    opened = nearest(site.session, record, 1, index=index)
    assert images(opened, "NITI-S") == [mine.image_id], "dr.kim has not answered the other frame"


def test_a_reading_without_a_feature_says_so(site: Site) -> None:
    record = site.read(site.image(rod(0, 80)), stent("NITI-S", None))
    found = nearest(site.session, record, 1)
    assert found.makers == {}
    assert "Press R" in found.note
    with pytest.raises(LookupError):
        nearest(site.session, record, 2)


def test_an_image_that_is_gone_says_so_and_the_others_are_shown(site: Site) -> None:
    gone, here = site.verified("NITI-S", [1, 0, 0]), site.verified("NITI-S", [1, 0.1, 0])
    site.session.library.image(gone.image_id).header.path.unlink()
    first, second = nearest(site.session, asked(site, [1, 0, 0]), 1).makers["NITI-S"]
    assert first.crop is None
    assert "no longer where it was" in first.problem
    assert (second.image_id, second.problem) == (here.image_id, "")
    assert second.crop is not None


def test_it_can_be_cancelled(site: Site) -> None:
    context = JobContext()
    context.cancelled.set()
    with pytest.raises(Cancelled):
        nearest(site.session, asked(site, [1, 0, 0]), 1, context=context)


# the crops


def tall(crop: Any) -> int:
    """Rows of the crop that show the rod."""
    middle = crop[:, SIZE[1] // 2 - 1 : SIZE[1] // 2 + 1].mean(1).astype(float)
    return int((middle > middle.min() + 40).sum())


@pytest.mark.parametrize("angle", [0, 35, -70, 145])
def test_a_stent_is_turned_upright_with_the_higher_end_above(site: Site, angle: float) -> None:
    found = nearest(site.session, asked(site, [1, 0, 0], angle=angle), 1)
    crop = found.crop
    assert crop is not None
    assert (crop.shape, found.is_turned) == (SIZE, True)
    _, columns = np.nonzero(crop > 120)
    assert abs(columns.mean() - (SIZE[1] - 1) / 2) < 2, "in the middle"
    assert columns.max() - columns.min() < 30, "upright"
    upper, lower = crop[40:110, 60].mean(), crop[130:200, 60].mean()
    first_is_higher = abs(angle) < 90
    assert bool(upper > lower + 40) is first_is_higher


def test_two_images_with_spacings_are_at_one_scale_in_mm(site: Site) -> None:
    site.verified("NITI-S", [1, 0, 0], detector=0.25)  # 80 pixels of 0.25: 20 mm
    found = nearest(site.session, asked(site, [1, 0, 0], length=80, detector=0.5), 1)
    (one,) = found.makers["NITI-S"]
    assert one.scale is Scale.MM
    assert found.crop is not None
    assert tall(one.crop) == pytest.approx(tall(found.crop) / 2, abs=4)


def test_a_longer_look_alike_still_fits(site: Site) -> None:
    site.verified("NITI-S", [1, 0, 0], detector=0.5)  # 40 mm beside 30 mm
    found = nearest(site.session, asked(site, [1, 0, 0], length=60, detector=0.5), 1)
    (one,) = found.makers["NITI-S"]
    assert tall(one.crop) == pytest.approx(0.84 * SIZE[0], abs=5)
    assert tall(found.crop) == pytest.approx(0.84 * SIZE[0] * 0.75, abs=5)


def test_the_planes_of_two_spacings_are_told_apart(site: Site) -> None:
    site.verified("NITI-S", [1, 0, 0], in_patient=0.5)
    record = asked(site, [1, 0, 0], detector=0.5)
    assert nearest(site.session, record, 1).makers["NITI-S"][0].scale is Scale.MIXED


def test_without_a_spacing_both_are_drawn_equally_long(site: Site) -> None:
    site.verified("NITI-S", [1, 0, 0])
    found = nearest(site.session, asked(site, [1, 0, 0], length=50, detector=0.5), 1)
    (one,) = found.makers["NITI-S"]
    assert one.scale is Scale.LENGTH
    assert tall(one.crop) == pytest.approx(tall(found.crop), abs=5)


def test_a_calibration_by_a_reader_gives_the_scale(site: Site) -> None:
    record = site.verified("NITI-S", [1, 0, 0])
    kind, points = MeasurementKind.CALIBRATION, ((10.0, 10.0), (50.0, 10.0))
    drawn = measurement("ef" * 16, record.image_id, kind=kind, points=points, mm=20.0)
    site.session.library.set_measurement(drawn)
    found = nearest(site.session, asked(site, [1, 0, 0], in_patient=0.4), 1)
    (one,) = found.makers["NITI-S"]
    assert one.scale is Scale.MM
    assert tall(found.crop) == pytest.approx(tall(one.crop) * 0.8, abs=5), "32 mm beside 40"


def test_an_image_on_the_screen_stays_open(site: Site) -> None:
    for number in range(4):
        site.verified("NITI-S", [1, number / 10, 0])
    record = asked(site, [1, 0, 0])
    shown = site.session.open_image(record.image_id).radiograph
    nearest(site.session, record, 1, per_maker=4)
    assert site.session.open_image(record.image_id).radiograph is shown
