"""Sets larger than memory, drawn shard by shard: by many processes, on many machines, resumable to the same bytes."""
