"""What runs in the user's interpreter: the standard library only, Python 3.9 or newer, imports nothing of the rest."""
