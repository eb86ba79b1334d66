"""One file a view: the reversible way from samples to tensors. A shelf."""
