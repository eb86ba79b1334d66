"""What a family of sequences shows: letters, gaps, pairs and triples of columns. A shelf."""
