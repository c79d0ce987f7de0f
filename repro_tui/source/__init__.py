"""Source code as recording and keeping both need it: git asked safely, patches, kinds of files, and secrets in them."""
