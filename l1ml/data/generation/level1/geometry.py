"""Field and surfaces of the detector that particles are followed through.

Source: CMS Collaboration, "The CMS experiment at the CERN LHC", JINST 3 (2008) S08004.
"""

from __future__ import annotations

__all__ = ["BARREL_RADIUS", "CURVATURE", "ECAL_BACK_RADIUS", "ECAL_BACK_Z", "ENDCAP_Z", "HCAL_BACK_RADIUS", "HCAL_BACK_Z"]

_FIELD = 3.8  # T
CURVATURE = 0.2998 * _FIELD
"""GeV of transverse momentum per metre of radius and unit charge."""

BARREL_RADIUS, ENDCAP_Z = 1.29, 3.17
"""Front faces of the ECAL, in metres from the axis and from the centre."""

ECAL_BACK_RADIUS, ECAL_BACK_Z = 1.77, 3.90
"""Where the HCAL begins, in metres."""

HCAL_BACK_RADIUS, HCAL_BACK_Z = 2.95, 5.68
"""Where it ends, in metres."""
