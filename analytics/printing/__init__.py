"""Frozen reports on paper: what stands on the sheets, the press, and the prints that are kept."""
