"""The places, and the screens that lie one layer deeper."""
