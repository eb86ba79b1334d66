"""Imputers: how gaps of a table are filled, one file each."""
