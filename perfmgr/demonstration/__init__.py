"""Demonstration data: one department that is carried through the years, and a district of any size."""
