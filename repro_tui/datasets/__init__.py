"""Declared datasets: their versions, what changed between them, how one was made from another."""
