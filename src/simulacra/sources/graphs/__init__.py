"""Graphs from files and from laws."""
