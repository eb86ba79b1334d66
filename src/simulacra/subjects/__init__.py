"""What the studies of one subject share: where its samples come from, who judges them, what stands beside them."""
