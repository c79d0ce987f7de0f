"""Pure functions from values to text: numbers, ages, cells, sparklines, sanitised foreign text."""
