"""Looks into data files: tables through DuckDB, arrays through their headers."""
