"""Skies, maps and galaxies."""
