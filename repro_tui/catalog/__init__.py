"""The DuckDB index over the journals: disposable, private to a session, published when it knows more."""
