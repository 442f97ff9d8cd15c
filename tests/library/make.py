"""Headers, readings and labels for the library's tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from stentviewer.core.types import (
    Box,
    ClassScore,
    Finding,
    HeatMap,
    Identity,
    ImageHeader,
    Label,
    LabelAction,
    Measurement,
    MeasurementKind,
    ModelRef,
    Reading,
    Target,
)
from stentviewer.library.records import StudyRecord
from stentviewer.library.repository import Library

KIM = Identity(
    patient_id="00123",
    patient_name="KIM^MINSU",
    patient_name_ideographic="金^民秀",
    birth_date="1951-02-03",
    sex="M",
    study_uid="1.2.3",
    study_date="2026-11-20",
    study_time="09:30:00",
    study_description="ERCP",
    accession_number="A1",
    series_uid="1.2.3.4",
    series_number=2,
    series_description="spot",
    modality="XA",
    body_part="ABDOMEN",
    sop_uid="1.2.3.4.5",
    instance_number=7,
)


def header(path: Path, identity: Identity = KIM, **fields: Any) -> ImageHeader:
    return ImageHeader(
        **{
            "path": path,
            "identity": identity,
            "rows": 512,
            "columns": 640,
            "frames": 3,
            "format": "DICOM",
            "has_dicom_truth": True,
        }
        | fields
    )


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def finding(maker: str = "NITI-S", probability: float = 0.93, unknown: bool = False) -> Finding:
    return Finding(
        maker=maker,
        probability=probability,
        scores=(ClassScore(maker, probability), ClassScore("EGIS", 1 - probability)),
        prediction_set=(maker, "EGIS"),
        unknown=unknown,
        box=Box(0.1, 0.2, 0.3, 0.4),
    )


def reading(*findings: Finding, frame: int = 0, heat: bool = True, sha: str = "ab" * 32) -> Reading:
    values = np.linspace(0, 1, 35, dtype=np.float32).reshape(5, 7)
    return Reading(
        task="stent-maker",
        model=ModelRef("stent-demo", sha, "Demo", "1.0"),
        frame=frame,
        findings=findings,
        heat=HeatMap(values, Box(-0.1, 0, 1.1, 1), "Grad-CAM") if heat else None,
        seconds={"network": 0.2, "total": 0.25},
        device="onnxruntime · CPU",
        created=datetime(2026, 11, 21, 6, 30, 1, 25, UTC),
        notes=("Simulated",),
    )


def label(image_id: int, maker: str, frame: int = 0, reading_id: int | None = None) -> Label:
    return Label(
        image_id=image_id,
        frame=frame,
        maker=maker,
        action=LabelAction.CORRECT if maker else LabelAction.CLEAR,
        by="kim",
        at=datetime(2026, 11, 21, 6, 31, tzinfo=UTC),
        reading_id=reading_id,
        model_said="EGIS 0.60",
    )


def measurement(key: str, image_id: int = 1, frame: int = 0, **fields: Any) -> Measurement:
    return Measurement(
        **{
            "id": key,
            "target": Target(image_id, frame),
            "kind": MeasurementKind.LENGTH,
            "points": ((10.0, 20.5), (30.25, 40.0)),
            "by": "kim",
            "at": datetime(2026, 11, 21, 6, 32, tzinfo=UTC),
        }
        | fields
    )


def studies(library: Library) -> list[StudyRecord]:
    """Every study on the worklist with its images, newest first."""
    return [library.study(row.study_id) for row in library.worklist()]
