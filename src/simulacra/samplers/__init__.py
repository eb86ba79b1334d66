"""Samplers: one file each. From noise to data, by asking what the data are expected to be."""
