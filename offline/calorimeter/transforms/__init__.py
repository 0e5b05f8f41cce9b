"""Showers as numbers that a network learns easily, and back.

==================  ===========================================================================================
``sticks``          energies of layers as their total and shares of what is left: the total is kept whatever shares say
``logit``           shares in [0, 1] on the whole line
``share_scores``    these as normal scores, given the hits of the layer
``layer_code``      energies and hits of layers as continuous columns, empty layers included
``scores``          columns as standard normal ones, each at any energy of the particle; then without correlations
``latent_scores``   the same where a column is known within a range only, as a count is
``quantile_table``  values as normal scores, and back
==================  ===========================================================================================
"""

from __future__ import annotations
