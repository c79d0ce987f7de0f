"""What a file or data set is, by content: stat cache, parallel BLAKE3, file lists, coverage."""
