"""What `repro-tui data` does, one file a family of subcommands."""
