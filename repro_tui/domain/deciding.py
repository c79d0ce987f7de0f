"""Which environment variables count when two runs are compared: those that steer arithmetic or chance."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from repro_tui.domain.words import words

_DECIDING = words(
    """
    CUBLAS_* CUBLASLT_* CUDA_LAUNCH_BLOCKING CUDNN_* NVIDIA_TF32_OVERRIDE NCCL_ALGO NCCL_PROTO
    NCCL_*_DETERMINISTIC OMP_NUM_THREADS OMP_DYNAMIC OMP_SCHEDULE MKL_* OPENBLAS_* BLIS_* VECLIB_* NUMEXPR_*
    NUMBA_* TORCH_* TORCHINDUCTOR_* TORCHDYNAMO_* PYTORCH_* TF_* XLA_* JAX_* TRITON_* KERAS_* PYTHONOPTIMIZE
    TRANSFORMERS_OFFLINE LD_PRELOAD WORLD_SIZE
    """
)
_NOT_DECIDING = words(
    """
    *_CACHE *_CACHE_DIR *_HOME *_DIR *_LOG* *_VERBOSE *_DEBUG *_LEVEL *_PATH *_PORT *_ADDR
    """
)

SEEDS = frozenset({"PYTHONHASHSEED", "PL_GLOBAL_SEED"})
"""Variables that are seeds: repeats differ in them."""


def deciding(variables: Mapping[str, str]) -> dict[str, str]:
    """Give those variables that can decide a result, without seeds."""
    return {name: value for name, value in variables.items() if is_deciding(name)}


def is_deciding(name: str) -> bool:
    """Tell whether a variable can decide a result and is no seed."""
    if name in SEEDS or any(fnmatchcase(name, pattern) for pattern in _NOT_DECIDING):
        return False
    return any(fnmatchcase(name, pattern) for pattern in _DECIDING)
