"""Which files are programs and which steer them, by their names."""

from __future__ import annotations

from pathlib import PurePosixPath

from repro_tui.source.words import words

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

_PROGRAM_NAMES = words(
    """
    makefile dockerfile containerfile snakefile justfile rakefile cmakelists.txt jenkinsfile
    """
)
CONFIGS = words(
    """
    .yaml .yml .toml .json .cfg .ini .conf .env .properties .txt .xml
    """
)
"""Endings of files that are kept beside the programs when they are small."""


def is_program(path: str) -> bool:
    """Tell whether a file is a program by its name."""
    name = path.rpartition("/")[2].lower()
    return PurePosixPath(name).suffix in PROGRAMS or name in _PROGRAM_NAMES


def is_config(path: str) -> bool:
    """Tell whether a file is a small text that steers programs."""
    name = path.rpartition("/")[2].lower()
    return PurePosixPath(name).suffix in CONFIGS or name.startswith(".env")
