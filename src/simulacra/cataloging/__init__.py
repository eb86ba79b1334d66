"""Cataloging: from the pixels of a survey to stars and galaxies with their uncertainties."""
