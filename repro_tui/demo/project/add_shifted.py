"""Make more training images: copies that are shifted by one pixel.

    python add_shifted.py --digits 3 8 --by 1

The test images stay as they are, so that results before and after can be compared.
"""

import argparse
import csv
import os

SIDE = 8


def shifted(pixels, by):
    """Move an image to the right (or, by a negative number, to the left); paper comes in at the edge."""
    rows = [pixels[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    blank = ["0"] * abs(by)
    moved = [blank + row[:-by] if by > 0 else row[-by:] + blank for row in rows]
    return [pixel for row in moved for pixel in row]


def main():
    """Add the copies to the end of the training images."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digits", type=int, nargs="+", default=[3, 8], help="which digits to copy")
    parser.add_argument("--by", type=int, default=1, choices=(-2, -1, 1, 2), help="pixels to the right")
    parser.add_argument("--data", default="data/train.csv", help="the file to add to")
    options = parser.parse_args()

    with open(options.data, newline="") as file:
        head, *rows = csv.reader(file)
    copies = [shifted(row[:-1], options.by) + row[-1:] for row in rows if int(row[-1]) in options.digits]
    with open(options.data + ".new", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows, *copies])
    os.replace(options.data + ".new", options.data)
    print(f"{len(copies)} shifted copies added to {len(rows)} images")


if __name__ == "__main__":
    main()
