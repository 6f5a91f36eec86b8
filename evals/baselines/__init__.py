"""Simpler ways to give the same advice, run on the same scenarios: what Rung has to be better than."""
