"""Medians and the like, over samples in nanoseconds."""

from statistics import median


def ms(ns):
    return ns / 1e6


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(samples):
    """The middle half, as a share of the median: how noisy the machine was."""
    return (percentile(samples, 0.75) - percentile(samples, 0.25)) / median(samples)


def turned(items, number):
    """The same items, in an order that turns with each round."""
    shift = number % len(items)
    return items[shift:] + items[:shift]
