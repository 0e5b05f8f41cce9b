"""Showers as numbers that a network learns easily, and back.

==============  ===========================================================================================
``sticks``      energies of layers as their total and shares of what is left: the total is kept whatever shares say
``layer_code``  energies and hits of layers as continuous columns, empty layers included
``scores``      columns as standard normal ones, each at any energy of the particle; then without correlations
``logit``       shares in [0, 1] on the whole line
==============  ===========================================================================================
"""

from __future__ import annotations
