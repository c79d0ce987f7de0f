"""The append-only event files: writing, reading while they are written, watching, and where they lie."""
