"""Runs a command and writes down everything that decides its result."""
