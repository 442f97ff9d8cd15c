"""One patient's build."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Body:
    """One patient's build and where the beam looks, all lengths in mm in the body's plane.

    spine_tilt and spine_bow are slope and curvature of the spine's course, spine_twist how far
    it is turned about itself; beam_y is the height at which end plates are seen edge on.
    roundness is the power of the outline across (2 is an ellipse), taper how much thinner the
    body gets per mm downwards, lung_air the share of the chest's thickness that is air.
    """

    thickness: float
    half_width: float
    spine_x: float
    spine_tilt: float
    spine_bow: float
    spine_twist: float
    vertebra_pitch: float
    vertebra_phase: float
    diaphragm_y: float
    bone_density: float
    beam_y: float
    roundness: float
    taper: float
    lung_air: float


def draw_body(rng: np.random.Generator) -> Body:
    """A random adult; the spine lies right of the picture's middle more often than left."""
    return Body(
        thickness=rng.uniform(170, 270),
        half_width=rng.uniform(175, 360),
        spine_x=rng.uniform(-35, 100),
        spine_tilt=rng.normal(0, 0.06),
        spine_bow=rng.normal(0, 2.0e-4),
        spine_twist=rng.normal(0, 0.08),
        vertebra_pitch=rng.uniform(29, 38),
        vertebra_phase=rng.uniform(0, 38),
        diaphragm_y=rng.uniform(-210, -35),
        bone_density=rng.uniform(0.45, 1.3),
        beam_y=rng.uniform(-60, 60),
        roundness=rng.uniform(2.0, 7.0),
        taper=rng.normal(0, 4e-4),
        lung_air=rng.uniform(0.08, 0.3),
    )
