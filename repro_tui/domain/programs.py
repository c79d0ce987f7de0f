"""Which files are programs, by their names, and of which of them it is seen when they are used."""

from __future__ import annotations

from repro_tui.domain.words import words

PROGRAMS = words(
    """
    .py .pyx .pxd .pyi .ipynb .sh .bash .zsh .fish .r .rmd .qmd .jl .lua .m .stan .sql .c .cc .cpp .cxx .cu .cuh
    .h .hh .hpp .hxx .f .f90 .f95 .rs .go .java .kt .scala .js .mjs .ts .tsx .cs .swift .rb .pl .php .hs .ml
    .clj .nim .zig .smk .nf .wdl .cwl .slurm .sbatch .pbs .lsf .cmake .mk .j2 .jinja .jinja2 .proto .triton .ptx
    .metal .gin .jsonnet .libsonnet
    """
)
"""Endings of programs. Only these count for the digest of the code: prose, data, results and images do not, and
configuration is compared as parameters."""

_NAMES = words(
    """
    makefile dockerfile containerfile snakefile justfile rakefile cmakelists.txt jenkinsfile
    """
)
_STARTED = words(
    """
    .sh .bash .zsh .fish .c .cc .cpp .cxx .h .hh .hpp .hxx .f .f90 .f95 .rs .go .java .kt .scala .cs .swift .hs .ml
    .clj .nim .zig .smk .nf .wdl .cwl .slurm .sbatch .pbs .lsf .cmake .mk .pyx .pxd
    """
)
"""Endings of what only a process of its own uses: a shell, a compiler, a scheduler.

Kernels that a driver compiles (.cu, .ptx) and languages that a library may embed (.jl, .r) are not among them.
"""
_SEEN = frozenset({".py", ".pyi", ".ipynb"})


def is_program(path: str) -> bool:
    """Tell whether a file is a program by its name."""
    name = path.rpartition("/")[2].lower()
    return _ending(name) in PROGRAMS or name in _NAMES


def is_seen(path: str) -> bool:
    """Tell whether a Python process cannot use a file of this kind without that being seen.

    Modules are noted when they are imported. What is compiled, or started as a process of its own, may be read by
    programs that nobody watches, so of those files nothing follows from not having been seen.
    """
    return _ending(path.rpartition("/")[2].lower()) in _SEEN


def needs_process(path: str) -> bool:
    """Tell whether a file of this kind is only used by a program that is started for it."""
    name = path.rpartition("/")[2].lower()
    return _ending(name) in _STARTED or name in _NAMES


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f".{ending}" if dot and stem else ""
