"""Metric files of other tools, one reader a format, read while they are written."""
