"""Parts of screens: the run table, the chart, the log view."""
