"""Pictures of any kind."""
