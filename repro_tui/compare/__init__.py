"""Compares runs with each other and with the project as it lies there, from the records and nothing else."""
