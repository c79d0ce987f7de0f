"""What an interpreter holds by now: imported sources, versions of libraries, determinism flags."""

from __future__ import annotations

import os
import sys

from .callers import is_foreign
from .line import to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from .session import Session

_SOURCE_LIMIT = 4 << 20
_SOURCES_LIMIT = 2000
_VARIABLES = (
    "PYTHONHASHSEED", "CUBLAS_WORKSPACE_CONFIG", "CUDA_LAUNCH_BLOCKING", "TF_DETERMINISTIC_OPS",
    "TF_CUDNN_DETERMINISTIC", "NVIDIA_TF32_OVERRIDE", "XLA_FLAGS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS", "MKL_CBWR",
)  # fmt: skip

_sources: dict[str, tuple[int, int]] = {}
_versions: dict[str, str] = {}
_installed: dict[str, bool] = {}
_flags: dict[str, object] = {}


def note(session: Session) -> None:
    """Write what is new since the last time. Never raises."""
    for part in (_note_sources, _note_versions, _note_flags):
        session.guarded(part)


def afresh() -> None:
    """Forget what was written: another run begins."""
    for known in (_sources, _versions, _installed, _flags):
        known.clear()


def _note_sources(session: Session) -> None:
    """Write the digest of each source file that was imported or opened, outside of installed packages."""
    files = [getattr(module, "__dict__", {}).get("__file__") for module in list(sys.modules.values())]
    for file in (session.script, *files, *sorted(session.programs)):
        if not isinstance(file, str) or not file.endswith(".py") or is_foreign(file):
            continue
        path = os.path.abspath(file)
        if is_foreign(path) or len(_sources) >= _SOURCES_LIMIT:
            continue
        try:
            stat = os.stat(path)
        except OSError:
            continue
        version = (stat.st_size, stat.st_mtime_ns)
        if _sources.get(path) == version:
            continue
        _sources[path] = version
        if stat.st_size <= _SOURCE_LIMIT:
            digest = sha256_of(path)
            if digest:
                session.event("source", path=session.place(path), d="sha256:" + digest, size=stat.st_size)


def sha256_of(path: str) -> str:
    """Give the SHA-256 of a small file, empty when it cannot be read; without OpenSSL, which takes long to load."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found]
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found]
        except ImportError:
            from hashlib import sha256
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        digest = sha256()
        while True:
            block = os.read(fd, 1 << 18)
            if not block:
                return str(digest.hexdigest())
            digest.update(block)
    except OSError:
        return ""
    finally:
        os.close(fd)


def _note_versions(session: Session) -> None:
    """Write the names of imported top-level modules that were installed, with the versions of those that say theirs."""
    new: dict[str, str] = {}
    names: list[str] = []
    for name, module in list(sys.modules.items()):
        contents = getattr(module, "__dict__", None)
        if "." in name or name in _versions or not isinstance(contents, dict):
            continue
        installed = _is_installed(contents)
        if installed and name not in _installed:
            _installed[name] = True
            names.append(to_text(name))
        version = contents.get("__version__")
        if installed and isinstance(version, str) and isinstance(contents.get("__file__"), str) and name[:1] != "_":
            new[to_text(name)] = _versions[name] = to_text(version[:100])
    for name, read in (("numpy", _numpy_parts), ("torch", _torch_parts)):
        if name in new:
            try:
                new.update(read(sys.modules[name]))
            except Exception:  # how a library was built is told differently by its versions, or not at all
                pass
    if new or names:
        session.event("libs", counted=True, v=new, m=names)


def _is_installed(contents: dict[str, object]) -> bool:
    """Tell whether a module lies in site-packages; one that is only a folder of others has no file."""
    place = contents.get("__file__")
    if place is None and contents.get("__path__") is not None:
        try:
            place = next(iter(contents["__path__"]), None)  # type: ignore[call-overload]
        except Exception:  # a module may put anything there
            return False
    return isinstance(place, str) and ("-packages" + os.sep) in place


def _numpy_parts(numpy: ModuleType) -> dict[str, str]:
    """Name the linear algebra library that NumPy was built with."""
    blas = numpy.__config__.CONFIG["Build Dependencies"]["blas"]
    return {"numpy.blas": to_text("%s %s" % (blas["name"], blas.get("version", "")))}


def _torch_parts(torch: ModuleType) -> dict[str, str]:
    """Tell which CUDA libraries PyTorch brings along, without touching a GPU."""
    if not torch.version.cuda:
        return {}
    nccl = torch.cuda.nccl.version()
    return {
        "torch.cuda": to_text(str(torch.version.cuda)),
        "torch.cudnn": to_text(str(torch.backends.cudnn.version())),
        "torch.nccl": ".".join(map(str, nccl)) if isinstance(nccl, tuple) else str(nccl),
    }


def _note_flags(session: Session) -> None:
    """Write the determinism flags as they are now, where they changed."""
    now: dict[str, object] = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    now["python.hash_randomization"] = bool(sys.flags.hash_randomization)
    for name, read in (("torch", _torch), ("tensorflow", _tensorflow), ("jax", _jax)):
        module = sys.modules.get(name)
        if module is not None:
            try:
                now.update(read(module))
            except Exception as error:  # a half-imported framework, or one of an unknown version
                session.problem("flags", name, f"{type(error).__name__}: {error}")
    new = {name: value for name, value in now.items() if name not in _flags or _flags[name] != value}
    if new:
        _flags.update(new)
        session.event("flags", counted=True, v=new)


def _torch(torch: ModuleType) -> dict[str, object]:
    """Read PyTorch's switches, without touching a GPU."""
    backends = torch.backends
    found: dict[str, object] = {
        "torch.deterministic": bool(torch.are_deterministic_algorithms_enabled()),
        "torch.threads": int(torch.get_num_threads()),
        "torch.cudnn.deterministic": bool(backends.cudnn.deterministic),
        "torch.cudnn.benchmark": bool(backends.cudnn.benchmark),
    }
    if hasattr(backends, "fp32_precision"):  # newer versions warn when the older switches are read
        found["torch.fp32_precision"] = str(backends.fp32_precision)
    else:
        found["torch.cudnn.allow_tf32"] = bool(backends.cudnn.allow_tf32)
        found["torch.cuda.matmul.allow_tf32"] = bool(backends.cuda.matmul.allow_tf32)
        found["torch.float32_matmul_precision"] = str(torch.get_float32_matmul_precision())
    return found


def _tensorflow(tensorflow: ModuleType) -> dict[str, object]:
    """Read TensorFlow's switch."""
    enabled = tensorflow.config.experimental
    return {"tensorflow.deterministic": bool(getattr(enabled, "is_op_determinism_enabled", lambda: False)())}


def _jax(jax: ModuleType) -> dict[str, object]:
    """Read JAX's switches."""
    config = jax.config
    names = ("jax_enable_x64", "jax_default_matmul_precision", "jax_threefry_partitionable", "jax_default_prng_impl")
    values = {name: getattr(config, name, None) for name in names}
    return {"jax." + name[4:]: str(value) for name, value in values.items() if value is not None}
