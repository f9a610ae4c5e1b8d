"""What a method is: its kind, its name, its settings, its estimate. `reecho.titles` makes names for readers of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from reecho.errors import ReechoError

Kind = Literal["input", "baseline", "oracle", "network"]
Estimate = Literal["mean", "draw"]
Value = str | int | float | bool
KINDS: tuple[str, ...] = get_args(Kind)
ESTIMATES: tuple[str, ...] = get_args(Estimate)
SHIPPED = "shipped"  # the variant "origin" of a network that came with the package


@dataclass(frozen=True)
class Method:
    """The identity of a method, by which rows, outputs and figures refer to it.

    Args:
        kind: "input" (what the task gives, as it is), "baseline" (no network), "oracle" (it sees the target) or "network".
        name: a key such as "lmmse"; of a network its name in `reecho.networks.NETWORKS`.
        variant: pairs of (setting, value) in which methods of one name differ, such as (("k", 64),); they are sorted, and whole
            numbers are integers, so that equal methods have equal identifiers.
        estimate: of a method with a code, whether its mean or one draw of z is decoded; None where there is no such choice.
        seed: of the training where networks of several seeds stand apart, else None.

    Raises:
        ReechoError: an unknown kind or estimate, a name that is no key, or a setting that is neither text nor a number.

    Example:
        >>> Method("baseline", "pca", (("k", 64),)) == baseline("pca", k=64)
        True
    """

    kind: Kind
    name: str
    variant: tuple[tuple[str, Value], ...] = ()
    estimate: Estimate | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ReechoError(f"A method cannot be of the kind {self.kind!r}; choose one of {', '.join(KINDS)}.")
        if self.estimate not in (None, *ESTIMATES):
            raise ReechoError(
                f"A method cannot have the estimate {self.estimate!r}; choose one of {', '.join(ESTIMATES)}, or None."
            )
        if not isinstance(self.name, str) or not re.fullmatch(r"[a-z0-9_]+", self.name):
            raise ReechoError(f"{self.name!r} cannot name a method; use small letters, digits and underscores, as in 'nl_means'.")
        for setting, value in self.variant:
            if not isinstance(value, str | int | float):
                raise ReechoError(f"The setting {setting} of a method is {value!r}; give text, a number, True or False.")
        whole = {setting: _integer_where_whole(value) for setting, value in self.variant}
        object.__setattr__(self, "variant", tuple(sorted(whole.items())))

    @property
    def is_network(self) -> bool:
        """Whether it is one of the project's networks."""
        return self.kind == "network"

    def setting(self, name: str) -> Value | None:
        """The value of one setting of the variant, None where there is none."""
        return dict(self.variant).get(name)

    def varied(self, **settings: Value) -> Method:
        """The same method with further or other settings."""
        return replace(self, variant=tuple((dict(self.variant) | settings).items()))

    def without(self, *names: str) -> Method:
        """The same method without these settings."""
        return replace(self, variant=tuple(pair for pair in self.variant if pair[0] not in names))

    @property
    def mean(self) -> Method:
        """The same method, the mean of z decoded."""
        return replace(self, estimate="mean")

    @property
    def draw(self) -> Method:
        """The same method, one draw of z decoded."""
        return replace(self, estimate="draw")

    @property
    def code(self) -> Method:
        """The same method without its estimate: what has the rate, whichever estimate is decoded."""
        return replace(self, estimate=None)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: kind, name, variant, estimate, seed."""
        return {
            "kind": self.kind, "name": self.name, "variant": dict(self.variant), "estimate": self.estimate, "seed": self.seed,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Method:
        """The method of which `as_dict` gave these values."""
        variant = tuple(values.get("variant", {}).items())
        return cls(values["kind"], values["name"], variant, values.get("estimate"), values.get("seed"))

    @property
    def identifier(self) -> str:
        """The same as one line of text, the same for equal methods."""
        return json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_identifier(cls, text: str) -> Method:
        """The method of an `identifier`."""
        return cls.from_dict(json.loads(text))


def _integer_where_whole(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def given(name: str) -> Method:
    """What a task gives, taken as the answer."""
    return Method("input", name)


def baseline(name: str, **variant: Value) -> Method:
    """A method without a network."""
    return Method("baseline", name, tuple(variant.items()))


def oracle(name: str, **variant: Value) -> Method:
    """A method that sees the target."""
    return Method("oracle", name, tuple(variant.items()))


def network(name: str, **variant: Value) -> Method:
    """One of the project's networks."""
    return Method("network", name, tuple(variant.items()))


# Methods that more than one module names; the functions of `reecho.baselines` make the others, with the settings that they used.
MEAN_FACE = baseline("mean_face")
LINEAR_VAE = baseline("linear_vae")
NOISY = given("noisy")
WAVELET = baseline("wavelet")
WAVELET_SPIN = baseline("wavelet", spins=3)
TOTAL_VARIATION = baseline("total_variation")
NL_MEANS = baseline("nl_means")
SLIDING_DCT = baseline("sliding_dct")
SELECTIVE_MEDIAN = baseline("selective_median")
CBM3D = baseline("cbm3d")
LMMSE = baseline("lmmse")
GREY = given("grey")
MEAN_CHROMA = baseline("mean_chroma")
RIDGE = baseline("ridge")
REAL = baseline("real")
PIXEL_MEAN = baseline("pixel_mean")
EXACT_CODES = ("pca",)  # names of baselines whose codes are exact numbers, without a rate


def pca(k: int) -> Method:
    """Principal component analysis with k components."""
    return baseline("pca", k=k)


def codec(format: str, quality: int) -> Method:
    """A picture format ("webp" or "jpeg") at a quality from 1 to 100."""
    return baseline(format, quality=quality)
