"""Simulated stent pictures, to scale and seeded, for the demo, tests and benchmarks."""

from __future__ import annotations

from stentviewer.simulate.arrange import ARRANGEMENTS, Arrangement
from stentviewer.simulate.backgrounds import find_backgrounds
from stentviewer.simulate.dicom import SimulatedPatient, write_dicom
from stentviewer.simulate.field import (
    CLASS_PROPORTIONS,
    READING_MIX,
    PlacedStent,
    SimulatedStentImage,
    simulate_reading_image,
    simulate_stent_image,
)
from stentviewer.simulate.folder import simulate_to_folder, write_example_patient
from stentviewer.simulate.others import OTHER_KINDS, OtherImage, simulate_other
from stentviewer.simulate.stents import FURTHER_DESIGNS, STENT_MAKERS
from stentviewer.simulate.study_set import STUDY_COUNTS, share_out, simulate_study_set

__all__ = [
    "ARRANGEMENTS",
    "CLASS_PROPORTIONS",
    "FURTHER_DESIGNS",
    "OTHER_KINDS",
    "READING_MIX",
    "STENT_MAKERS",
    "STUDY_COUNTS",
    "Arrangement",
    "OtherImage",
    "PlacedStent",
    "SimulatedPatient",
    "SimulatedStentImage",
    "find_backgrounds",
    "share_out",
    "simulate_other",
    "simulate_reading_image",
    "simulate_stent_image",
    "simulate_study_set",
    "simulate_to_folder",
    "write_dicom",
    "write_example_patient",
]
