"""Graphs: their matrices, structure, files, and how far two sets of them are apart."""
