"""Photometry: stars and galaxies in the pixels of a survey, their light, their priors and their likelihood."""
