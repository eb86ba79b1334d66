"""The words of proteins and of RNA: alignments, weights of related sequences, mutations."""
