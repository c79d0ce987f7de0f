"""What `repro-tui doctor` looks at: one file an area, each finding with what to do about it."""
