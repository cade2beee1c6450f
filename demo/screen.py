"""What the demo prints: progress lines, and two columns side by side. Colour and boxes on a
terminal; plain text under a pipe, NO_COLOR or a dumb terminal."""

import os
import shutil
import sys
from itertools import zip_longest

GREEN, RED, DIM, BOLD = "32", "31", "2", "1"
FANCY = (
    sys.stdout.isatty()
    and not os.environ.get("NO_COLOR")
    and os.environ.get("TERM", "dumb") != "dumb"
    and (sys.stdout.encoding or "").lower() == "utf-8"
)
COLUMN = 34  # characters inside one box: two fit into 80


def progress(text):
    print(paint(DIM, f"  · {text}") if FANCY else f"- {text}", flush=True)


def heading(text):
    print(f"\n{paint(BOLD, text)}\n")


def paint(colour, text):
    return f"\033[{colour}m{text}\033[0m" if FANCY and colour else text


def side_by_side(left, right):
    """Each side is a title and its rows; a row is a colour, or None, and a text."""
    columns = [boxed(*side) if FANCY else plain(*side) for side in (left, right)]
    if FANCY and shutil.get_terminal_size().columns < 2 * (COLUMN + 4) + 2:
        print("\n".join(columns[0] + columns[1]))
        return
    for line in zip_longest(*columns, fillvalue=""):
        print("  ".join(line).rstrip())


def boxed(title, rows):
    top = f"┌─ {title} " + "─" * (COLUMN - len(title) - 1) + "┐"
    lines = [f"│ {paint(colour, text.ljust(COLUMN))} │" for colour, text in rows]
    return [top, *lines, "└" + "─" * (COLUMN + 2) + "┘"]


def plain(title, rows):
    texts = [title, "-" * len(title)] + [text for _, text in rows]
    return [text.ljust(COLUMN) for text in texts]
