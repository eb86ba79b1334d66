"""Spins on a lattice."""
