"""Questions that wait for a person: which there are, what a yes would do, and carrying answers out."""
