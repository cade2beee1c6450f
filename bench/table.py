"""Plain tables, and a word on the machine that they were made on."""

import os
import platform
from pathlib import Path


def render(head, rows):
    """Columns as wide as they need to be; the first one to the left, the others to the right."""
    lines = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = [row_text(line, widths) for line in lines]
    return "\n".join([text[0], "  ".join("-" * width for width in widths), *text[1:]])


def row_text(line, widths):
    first = line[0].ljust(widths[0])
    return "  ".join([first, *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))])


def machine():
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return f"Linux {platform.release()}, {os.cpu_count()} x {model}, load {load}"
