"""How strongly the materials of a stent picture absorb X-rays.

Mass attenuation coefficients are rounded from NIST XCOM / NISTIR 5632 (Hubbell and Seltzer,
https://physics.nist.gov/PhysRefData/XrayMassCoef); nitinol is taken as 55 % nickel and 45 %
titanium by mass. A beam is stood for by one effective energy between 40 and 70 keV.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

Material = Literal[
    "soft tissue",
    "fat",
    "bone",
    "nitinol",
    "gold",
    "platinum",
    "steel",
    "titanium",
    "iodine",
    "barium plastic",
    "membrane",
]

_ENERGIES_KEV: Final = np.array([40.0, 50.0, 60.0, 70.0])
# material: density in g/cm3 and mass attenuation in cm2/g at the four energies above.
_TABLE: Final[dict[Material, tuple[float, tuple[float, float, float, float]]]] = {
    "soft tissue": (1.06, (0.2688, 0.2264, 0.2048, 0.1920)),
    "fat": (0.95, (0.2396, 0.2123, 0.1974, 0.1870)),
    "bone": (1.92, (0.6655, 0.4242, 0.3148, 0.2600)),
    "nitinol": (6.45, (3.526, 1.907, 1.176, 0.800)),
    "gold": (19.3, (12.98, 7.256, 4.528, 3.060)),
    "platinum": (21.45, (12.45, 6.953, 4.339, 2.940)),
    "steel": (7.87, (3.629, 1.958, 1.205, 0.820)),
    "titanium": (4.54, (2.214, 1.213, 0.766, 0.540)),
    # Contrast agent: 1 g of iodine per cm3; scale by the concentration that is drawn.
    "iodine": (1.0, (22.10, 12.32, 7.579, 5.020)),
    # Polyurethane with about 20 % barium sulphate by mass, as drainage catheters are.
    "barium plastic": (1.25, (3.10, 1.80, 1.17, 0.83)),
    # Silicone or PTFE cover of a covered stent.
    "membrane": (1.6, (0.35, 0.28, 0.24, 0.215)),
}


def attenuation_per_mm(material: Material, energy_kev: float) -> float:
    """Linear attenuation coefficient in 1/mm, interpolated in log-log between table energies.

    Raises ValueError outside 40 to 70 keV, where the table would have to be extrapolated.
    """
    if not _ENERGIES_KEV[0] <= energy_kev <= _ENERGIES_KEV[-1]:
        raise ValueError(f"effective energy {energy_kev} keV is outside 40 to 70 keV")
    density, mass = _TABLE[material]
    per_gram = np.exp(np.interp(np.log(energy_kev), np.log(_ENERGIES_KEV), np.log(mass)))
    return float(per_gram * density / 10.0)
