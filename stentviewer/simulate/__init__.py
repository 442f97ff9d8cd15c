"""Simulated stent pictures, to scale and seeded, for the demo, tests and benchmarks."""

from __future__ import annotations

from stentviewer.simulate.dicom import SimulatedPatient, write_dicom
from stentviewer.simulate.field import (
    CLASS_PROPORTIONS,
    PlacedStent,
    SimulatedStentImage,
    simulate_stent_image,
)
from stentviewer.simulate.folder import simulate_to_folder, write_example_patient
from stentviewer.simulate.stents import STENT_MAKERS

__all__ = [
    "CLASS_PROPORTIONS",
    "STENT_MAKERS",
    "PlacedStent",
    "SimulatedPatient",
    "SimulatedStentImage",
    "simulate_stent_image",
    "simulate_to_folder",
    "write_dicom",
    "write_example_patient",
]
