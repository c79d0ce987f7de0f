"""Environment variables: recorded by an allow-list, because everything else may be private."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from repro_tui.domain.deciding import deciding
from repro_tui.recorder.line import to_text
from repro_tui.source import secrets
from repro_tui.source.words import words

__all__ = ["ALLOWED", "choose", "deciding"]

ALLOWED = words(
    """
    CUDA_* CUDNN_* CUBLAS_* CUBLASLT_* NVIDIA_* NCCL_* HIP_* ROCR_* HSA_* MIOPEN_* RCCL_* GPU_* ONEAPI_* SYCL_*
    OMP_* GOMP_* KMP_* MKL_* OPENBLAS_* BLIS_* GOTO_* VECLIB_* NUMEXPR_* NUMBA_* BLAS_* TORCH_* TORCHINDUCTOR_*
    TORCHDYNAMO_* PYTORCH_* TF_* XLA_* JAX_* TPU_* TRITON_* KERAS_* DS_* ACCELERATE_* PYTHONHASHSEED PYTHONPATH
    PYTHONOPTIMIZE PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED PYTHONNOUSERSITE PYTHONUTF8 PYTHONWARNINGS
    PYTHONMALLOC PYTHONSAFEPATH PYTHON_GIL PL_GLOBAL_SEED PL_* HYDRA_* HF_HOME HF_HUB_OFFLINE HF_DATASETS_*
    HF_HUB_CACHE TRANSFORMERS_* TOKENIZERS_PARALLELISM WORLD_SIZE RANK LOCAL_RANK LOCAL_WORLD_SIZE GROUP_RANK
    NODE_RANK MASTER_ADDR MASTER_PORT SLURM_* PBS_* LSB_* LSF_* SGE_* OMPI_COMM_WORLD_* PMI_* LANG LANGUAGE LC_*
    TZ CONDA_DEFAULT_ENV CONDA_PREFIX VIRTUAL_ENV LD_PRELOAD LD_LIBRARY_PATH MALLOC_* SINGULARITY_NAME
    SINGULARITY_CONTAINER APPTAINER_NAME APPTAINER_CONTAINER
    """
)
"""Names and `PREFIX_*` that may be recorded."""

_NOT_ALLOWED = ("TF_VAR_*", "TF_CLI_*", "TF_TOKEN_*", "TF_WORKSPACE", "TF_DATA_DIR")
"""Terraform's variables share their prefix with TensorFlow's."""

_DENIED = re.compile(r"KEY|TOKEN(?!IZERS_PARALLELISM)|SECRET|PASS|CRED|AUTH|COOKIE", re.IGNORECASE)
_MAX_VALUE = 4_000


def choose(environment: Mapping[str, str], further: Sequence[str] = ()) -> tuple[dict[str, str], tuple[str, ...]]:
    """Choose the variables that may be recorded; gives them, with secrets redacted, and the names of those."""
    chosen: dict[str, str] = {}
    redacted: list[str] = []
    for name in sorted(environment):
        if not any(fnmatchcase(name, pattern) for pattern in (*ALLOWED, *further)):
            continue
        if any(fnmatchcase(name, pattern) for pattern in _NOT_ALLOWED):
            continue
        value = environment[name]
        if value and (_DENIED.search(name) or secrets.is_secret(name, value) or secrets.find(value)):
            redacted.append(to_text(name))
            value = secrets.REDACTED
        chosen[to_text(name)] = to_text(value)[:_MAX_VALUE]
    return chosen, tuple(redacted)
