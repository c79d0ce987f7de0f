"""Which way a metric is better: declared in repro.yaml, or known by its name; nothing is guessed of any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from repro_tui.domain.comparison import Direction
from repro_tui.domain.words import words

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_DOWN = words(
    """
    loss losses error errors err perplexity ppl mse rmse mae mape nll bpc bpb wer cer fid eer brier ece time
    seconds duration elapsed latency regret divergence crossentropy logloss
    """
)
_UP = words(
    """
    acc accuracy precision recall auc auroc auprc map iou miou dice bleu rouge psnr ssim reward return returns
    throughput ap top1 top5 f1 r2 fscore mcc kappa hits ndcg mrr
    """
)
_UP_PAIRS = frozenset({("f", "1"), ("r", "2"), ("top", "1"), ("top", "5")})


def direction_of(metric: str, declared: Mapping[str, str]) -> Direction:
    """Say which way a metric is better; `declared` maps names to `up` or `down`, and wins."""
    said = declared.get(metric, "").strip().lower()
    if said in {"up", "max", "higher"}:
        return "up"
    if said in {"down", "min", "lower"}:
        return "down"
    parts = [word.lower() for word in _WORDS.findall(metric)]
    if _DOWN & set(parts):
        return "down"
    if _UP & set(parts) or any(pair in _UP_PAIRS for pair in pairwise(parts)):
        return "up"
    return ""
