"""What `prune`, `trash` and `du` print and ask."""
