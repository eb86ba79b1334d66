"""The kinds of study, and the one way in which they run."""
