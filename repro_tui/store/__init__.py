"""Keeps bytes, content-addressed: blobs in packs, listings, snapshot documents (docs/formats/store.md)."""
