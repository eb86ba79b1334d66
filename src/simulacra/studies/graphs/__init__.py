"""Studies of graphs."""
