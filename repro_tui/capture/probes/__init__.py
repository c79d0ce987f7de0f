"""Looks at what decides a result: code, environment, host and job. Nothing here changes anything or waits for long."""

from repro_tui.capture.probes.code import probe_code
from repro_tui.capture.probes.environment import after_imports, probe_environment
from repro_tui.capture.probes.finding import Finding
from repro_tui.capture.probes.host import probe_host
from repro_tui.capture.probes.interpreter import InterpreterFacts, find_interpreter
from repro_tui.capture.probes.job import probe_job

__all__ = [
    "Finding",
    "InterpreterFacts",
    "after_imports",
    "find_interpreter",
    "probe_code",
    "probe_environment",
    "probe_host",
    "probe_job",
]
