"""Journal to fold to catalog, in batches, and the session that the screens ask."""
