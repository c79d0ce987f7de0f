"""The commands, one file each; `cli.table` lists them."""
