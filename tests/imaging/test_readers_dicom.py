"""DICOM files made to order: what is read of them, and the sentence where they cannot be."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from stentviewer.core.errors import KnownError, UserError
from stentviewer.imaging.readers import read_header, read_radiograph
from tests.imaging.conftest import Writer


def test_stored_values_identity_and_size(write_dicom: Writer) -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, (5, 7), np.uint16)
    path = write_dicom(
        pixels,
        BitsStored=12,
        HighBit=11,
        PatientBirthDate="19500203",
        StudyDate="20261120",
        StudyTime="070809.5",
        SeriesNumber="3",
        InstanceNumber="4",
    )
    header = read_header(path)
    assert (header.rows, header.columns, header.frames) == (5, 7, 1)
    assert (header.format, header.has_dicom_truth) == ("DICOM", True)
    who = header.identity
    assert (who.patient_id, who.patient_name, who.birth_date) == ("0815", "Doe^Jane", "1950-02-03")
    assert (who.study_date, who.study_time) == ("2026-11-20", "07:08:09")
    assert (who.study_uid, who.series_uid, who.sop_uid) == ("1.2.3", "1.2.3.1", "1.2.3.4")
    assert (who.series_number, who.instance_number, who.modality) == (3, 4, "XA")
    radiograph = read_radiograph(path)
    assert radiograph.header == header
    assert radiograph.bits == 12
    assert radiograph.fidelity == ()
    assert np.array_equal(radiograph.frames[0], pixels)


def test_korean_names_are_read_by_their_character_set(write_dicom: Writer) -> None:
    name = "Hong^Gildong=洪^吉洞=홍^길동"
    path = write_dicom(SpecificCharacterSet=["", "ISO 2022 IR 149"], PatientName=name)
    who = read_header(path).identity
    assert (who.patient_name, who.patient_name_ideographic) == ("Hong^Gildong", "홍^길동")
    hanja = write_dicom(
        name="h",
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう",
    )
    assert read_header(hanja).identity.patient_name_ideographic == "山田^太郎"
    utf8 = write_dicom(name="b", SpecificCharacterSet="ISO_IR 192", PatientName="=김^철수")
    assert read_header(utf8).identity.patient_name == "김^철수"


def test_text_is_one_line_without_direction_marks(write_dicom: Writer) -> None:
    path = write_dicom(
        SpecificCharacterSet="ISO_IR 192", StudyDescription="a\u202egpj\x1b[2J" + "x" * 5000
    )
    said = read_header(path).identity.study_description
    assert said.startswith("a gpj [2Jxxx")
    assert len(said) <= 1024


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32])
@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_every_depth_and_plain_syntax(write_dicom: Writer, dtype: type, syntax: str) -> None:
    info = np.iinfo(dtype)
    pixels = np.array([[0, 1, 2, 3], [info.max // 2, 5, info.min // 2, 4]], dtype)
    if info.bits == 32:
        pixels = pixels // 2**20 * 7
    written = pixels
    if syntax == ExplicitVRBigEndian:
        written = pixels.astype(pixels.dtype.newbyteorder(">"))
        if info.bits == 8:  # the bytes of OW words are swapped
            written = pixels.view(np.uint16).byteswap().view(dtype)
    path = write_dicom(written, syntax=syntax)
    assert read_radiograph(path).modality_values(0) == pytest.approx(pixels.astype(float))


def test_overlay_bits_above_the_stored_ones_are_cleared(write_dicom: Writer) -> None:
    pixels = np.array([[0x0FFF, 0xF001, 0x8000]], np.uint16)
    unsigned = read_radiograph(write_dicom(pixels, BitsStored=12, HighBit=11))
    assert unsigned.frames[0].tolist() == [[0xFFF, 1, 0]]
    path = write_dicom(pixels, name="s", BitsStored=12, HighBit=11, PixelRepresentation=1)
    assert read_radiograph(path).frames[0].tolist() == [[-1, 1, 0]]


def test_frames_of_single_bits_need_not_start_on_a_byte(write_dicom: Writer) -> None:
    bits = np.random.default_rng(1).integers(0, 2, (3, 3, 7), np.uint8)
    packed = np.packbits(bits.ravel(), bitorder="little")
    path = write_dicom(bits, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed.tobytes())
    radiograph = read_radiograph(path)
    assert [np.array_equal(radiograph.frames[i], bits[i]) for i in range(3)] == [True] * 3


def test_frames_come_one_by_one(write_dicom: Writer) -> None:
    pixels = np.arange(5 * 3 * 3, dtype=np.uint8).reshape(5, 3, 3) % 7
    pixels = np.ascontiguousarray(np.pad(pixels, ((0, 0), (0, 0), (0, 2))))
    path = write_dicom(pixels, FrameTime="66.7")
    radiograph = read_radiograph(path)
    assert len(radiograph.frames) == 5
    assert radiograph.frame_time_ms == 66.7
    for index in (4, 0, 2):
        assert np.array_equal(radiograph.frames[index], pixels[index])
    path.unlink()
    assert np.array_equal(radiograph.frames[4], pixels[4])
    with pytest.raises(KnownError, match="changed or gone"):
        radiograph.frames[1]


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_by_pixel_and_by_plane(write_dicom: Writer, planar: int) -> None:
    colour = np.random.default_rng(2).integers(0, 256, (4, 6, 3), np.uint8)
    pixels = np.moveaxis(colour, 2, 0) if planar else colour
    path = write_dicom(colour, PlanarConfiguration=planar, PixelData=pixels.tobytes())
    assert np.array_equal(read_radiograph(path).frames[0], colour)


def test_ybr_becomes_rgb_and_luminance(write_dicom: Writer) -> None:
    ybr = np.zeros((2, 2, 3), np.uint8)
    ybr[...] = (100, 128, 128)
    radiograph = read_radiograph(write_dicom(ybr, PhotometricInterpretation="YBR_FULL"))
    assert np.abs(radiograph.frames[0].astype(int) - 100).max() <= 1
    assert np.abs(radiograph.modality_values(0) - 100).max() <= 1


def test_palette_colour(write_dicom: Writer) -> None:
    pixels = np.array([[0, 1], [2, 3]], np.uint8)
    ramp = {}
    for colour, values in (
        ("Red", (0, 255, 0, 9)),
        ("Green", (0, 0, 255, 9)),
        ("Blue", (0, 0, 0, 9)),
    ):
        ramp[f"{colour}PaletteColorLookupTableDescriptor"] = [4, 0, 16]
        ramp[f"{colour}PaletteColorLookupTableData"] = struct.pack(
            "<4H", *(value * 257 for value in values)
        )
    path = write_dicom(pixels, PhotometricInterpretation="PALETTE COLOR", **ramp)
    assert read_radiograph(path).frames[0].tolist() == [
        [[0, 0, 0], [255, 0, 0]],
        [[0, 255, 0], [9, 9, 9]],
    ]


def test_wide_values_keep_their_modality_values(write_dicom: Writer) -> None:
    pixels = np.array([[-(2**30), 0], [2**30, 12345]], np.int32)
    radiograph = read_radiograph(write_dicom(pixels, RescaleSlope="0.5", RescaleIntercept="10"))
    step = 2**31 / 65535 * 0.5
    assert np.abs(radiograph.modality_values(0) - (pixels * 0.5 + 10)).max() <= step
    assert radiograph.fidelity == ("wide values kept in 65,536 steps",)


def test_dicom_without_a_preamble_is_known_by_its_first_element(write_dicom: Writer) -> None:
    path = write_dicom(syntax=ImplicitVRLittleEndian)
    whole = path.read_bytes()
    path.write_bytes(whole[132:])
    assert read_radiograph(path).frames[0].shape == (3, 4)
    length = struct.unpack("<I", whole[140:144])[0]
    path.write_bytes(whole[144 + length :])
    assert read_radiograph(path).frames[0].shape == (3, 4)


def _sentence(path: Path) -> str:
    with pytest.raises((KnownError, UserError)) as caught:
        read_radiograph(path)
    said = str(caught.value)
    assert path.name in said
    assert str(path.parent) not in said
    assert said.endswith(".")
    return said


def test_too_large_for_memory_is_refused_before_decoding(write_dicom: Writer) -> None:
    path = write_dicom(Rows=65535, Columns=65535)
    said = _sentence(path)
    assert "65535 × 65535 pixels × 1 frame(s), 8,192 MB" in said


def test_little_memory_refuses_what_much_memory_opens(write_dicom: Writer, monkeypatch) -> None:
    path = write_dicom(np.zeros((1000, 1000), np.uint16))
    assert read_radiograph(path).header.rows == 1000
    monkeypatch.setattr("stentviewer.imaging.memory._free_bytes", lambda: 10 * 2**20)
    assert "more than can be opened here at once" in _sentence(path)


def test_truncated_pixels(write_dicom: Writer) -> None:
    path = write_dicom()
    path.write_bytes(path.read_bytes()[:-5])
    assert "incomplete: it promises 24 bytes of pixels and has 19" in _sentence(path)


def test_frames_that_are_not_there(write_dicom: Writer) -> None:
    assert "incomplete" in _sentence(write_dicom(NumberOfFrames=2_000_000_000))
    path = write_dicom(
        syntax=RLELossless, name="rle", encapsulated=b"\0" * 64, NumberOfFrames=10_000
    )
    assert "incomplete" in _sentence(path)


def test_without_pixels_and_encrypted(write_dicom: Writer) -> None:
    assert "without pixels (XA)" in _sentence(write_dicom(PixelData=None))
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID = ImplicitVRLittleEndian
    item.EncryptedContent = b"secret"
    path = write_dicom(name="e", PixelData=None, EncryptedAttributesSequence=Sequence([item]))
    assert "encrypted" in _sentence(path)
    path.write_bytes(b"\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" + b"\0" * 300)
    assert "encrypted" in _sentence(path)


def test_without_size_or_with_impossible_bits(write_dicom: Writer) -> None:
    assert "how large" in _sentence(write_dicom(Rows=None))
    assert "how large" in _sentence(write_dicom(name="b", Columns=0))
    assert "17 of 16 bits" in _sentence(write_dicom(name="c", BitsStored=17))
    assert "24 bits a pixel" in _sentence(write_dicom(name="d", BitsAllocated=24))
    said = _sentence(write_dicom(name="f", PhotometricInterpretation="CMYK"))
    assert "colour model “CMYK”" in said


@pytest.mark.parametrize(
    ("syntax", "name"),
    [("1.2.840.10008.1.2.4.100", "MPEG2"), ("1.2.3.4.5", "1.2.3.4.5")],
)
def test_unsupported_syntax(write_dicom: Writer, syntax: str, name: str) -> None:
    path = write_dicom(syntax=syntax, encapsulated=b"\0" * 64)
    said = _sentence(path)
    assert name in said
    assert "cannot decode" in said


def test_a_codestream_of_another_size_never_reaches_a_decoder(write_dicom: Writer) -> None:
    siz = struct.pack(">HHIIIIIIIIHBBB", 41, 0, 60000, 60000, 0, 0, 60000, 60000, 0, 0, 1, 7, 1, 1)
    stream = b"\xff\x4f\xff\x51" + siz + b"\xff\xd9"
    path = write_dicom(np.zeros((8, 8), np.uint8), syntax=JPEG2000Lossless, encapsulated=stream)
    assert "60000 × 60000" in _sentence(path)


def test_a_deflated_bomb_is_refused(write_dicom: Writer, monkeypatch) -> None:
    monkeypatch.setattr("stentviewer.imaging.dicom_file._LARGEST_INFLATED", 2**16)
    path = write_dicom(np.zeros((200, 200), np.uint16), syntax=DeflatedExplicitVRLittleEndian)
    assert path.stat().st_size < 2000
    assert "unpacks to more than" in _sentence(path)


def test_deep_nesting_is_refused(write_dicom: Writer) -> None:
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    deep = (struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + item) * 5000
    path = write_dicom()
    start = path.read_bytes()
    length = struct.unpack("<I", start[140:144])[0]
    path.write_bytes(start[: 144 + length] + deep)
    assert "nests its sequences" in _sentence(path)


def test_no_image_no_file_and_a_folder(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not an image at all, just some text " * 10)
    assert "is not an image" in _sentence(text)
    empty = tmp_path / "empty"
    empty.touch()
    assert "is empty" in _sentence(empty)
    assert "There is no file" in _sentence(tmp_path / "missing.dcm")
    folder = tmp_path / "folder"
    folder.mkdir()
    assert "is a folder" in _sentence(folder)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_opens_or_gives_a_sentence(write_dicom: Writer, data) -> None:
    path = write_dicom(
        np.arange(48, dtype=np.uint16).reshape(3, 4, 4),
        name="damaged",
        WindowCenter="20",
        WindowWidth="40",
        PixelSpacing=["0.2", "0.3"],
        FrameTime="40",
    )
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(128, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole[: data.draw(st.integers(100, len(whole)))])
    for read in (read_header, read_radiograph):
        with suppress(KnownError, UserError):  # anything else is a bug
            read(path)


def test_a_deflated_file_cut_short_gives_a_sentence(write_dicom: Writer) -> None:
    path = write_dicom(np.zeros((50, 50), np.uint16), syntax=DeflatedExplicitVRLittleEndian)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 60])
    _sentence(path)
