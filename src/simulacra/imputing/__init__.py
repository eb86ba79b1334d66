"""How well gaps are filled: contests of imputers, and whether intervals after filling in hold what they promise."""
