"""Handed in the notebook as it was handed out."""
