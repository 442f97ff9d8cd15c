"""Changed pictures: tones as PIL does them, moves by the pixel, padding that stays padding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps

torch = pytest.importorskip("torch")

from stentviewer.learning import augment, tones  # noqa: E402
from stentviewer.learning.recipe import Augment  # noqa: E402

SIDE = 24
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
ALL = Augment(operations=3)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """A batch of pictures this small is slower on two."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pictures(count: int, seed: int = 0, side: int = SIDE) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.integers(0, 256, (count, side, side), dtype=np.uint8))


def whole(count: int, side: int = SIDE) -> np.ndarray:
    return np.array([[0, 0, side, side]] * count)


def histogram(picture: torch.Tensor) -> np.ndarray:
    return np.bincount(picture.numpy().ravel(), minlength=256)


insides = st.tuples(
    st.integers(0, SIDE - 1), st.integers(0, SIDE - 1), st.integers(1, SIDE), st.integers(1, SIDE)
).map(
    lambda t: (
        min(t[0], t[2] - 1), min(t[1], t[3] - 1), max(t[2], t[0] + 1), max(t[3], t[1] + 1),
    )
)  # fmt: skip


@given(st.integers(0, 2**32), st.floats(0, 1), st.sampled_from([-1, 1]))
@settings(deadline=None, max_examples=40)
def test_tones_are_those_of_pil(seed, level, sign) -> None:
    rng = np.random.default_rng(seed)
    low, high = sorted(rng.integers(0, 256, 2))
    values = rng.integers(low, high + 1, (40, 30)).astype(np.uint8)
    picture = Image.fromarray(values)
    bits, threshold = 4 - int(level * 4), 256 - min(256, int(level * 256))
    factor = max(0.1, 1 + sign * level * 0.9)
    expected = {
        "autocontrast": ImageOps.autocontrast(picture),
        "equalize": ImageOps.equalize(picture),
        "invert": ImageOps.invert(picture),
        "posterize": ImageOps.posterize(picture, bits) if bits else Image.new("L", (30, 40)),
        "solarize": ImageOps.solarize(picture, threshold),
        "contrast": ImageEnhance.Contrast(picture).enhance(factor),
        "brightness": ImageEnhance.Brightness(picture).enhance(factor),
    }
    counted = np.bincount(values.ravel(), minlength=256)
    for name, wanted in expected.items():
        made = tones.table(name, level, sign, counted)[values]
        off = np.abs(made.astype(int) - np.asarray(wanted).astype(int)).max()
        assert off <= (1 if name in ("contrast", "brightness", "autocontrast") else 0), name
    added = tones.table("solarize_add", level, sign, counted)
    assert (added[:128] == np.minimum(255, np.arange(128) + min(128, int(level * 110)))).all()
    assert (added[128:] == np.arange(128, 256)).all()
    assert set(expected) | {"solarize_add"} == set(tones.NAMES)


def test_a_histogram_goes_through_a_table_as_the_picture_does() -> None:
    values = pictures(1)[0].numpy()
    table = tones.table("posterize", 0.5, 1, histogram(pictures(1)[0]))
    counted = np.bincount(values.ravel(), minlength=256)
    assert (
        tones.through(counted, table) == np.bincount(table[values].ravel(), minlength=256)
    ).all()


def test_a_picture_without_pixels_keeps_its_values() -> None:
    for name in ("equalize", "autocontrast", "contrast"):
        assert (tones.table(name, 0.9, 1, np.zeros(256, np.int64)) == np.arange(256)).all()


@pytest.mark.parametrize("factor", [0.1, 0.5, 1.9])
def test_sharpness_is_that_of_pil(factor) -> None:
    pixels = pictures(1, side=40)
    drawn = augment.Draw(np.arange(256, dtype=np.uint8), sharpness=factor)
    made = augment.augmented(pixels, whole(1, 40), [drawn]).values[0, 0].numpy() * 255
    wanted = ImageEnhance.Sharpness(Image.fromarray(pixels[0].numpy())).enhance(factor)
    # PIL rounds the smoothed picture to bytes, and the result again
    assert np.abs(made - np.asarray(wanted)).max() <= 1 + 0.5 * abs(1 - factor)


@given(st.lists(insides, min_size=1, max_size=4), st.integers(0, 1000))
@settings(deadline=None, max_examples=40)
def test_without_changes_the_network_is_fed_what_reading_feeds_it(boxes, seed) -> None:
    pixels, inside = pictures(len(boxes), seed), np.array(boxes)
    made = augment.normalised(augment.plates(pixels, inside), MEAN, STD)
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        wanted = np.zeros((3, SIDE, SIDE), np.float32)
        part = pixels[number, y0:y1, x0:x1].numpy() / 255
        for plane, m, s in zip(wanted, MEAN, STD, strict=True):
            plane[y0:y1, x0:x1] = (part - m) / s
        assert np.abs(made[number].numpy() - wanted).max() < 1e-5
    assert made.is_contiguous(memory_format=torch.channels_last)


@given(insides, st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_padding_stays_padding(box, seed) -> None:
    """Whatever happens to a picture, what is not seen of it is the network's zero; and no padding
    is mistaken for a black picture."""
    pixels, inside = pictures(1, seed), np.array([box])
    drawn = augment.draw(ALL, (seed,), SIDE, histogram(pixels[0]))
    made = augment.augmented(pixels, inside, [drawn])
    image = augment.normalised(made, MEAN, STD)
    unseen = (made.seen == 0).expand_as(image)
    assert (image[unseen] == 0).all()
    assert (made.values <= made.seen + 1e-6).all()
    assert (made.values >= 0).all()
    if drawn.move is None and drawn.erased is None:
        assert made.seen.sum() == (box[2] - box[0]) * (box[3] - box[1])


@given(st.integers(-8, 8), st.integers(-8, 8))
@settings(deadline=None, max_examples=30)
def test_a_move_by_whole_pixels_moves_the_picture_by_them(right, down) -> None:
    matrix = np.eye(3)
    matrix[:2, 2] = 2 * right / SIDE, 2 * down / SIDE
    pixels = pictures(1)
    made = augment.augmented(
        pixels, whole(1), [augment.Draw(np.arange(256, dtype=np.uint8), move=matrix)]
    )
    wanted, seen = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for y in range(SIDE):
        for x in range(SIDE):
            if 0 <= y + down < SIDE and 0 <= x + right < SIDE:
                wanted[y, x], seen[y, x] = pixels[0, y + down, x + right] / 255, 1
    assert np.abs(made.values[0, 0].numpy() - wanted).max() < 1e-4
    assert np.abs(made.seen[0, 0].numpy() - seen).max() < 1e-4


@given(st.integers(0, 2**31))
@settings(deadline=None, max_examples=60)
def test_moves_stay_within_what_their_strength_allows(seed) -> None:
    rng = np.random.default_rng(seed)
    for name in ("rotate", "shear_x", "shear_y", "translate_x", "translate_y"):
        level = rng.uniform(-1, 1)
        matrix = augment._move(name, level)
        turned = np.linalg.det(matrix[:2, :2])
        assert turned == pytest.approx(1)  # none of them makes a stent larger or smaller
        assert np.abs(matrix[:2, 2]).max() <= 0.9
        back = augment._move(name, -level) @ matrix
        if not name.startswith("rot"):
            assert np.allclose(back, np.eye(3))
        else:
            assert np.allclose(back @ back, np.eye(3))


def test_a_flip_is_exact_and_turns_what_is_seen() -> None:
    pixels, inside = pictures(2), np.array([[3, 0, 20, 24], [0, 5, 24, 9]])
    plain = augment.plates(pixels, inside)
    keep = np.arange(256, dtype=np.uint8)
    made = augment.augmented(pixels, inside, [augment.Draw(keep, flip=True), augment.Draw(keep)])
    assert torch.equal(made.values[0], plain.values[0].flip(-1))
    assert torch.equal(made.seen[0], plain.seen[0].flip(-1))
    assert torch.equal(made.values[1], plain.values[1])


def test_what_happens_to_a_picture_does_not_depend_on_its_batch() -> None:
    pixels = pictures(6, side=48)
    draws = [augment.draw(ALL, (1, 2, row), 48, histogram(pixels[row])) for row in range(6)]
    together = augment.augmented(pixels, whole(6, 48), draws)
    for row in range(6):
        alone = augment.augmented(pixels[row : row + 1], whole(1, 48), draws[row : row + 1])
        assert torch.equal(alone.values[0], together.values[row])
        assert torch.equal(alone.seen[0], together.seen[row])
    changed = [not torch.equal(together.values[i, 0], pixels[i] / 255) for i in range(6)]
    assert sum(changed) >= 4


def test_the_same_key_draws_the_same_and_another_epoch_does_not() -> None:
    counted = histogram(pictures(1)[0])

    def told(key: tuple[int, ...]) -> list[object]:
        found = []
        for row in range(12):
            one = augment.draw(ALL, (*key, row), SIDE, counted)
            move = None if one.move is None else one.move.tolist()
            found.append((one.tones.tolist(), one.sharpness, one.flip, move, one.erased))
        return found

    assert told((7, 1)) == told((7, 1))
    assert told((7, 1)) != told((7, 2))
    assert told((7, 1)) != told((8, 1))


def test_every_operation_is_drawn_and_half_of_the_pictures_flip() -> None:
    counted = histogram(pictures(1)[0])
    drawn = [augment.draw(Augment(), (i,), SIDE, counted) for i in range(600)]
    plain = np.arange(256)
    assert 0.4 < np.mean([one.flip for one in drawn]) < 0.6
    assert 0.18 < np.mean([one.erased is not None for one in drawn]) < 0.32
    # 14 operations, two drawn, each happens half the time
    assert 0.25 < np.mean([one.move is not None for one in drawn]) < 0.4
    assert 0.4 < np.mean([(one.tones != plain).any() for one in drawn]) < 0.55
    assert 0.03 < np.mean([one.sharpness != 1 for one in drawn]) < 0.12
    nothing = Augment(operations=0, erasing=0, flips=False)
    one = augment.draw(nothing, (1,), SIDE, counted)
    assert (one.tones == plain).all()
    assert (one.flip, one.move, one.erased, one.sharpness) == (False, None, None, 1.0)


def test_erasing_blanks_to_padding() -> None:
    pixels = pictures(1)
    drawn = augment.Draw(np.arange(256, dtype=np.uint8), erased=(2, 9, 5, 20))
    image = augment.normalised(augment.augmented(pixels, whole(1), [drawn]), MEAN, STD)
    assert (image[:, :, 2:9, 5:20] == 0).all()
    assert (image[:, :, 9:] != 0).any()


@pytest.mark.parametrize("settings_", [Augment(cutmix=0), Augment(mixup=0), Augment()])
def test_pairs_are_mixed_as_their_targets_are(settings_) -> None:
    pixels = pictures(5)
    targets = torch.eye(5)
    for step in range(8):
        mix = augment.draw_mix(settings_, (3, step), SIDE)
        inputs = augment.normalised(augment.plates(pixels, whole(5)), MEAN, STD)
        made, said = augment.mixed(augment.plates(pixels, whole(5)), targets, mix)
        images = augment.normalised(made, MEAN, STD)
        assert torch.allclose(said.sum(1), torch.ones(5))
        assert said[2, 2] == pytest.approx(1)  # the middle one has itself for a pair
        if mix.box is None:
            wanted = inputs * mix.share + inputs.flip(0) * (1 - mix.share)
            assert torch.allclose(images, wanted, atol=1e-5)
        else:
            own = (images == inputs).all(1)[0].float().mean()
            assert float(own) == pytest.approx(mix.share, abs=0.02)
            assert float(said[0, 0]) == pytest.approx(mix.share)


def test_mixing_is_that_of_timm() -> None:
    """The shares that timm's Mixup draws and ours come from the same distributions."""
    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    from timm.data import Mixup

    np.random.seed(0)
    theirs = Mixup(0.8, 1.0, switch_prob=0.5, num_classes=2, label_smoothing=0)
    ours, peers = [], []
    for step in range(1500):
        ours.append(augment.draw_mix(Augment(), (step,), 64).share)
        lam, cut = theirs._params_per_batch()
        if cut:
            from timm.data.mixup import cutmix_bbox_and_lam

            _, lam = cutmix_bbox_and_lam((1, 1, 64, 64), lam)
        peers.append(float(lam))
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert np.quantile(ours, share) == pytest.approx(np.quantile(peers, share), abs=0.06)


def test_targets_are_smoothed_as_timm_does() -> None:
    soft = augment.soft_targets(torch.tensor([1, 0]), 4, 0.1)
    assert soft[0].tolist() == pytest.approx([0.025, 0.925, 0.025, 0.025])
    assert soft.sum(1).tolist() == pytest.approx([1, 1])
