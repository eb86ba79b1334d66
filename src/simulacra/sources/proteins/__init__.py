"""Families of sequences. A shelf."""
