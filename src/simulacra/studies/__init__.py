"""One file a study, named what_by_what.py. A shelf."""
