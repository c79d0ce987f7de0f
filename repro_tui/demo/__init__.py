"""The demo project: real data, a real training script, and what runs them."""
