"""What libraries say of the parts that they were built with."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from repro_tui.recorder.state import _numpy_parts, _torch_parts


def test_numpy_names_the_linear_algebra_library_that_it_was_built_with() -> None:
    numpy = pytest.importorskip("numpy")
    (name, version), *_ = (words.split(" ", 1) for words in _numpy_parts(numpy).values())
    assert name
    assert version[0].isdigit()


@pytest.mark.parametrize(("nccl", "said"), [((2, 21, 5), "2.21.5"), (22105, "22105")])
def test_a_torch_for_gpus_tells_its_cuda_libraries(nccl: object, said: str) -> None:
    """By a stand-in: no GPU is needed to ask, and most machines that run the tests have none."""
    torch = SimpleNamespace(
        version=SimpleNamespace(cuda="12.4"),
        backends=SimpleNamespace(cudnn=SimpleNamespace(version=lambda: 90100)),
        cuda=SimpleNamespace(nccl=SimpleNamespace(version=lambda: nccl)),
    )
    assert _torch_parts(torch) == {"torch.cuda": "12.4", "torch.cudnn": "90100", "torch.nccl": said}
    assert _torch_parts(SimpleNamespace(version=SimpleNamespace(cuda=None))) == {}
