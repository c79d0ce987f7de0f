"""The demonstration: a small real project, and a handful of real runs in it."""
