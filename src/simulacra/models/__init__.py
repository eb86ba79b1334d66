"""One file a generative model. A shelf."""
