"""Libraries that open files in compiled code: the path is taken from the call instead."""

from __future__ import annotations

import os

from .callers import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from .imports import Wrappers
    from .session import Session

_READERS: dict[str, tuple[str, ...]] = {
    "torch.serialization": ("load",),
    "cv2": ("imread",),
    "polars": ("read_csv", "read_parquet", "read_ipc", "read_ndjson", "scan_csv", "scan_parquet", "scan_ipc"),
    "pyarrow.parquet": ("read_table", "read_schema", "read_metadata"),
    "pyarrow.csv": ("read_csv",),
    "safetensors": ("safe_open",),
    "safetensors.torch": ("load_file",),
    "safetensors.numpy": ("load_file",),
    "torchvision.io.image": ("read_image", "read_file"),
    "soundfile": ("read",),
    "torchaudio": ("load",),
    "sqlite3": ("connect",),
    "duckdb": ("read_csv", "read_parquet", "read_json"),
}
"""Module to functions whose first argument is a file that is read."""

_WRITERS: dict[str, tuple[tuple[str, int], ...]] = {
    "torch.serialization": (("save", 1),),
    "cv2": (("imwrite", 0),),
    "pyarrow.parquet": (("write_table", 1),),
    "safetensors.torch": (("save_file", 1),),
    "safetensors.numpy": (("save_file", 1),),
}
"""Module to functions and the position of the file that they write."""


def wrappers(session: Session) -> Wrappers:
    """Give what to do once one of these libraries is imported."""
    del session
    table: Wrappers = {name: _wrapper(name) for name in {*_READERS, *_WRITERS}}
    table["h5py._hl.files"] = _h5py
    return table


def _wrapper(name: str) -> Callable[[ModuleType], None]:
    """Give what wraps the functions of one module."""

    def wrap(module: ModuleType) -> None:
        for function in _READERS.get(name, ()):
            replace(module, function, _teller(0, "r"))
        for function, position in _WRITERS.get(name, ()):
            replace(module, function, _teller(position, "w"))

    return wrap


def _teller(position: int, mode: str) -> Callable[..., None]:
    """Give an observer that notes the path at a position, if it is one."""

    def tell(*args: object, **_kwargs: object) -> None:
        if len(args) > position:
            _note(args[position], mode)

    return tell


def _note(path: object, mode: str) -> None:
    """Note a path, or each of a list of them."""
    from . import observe

    for each in path if isinstance(path, (list, tuple)) else (path,):
        if isinstance(each, (str, bytes)) or hasattr(each, "__fspath__"):
            text = os.fsdecode(each)
            if os.path.isfile(text):
                observe.note(text, mode)


def _h5py(module: ModuleType) -> None:
    """Note the files of h5py, whose mode is the second argument."""

    def tell(*args: object, **kwargs: object) -> None:
        mode = kwargs.get("mode", args[2] if len(args) > 2 else "r")  # noqa: PLR2004 - self, name, mode
        _note(args[1] if len(args) > 1 else kwargs.get("name"), "r" if mode == "r" else "w")

    replace(module.File, "__init__", tell)
