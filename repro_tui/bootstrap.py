"""The one place that builds adapters and puts the Workbench together."""
