"""Laws whose modes are known."""
