"""What the commands print that compare runs: `diff`, `explain` and `varies`."""
