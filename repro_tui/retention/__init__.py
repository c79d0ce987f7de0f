"""Carries out what a policy decides: stock is taken, plans are made, snapshots go to the trash and out of it."""
