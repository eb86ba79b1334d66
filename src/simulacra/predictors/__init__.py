"""Who foretells one column of a table from the others, with a probability."""
