"""Diffusion: noise schedules, what a network predicts, likelihoods; the same for every kind of data."""
