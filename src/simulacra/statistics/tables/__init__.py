"""Rows of numbers and classes."""
