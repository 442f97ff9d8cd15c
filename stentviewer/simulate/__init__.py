"""Simulated stent pictures, to scale and seeded, for the demo, tests and benchmarks."""

from __future__ import annotations

from stentviewer.simulate.field import (
    CLASS_PROPORTIONS,
    PlacedStent,
    SimulatedStentImage,
    simulate_stent_image,
)
from stentviewer.simulate.stents import STENT_MAKERS

__all__ = [
    "CLASS_PROPORTIONS",
    "STENT_MAKERS",
    "PlacedStent",
    "SimulatedStentImage",
    "simulate_stent_image",
]
