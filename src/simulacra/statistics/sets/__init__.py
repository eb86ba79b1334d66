"""Numbers of whole sets, of any kind."""
