"""Tables: their text, their numbers, what a column is, rows of numbers and classes with gaps."""
