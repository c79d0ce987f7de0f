"""Values and pure functions: no clock, no environment, no files, the standard library only."""
