"""One file a kind of sample: truth and model as a figure. A shelf."""
