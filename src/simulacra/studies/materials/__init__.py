"""Microstructures of materials."""
