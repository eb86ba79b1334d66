"""Tables: their text, their numbers, and what a column is."""
