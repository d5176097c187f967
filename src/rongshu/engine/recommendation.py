"""What a seller might sell next: learned from who sells what, held against best sellers on weeks it has not seen.

A linear model of products by products in closed form (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019),
added to how many sell each product of late. Weights count orders, and late ones once more, by their logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

RIDGE = 1000.0
"""How strongly rare pairs are drawn to 0."""
TOP = 10
"""How many suggestions are measured."""
AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Sales:
    """Who sold what: one entry a seller and product, each by its place; `recent` counts those of the late weeks among `orders`."""

    seller: I64
    product: I64
    orders: I64
    recent: I64
    sellers: int
    products: int

    def weights(self) -> F64:
        """One weight an entry."""
        found: F64 = np.log1p(self.orders.astype(np.float64)) + np.log1p(self.recent.astype(np.float64))
        return found

    def popular(self) -> F64:
        """How many sold each product of late."""
        return np.bincount(self.product[self.recent > 0], minlength=self.products).astype(np.float64)


def learn(sales: Sales) -> F64:
    """Products × products: how much selling the one speaks for selling the other, below 0 against it; 0 of a product for itself."""
    if not sales.products:
        return np.zeros((0, 0))
    together = np.zeros((sales.products, sales.products))
    order = np.argsort(sales.seller, kind="stable")
    seller, product, weight = sales.seller[order], sales.product[order], sales.weights()[order]
    for first in range(0, sales.sellers, AT_ONCE):
        start, end = np.searchsorted(seller, (first, first + AT_ONCE))
        part = np.zeros((min(AT_ONCE, sales.sellers - first), sales.products))
        part[seller[start:end] - first, product[start:end]] = weight[start:end]
        together += part.T @ part
    together[np.diag_indices(sales.products)] += RIDGE
    inverse = np.linalg.inv(together)
    found: F64 = -inverse / np.diag(inverse)
    np.fill_diagonal(found, 0.0)
    return found


def scores(affinity: F64, popular: F64) -> F64:
    """How much speaks for each product: its affinity to what is sold, and its popularity, each by its own spread."""
    spread = affinity.std(axis=-1, keepdims=True)
    known = np.divide(affinity, spread, out=np.zeros_like(affinity), where=spread > 0)
    width = float(popular.std())
    found: F64 = known + (popular / width if width > 0 else popular)
    return found


def best(found: F64, taken: NDArray[np.bool_], count: int) -> I64:
    """The places of the highest scores that are not `taken`, best first; of equal ones the earlier place."""
    allowed = np.where(taken, -np.inf, found)
    order = np.argsort(-allowed, kind="stable")[:count]
    return order[np.isfinite(allowed[order])].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of what sellers took up for the first time in the weeks after: the share of suggestions that were hits, in ppm."""

    learned: int
    popular: int
    sellers: int
    """How many took up something new, and count here."""

    @property
    def beats(self) -> bool:
        """Whether what was learned is worth more than the list of best sellers."""
        return self.learned > self.popular


def measure(past: Sales, after: Sales) -> Measured:
    """Learns from `past` alone and holds its TOP suggestions of products new to each seller against `after`.

    Both name the same sellers and products. Rounded down to ppm.
    """
    learned, popular = learn(past), past.popular()
    sold = np.zeros((past.sellers, past.products))
    sold[past.seller, past.product] = past.weights()
    came = np.zeros((past.sellers, past.products), dtype=bool)
    came[after.seller, after.product] = True
    came &= sold == 0
    counted = np.flatnonzero(came.any(axis=1))
    hits = [0, 0]
    for first in range(0, len(counted), AT_ONCE):
        chosen = counted[first : first + AT_ONCE]
        own = sold[chosen]
        for place, found in enumerate((scores(own @ learned, popular), np.tile(popular, (len(chosen), 1)))):
            top = np.argsort(-np.where(own > 0, -np.inf, found), axis=1, kind="stable")[:, :TOP]
            hits[place] += int(np.take_along_axis(came[chosen], top, axis=1).sum())
    shown = max(1, len(counted) * min(TOP, past.products))
    return Measured(hits[0] * 1_000_000 // shown, hits[1] * 1_000_000 // shown, len(counted))


__all__ = ["Measured", "Sales", "best", "learn", "measure", "scores"]
