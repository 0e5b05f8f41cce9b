"""Pairs of a generated and a reconstructed jet: what unfolding starts from."""

from __future__ import annotations

from l1ml.data.schema import EventSchema, ObjectSchema, RealField

__all__ = ["JET_PAIRS_SCHEMA", "JET_QUANTITIES"]

JET_QUANTITIES = (
    RealField("pt", "GeV"),
    RealField("eta"),
    RealField("phi", "rad"),
    RealField("mass", "GeV"),
    RealField("multiplicity"),
    RealField("width"),
    RealField("tau21"),
    RealField("zg"),
    RealField("sdmass", "GeV"),
    RealField("ptd"),
)
"""Four-vector and the six observables of OmniFold (arXiv:1911.09107): mass, constituents, width (angularity of beta 1), ratio of
the 2- to the 1-subjettiness, and with soft drop (z_cut 0.1, beta 0) the momentum fraction and the mass; and the momentum
dispersion pTD = sqrt(sum pt^2) / sum pt over the constituents (CMS-PAS-JME-13-002), 1 for a jet of one."""

JET_PAIRS_SCHEMA = EventSchema(
    "jet_pairs", 2, (ObjectSchema("gen_jet", 1, (), JET_QUANTITIES), ObjectSchema("reco_jet", 1, (), JET_QUANTITIES))
)
"""One generated and one reconstructed jet; the mask of an object says whether there is one: a generated jet without a
reconstructed one was missed, a reconstructed one without a generated one is background."""
