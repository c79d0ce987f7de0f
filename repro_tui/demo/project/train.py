"""Teach a small neural network to read handwritten digits.

One hidden layer, stochastic gradient descent, no library but Python's own.
Settings come from config.json; the command line changes them:

    python train.py --lr 0.1 --seed 3

Each run leaves a folder below results/ with the metrics of every epoch (metrics.csv),
which digit was taken for which (confusion.csv), and the network itself (model.json).
"""

import argparse
import csv
import json
import math
import random
from operator import mul
from pathlib import Path

DIGITS = 10
INK = 16.0
GUESSING = math.log(DIGITS)  # the loss of a network that believes in every digit alike


def dot(a, b):
    """Multiply two vectors."""
    return sum(map(mul, a, b))


class Network:
    """Pixels to hidden units to one score a digit."""

    def __init__(self, inputs, hidden, rng):
        self.first = [[rng.gauss(0, math.sqrt(2 / inputs)) for _ in range(inputs)] for _ in range(hidden)]
        self.first_bias = [0.0] * hidden
        self.second = [[rng.gauss(0, math.sqrt(1 / hidden)) for _ in range(hidden)] for _ in range(DIGITS)]
        self.second_bias = [0.0] * DIGITS

    def hidden(self, pixels):
        """What the hidden units say: nothing below zero."""
        return [max(0.0, bias + dot(row, pixels)) for row, bias in zip(self.first, self.first_bias)]

    def scores(self, hidden):
        """How much each digit is believed in."""
        return [bias + dot(row, hidden) for row, bias in zip(self.second, self.second_bias)]

    def read(self, pixels):
        """The digit believed in most."""
        scores = self.scores(self.hidden(pixels))
        return scores.index(max(scores))

    def learn(self, pixels, digit, lr):
        """Move every weight a little against the gradient of the loss, and give the loss."""
        hidden = self.hidden(pixels)
        belief = softmax(self.scores(hidden))
        wrong = [p - (k == digit) for k, p in enumerate(belief)]
        blame = [dot(wrong, column) if h > 0 else 0.0 for h, column in zip(hidden, zip(*self.second))]
        descend(self.second, self.second_bias, wrong, hidden, lr)
        descend(self.first, self.first_bias, blame, pixels, lr)
        return -math.log(max(belief[digit], 1e-12))


def softmax(scores):
    """Turn scores into probabilities."""
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def descend(weights, biases, errors, inputs, lr):
    """One step of gradient descent for one layer, in place."""
    for unit, error in enumerate(errors):
        if error:
            step = lr * error
            weights[unit] = [weight - step * x for weight, x in zip(weights[unit], inputs)]
            biases[unit] -= step


def load(path):
    """Read images and their digits; ink becomes a number from 0 to 1."""
    with open(path, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return [([int(pixel) / INK for pixel in row[:-1]], int(row[-1])) for row in rows]


def confusion(network, images):
    """Count which digit was taken for which."""
    table = [[0] * DIGITS for _ in range(DIGITS)]
    for pixels, digit in images:
        table[digit][network.read(pixels)] += 1
    return table


def accuracy(table):
    """The share of images that were read correctly."""
    return sum(table[k][k] for k in range(DIGITS)) / sum(map(sum, table))


def train(network, train_set, test_set, settings, metrics):
    """Go through the images again and again; write one row of metrics an epoch, give the last table."""
    lr, rng, table = settings.lr, random.Random(settings.seed), []
    for epoch in range(1, settings.epochs + 1):
        rng.shuffle(train_set)
        loss = sum(network.learn(pixels, digit, lr) for pixels, digit in train_set) / len(train_set)
        table = confusion(network, test_set)
        metrics.writerow([epoch, round(loss, 5), round(accuracy(table), 5)])
        print(f"epoch {epoch}/{settings.epochs}  loss {loss:.4f}  acc {accuracy(table):.4f}", flush=True)
        if not loss < 1.5 * GUESSING:
            raise ArithmeticError(f"a loss of {loss:.4f} is worse than guessing ({GUESSING:.4f}): lower --lr {settings.lr:g}")
        lr *= settings.decay
    return table


def parse_settings():
    """Defaults from config.json, changed by the command line."""
    defaults = json.loads(Path("config.json").read_text())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hidden", type=int, help="hidden units")
    parser.add_argument("--epochs", type=int, help="times to go through the images")
    parser.add_argument("--lr", type=float, help="learning rate of the first epoch")
    parser.add_argument("--decay", type=float, help="what the learning rate is multiplied with after each epoch")
    parser.add_argument("--seed", type=int, help="for the first weights and the order of the images")
    parser.set_defaults(**defaults)
    return parser.parse_args()


def main():
    """Train one network and write down how it went."""
    settings = parse_settings()
    random.seed(settings.seed)
    train_set, test_set = load("data/train.csv"), load("data/test.csv")
    network = Network(len(train_set[0][0]), settings.hidden, random)
    print(f"{len(train_set)} images to learn from, {len(test_set)} to be judged by", flush=True)

    folder = Path("results") / f"lr{settings.lr:g}-hidden{settings.hidden}-seed{settings.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "metrics.csv", "w", newline="", buffering=1) as file:
        metrics = csv.writer(file)
        metrics.writerow(["epoch", "loss", "acc"])
        table = train(network, train_set, test_set, settings, metrics)
    with open(folder / "confusion.csv", "w", newline="") as file:
        csv.writer(file).writerows([["digit", *range(DIGITS)], *([k, *row] for k, row in enumerate(table))])
    (folder / "model.json").write_text(json.dumps(vars(network)))
    print(f"written to {folder}")


if __name__ == "__main__":
    main()
