"""One file a kind of sample: what its objects are, when two are the same, and what can be done with them. A shelf."""
