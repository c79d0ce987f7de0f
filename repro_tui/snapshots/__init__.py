"""Makes a snapshot of a run from its manifest, checks a late one, and restores it."""
