"""When two objects are alike."""
