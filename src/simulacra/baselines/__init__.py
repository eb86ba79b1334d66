"""One file a baseline: what a careful scientist would have used instead of a network. A shelf."""
