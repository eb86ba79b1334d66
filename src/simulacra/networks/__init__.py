"""One file an architecture: tensors in, tensors out. A shelf."""
