"""Studies of proteins. A shelf."""
