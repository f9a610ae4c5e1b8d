"""The figures of notebook 00 that compute in the page: what each widget is given, beside its still figure."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from reecho.attributes import NAMES
from reecho.batches import predict
from reecho.data.resize import shrink
from reecho.own_picture.page import CROP, examples
from reecho.report import figure
from reecho.report.sprites import WIDGET
from reecho.vae_widget import closed_form, weights
from reecho.vae_widget.weights import Rounded

_HERO = "Move α: water, axes and face follow."
_AXES = "Choose an axis and move its z; axis 1 has the largest variance, the last ones are dark."
_MIX = "Choose two people and how their codes are mixed."
_ATTRIBUTES = "Ask for more or less of each attribute, in its standard deviations over faces."
_PRIOR = "Codes drawn from the prior, decoded in the page."


@dataclass(frozen=True)
class Living:
    """The VAE of a page, and the faces that a reader chooses from.

    Args:
        vae: with the weights that the page has.
        weight: the α that its network learnt with.
        faces: float32 (n, H, W, 3) in [0, 1], whole 255ths.
        names: of the n faces.
    """

    vae: Rounded
    weight: int
    faces: np.ndarray
    names: tuple[str, ...]

    @cached_property
    def held(self) -> dict[str, Any]:
        """The weights as the page has them."""
        return weights.packed(self.vae)

    @property
    def excuse(self) -> str:
        """Why the page shows still figures alone; "" where it computes."""
        numbers = self.vae.axes.size
        if numbers > weights.MOST_NUMBERS:
            return (
                f"The figures of this page stand still: at this size {len(self.vae.axes)} axes have {numbers:,} numbers, and a "
                f"page of at most 4 MB holds {weights.MOST_NUMBERS:,}. They move at 32×32 pixels with 256 axes, or here with "
                f"vae_axes={weights.MOST_NUMBERS // self.vae.values}."
            )
        size = self.characters
        if size > weights.LARGEST:
            return (
                f"The figures of this page stand still: the weights take {size / 1e6:.1f} MB as text, and a page of at most 4 MB "
                f"holds {weights.LARGEST / 1e6:.1f} MB. Fewer axes, for example vae_axes=128, make them move."
            )
        return ""

    @property
    def characters(self) -> int:
        """Of the weights as text."""
        return weights.characters(self.held)

    def hero(self, still: Figure, caption: str, alt: str, name: str = "") -> None:
        """Show a face, its code at every α, and the decoded face; the page's other figures take their model from this one."""
        points = closed_form.alphas(self.weight)
        model: dict[str, Any] = {"alphas": points, "learnt": points.index(self.weight), "rate": float(self.vae.nats.sum())}
        if self.vae.network and not self.excuse:
            model["check"] = weights.floats(predict(self.vae.network.reproduction, self.faces[-1:]).ravel())
        first = {"sheet": _sheet(self.faces), "places": list(range(len(self.faces)))}
        self._show("vae", _HERO, still, caption, alt, {"face": self.names}, lambda: first | {"model": {**model, "held": self.held}},
                   name=name)  # fmt: skip

    def axes(self, still: Figure, caption: str, alt: str) -> None:
        """Show a face whose code is set by hand, axis by axis."""
        self._show("vae_axes", _AXES, still, caption, alt, {"face": self.names})

    def mix(self, still: Figure, caption: str, alt: str) -> None:
        """Show two people's codes mixed by sum, mean, or with the variance kept."""
        self._show(
            "vae_mix",
            _MIX,
            still,
            caption,
            alt,
            {"person 1": self.names, "person 2": self.names},
            start=(0, min(3, len(self.names) - 1)),
        )

    def walk(self, steps: np.ndarray, still: Figure, caption: str, alt: str) -> None:
        """Show a face walked along attributes; steps: float32 (6, k), of `attributes.Directions.steps`."""
        more = {"names": list(NAMES), "steps": weights.floats(steps)}
        self._show("vae_attributes", _ATTRIBUTES, still, caption, alt, {"face": self.names}, lambda: more)

    def draws(self, still: Figure, caption: str, alt: str) -> None:
        """Show faces decoded from draws of the prior."""
        self._show("vae_prior", _PRIOR, still, caption, alt, {})

    def _show(
        self, widget: str, how: str, still: Figure, caption: str, alt: str, along: Mapping[str, Sequence[str]],
        more: Any = dict, start: Sequence[int] = (0, 0), name: str = "",
    ) -> None:  # fmt: skip
        if self.excuse:
            figure(still, caption, alt, name)
            return
        controls = [
            {"name": control, "labels": list(labels), "slides": False, "start": start[place]}
            for place, (control, labels) in enumerate(along.items())
        ]
        height, width = self.faces.shape[1:3]  # the faces themselves come with the first figure
        data = {
            "widget": widget, "how": how, "along": controls, "panels": ["target"], "places": [0] * len(self.names) ** len(along),
            "under": None, "sentences": None, "faces": 0 if along else None, "sheet": {"width": width, "height": height},
        }  # fmt: skip
        figure(still, caption, alt, name, widget={WIDGET: data | more()})


def _sheet(faces: np.ndarray) -> dict[str, Any]:
    """Faces side by side in one lossless WebP with all 256 levels, since what the page computes of them is compared."""
    levels = np.round(255 * faces).astype("uint8")
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(list(levels), axis=1)).save(buffer, "webp", lossless=True, quality=100, method=6)
    data, (count, height, width) = base64.b64encode(buffer.getvalue()).decode("ascii"), levels.shape[:3]
    return {"media": "image/webp", "data": data, "width": width, "height": height, "columns": count, "count": count}


def faces_to_choose(eight: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The held-out people and a drawn face, in whole 255ths as a page has them, and their names.

    Args:
        eight: float32 (n, H, W, 3) in [0, 1].
    """
    _, drawn = examples()[0]
    small = shrink(drawn[None, CROP:-CROP, CROP:-CROP], eight.shape[1])
    whole = np.round(255 * np.clip(np.concatenate([eight, small]), 0, 1)) / 255
    return whole.astype("float32"), (*(f"person {number + 1}" for number in range(len(eight))), "drawn face")
