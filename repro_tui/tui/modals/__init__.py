"""Questions and pickers over a screen."""
