"""Signals out of noise: how denoisers are studied beside classical filters."""
