"""Sets of new faces that are decoded whenever somebody asks for one: codes stay in memory, pictures do not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from reecho.methods import Method

if TYPE_CHECKING:
    from reecho.trained import Network


class OnDemand(Mapping[Method, np.ndarray]):
    """Method → float32 (n, H, W, 3), made anew at each access; joined by `|` with another, or with a dictionary of arrays.

    Args:
        makers: method → what gives its faces.

    Example:
        >>> from reecho.methods import REAL
        >>> sets = OnDemand({REAL: lambda: np.ones((2, 8, 8, 3))}) | {REAL: np.zeros((4, 8, 8, 3))}
        >>> sets[REAL].shape
        (4, 8, 8, 3)
    """

    def __init__(self, makers: Mapping[Method, Callable[[], np.ndarray]]):
        self._makers = dict(makers)

    @classmethod
    def decoded(cls, network: Network, codes: Mapping[Method, np.ndarray]) -> OnDemand:
        """The faces of codes, float32 (n, latent_dim) each, that a network decodes."""
        return cls({method: partial(network.decode, z) for method, z in codes.items()})

    def only(self, methods: Collection[Method]) -> OnDemand:
        """Those of some methods, in this mapping's order."""
        return OnDemand({method: make for method, make in self._makers.items() if method in methods})

    def __getitem__(self, method: Method) -> np.ndarray:
        return self._makers[method]()

    def __iter__(self) -> Iterator[Method]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __or__(self, others: Mapping[Method, np.ndarray]) -> OnDemand:
        return OnDemand(self._makers | _makers_of(others))

    def __ror__(self, others: Mapping[Method, np.ndarray]) -> OnDemand:
        return OnDemand(_makers_of(others) | self._makers)


def _makers_of(sets: Mapping[Method, np.ndarray]) -> dict[Method, Callable[[], np.ndarray]]:
    if isinstance(sets, OnDemand):
        return sets._makers
    return {method: partial(np.asarray, faces) for method, faces in sets.items()}
