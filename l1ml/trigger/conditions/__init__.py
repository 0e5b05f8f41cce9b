"""Conditions of the Global Trigger on the words of a crossing: integer comparisons and look-up tables only."""
