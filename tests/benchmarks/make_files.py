"""Makes the files that stores are measured with: W1, W2 and W3 of docs/design/0012.

`python -m tests.benchmarks.make_files w1|w2|w3 FOLDER full|quick [NUMBER]`.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path

MB = 1_000_000
EXPONENTS = bytes(60 + n % 3 for n in range(256))
MANTISSAS = bytes(n & 0x1C for n in range(256))


@dataclass(frozen=True)
class Size:
    """How large the workloads are."""

    images: int
    logs: int
    csv: int
    arrays: int
    array: int
    touched: int
    checkpoints: int
    checkpoint: int


FULL = Size(8900, 1089, 500 * MB, 10, 51 * MB, 80, 10, 40 << 20)
QUICK = Size(40, 10, 2 * MB, 1, 2 * MB, 4, 2, 2 << 20)


def make_w1(folder: Path, size: Size) -> None:
    dice = random.Random(1)
    for number in range(size.images):
        target = folder / "images" / f"class{number % 10}" / f"{number:05d}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(dice.randbytes(dice.randrange(20_000, 140_000)))
    logs = rows(dice, LOG, 10_000)
    for number in range(size.logs):
        target = folder / "logs" / f"{number % 20}" / f"{number}.jsonl"
        target.parent.mkdir(parents=True, exist_ok=True)
        start = dice.randrange(len(logs) - 200_000)
        target.write_bytes(unlike(logs[start : start + 200_000], number))
    for number in range(size.arrays):
        (folder / f"array{number}.bin").write_bytes(floats(dice, size.array))
    with (folder / "train.csv").open("wb") as csv:
        for number in range(50):
            csv.write(unlike(rows(dice, CSV, size.csv // 50 // 68), number)[: size.csv // 50])


CSV = "%d,2026-%02d-17T%02d:%02d:03Z,%.6f,%.6f,%.3f,class_%d,train,sensor-%d\n"
LOG = (
    '{"step": %d, "epoch": %d, "lr": 0.0%d, "seen": %d, "loss": %.6f, "accuracy": %.6f, "seconds": %.3f, "rank": %d,'
    ' "gpu": %d}\n'
)


def rows(dice: random.Random, form: str, count: int) -> bytes:
    """Write rows as measurements are: some columns that hardly change, some that nobody can foresee."""
    return "".join(
        form % (n, n % 12, n % 24, n % 60, dice.random(), dice.random() * 10, dice.random() * 99, n % 7, n % 31)
        for n in range(count)
    ).encode()


def unlike(text: bytes, number: int) -> bytes:
    """Exchange digits, so that a text is like no other and compresses as well."""
    order = list(b"0123456789")
    random.Random(number).shuffle(order)
    return text.translate(bytes.maketrans(b"0123456789", bytes(order)))


def floats(dice: random.Random, size: int) -> bytes:
    """Make numbers of single precision as weights are: near each other, the last digits without meaning."""
    raw = bytearray(dice.randbytes(size // 4 * 4))
    raw[3::4] = raw[3::4].translate(EXPONENTS)
    raw[0::4] = raw[0::4].translate(MANTISSAS)
    return bytes(raw)


def change_to_w2(folder: Path, size: Size) -> None:
    dice = random.Random(2)
    with (folder / "train.csv").open("ab") as csv:
        csv.write(rows(dice, CSV, size.csv // 100 // 68))
    for target in dice.sample(sorted((folder / "images").rglob("*.jpg")), size.touched):
        target.write_bytes(dice.randbytes(target.stat().st_size))


def next_checkpoint(target: Path, size: Size, number: int) -> None:
    """Write a checkpoint in which the last quarter, the head of a network, differs from the one before."""
    if not number:
        target.write_bytes(floats(random.Random(3), size.checkpoint))
        return
    with target.open("r+b") as file:
        file.seek(size.checkpoint // 4 * 3)
        file.write(floats(random.Random(100 + number), size.checkpoint // 4))


def main(words: list[str]) -> None:
    what, folder, size = words[0], Path(words[1]), FULL if words[2] == "full" else QUICK
    if what == "w1":
        make_w1(folder, size)
    elif what == "w2":
        change_to_w2(folder, size)
    else:
        next_checkpoint(folder / "model.ckpt", size, int(words[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
