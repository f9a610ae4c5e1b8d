"""Trained networks on a person's own pictures."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from reecho.colour import chroma, fit_gamut, luma
from reecho.data.archive import SUFFIXES, Folder, plain
from reecho.data.picture import WIDTH, opened, square, to_rgb, upright
from reecho.data.resize import shrink
from reecho.errors import ReechoError, one_line
from reecho.files import written_aside
from reecho.tasks import make_inputs

_LONGEST_NAME = 255  # bytes, of a file's name on the usual file systems


def frame(picture: Image.Image, size: int, crop: int = 60, whole: bool = False) -> np.ndarray:
    """Cut the face out of a picture as it is cut out of LFW's: centre square, to 250 pixels, `crop` off each side, shrunk.

    Args:
        picture: of any size and mode; transparency is laid on white, a camera's rotation is applied.
        size: width and height of the face in pixels.
        crop: pixels of 250 cut off each side.
        whole: keep the whole centre square.

    Returns:
        float32 (size, size, 3) in [0, 1].

    Example:
        >>> frame(Image.new("L", (640, 480), 255), 32).shape
        (32, 32, 3)
    """
    pixels = np.asarray(square(to_rgb(upright(picture))))  # (250, 250, 3)
    part = slice(0, None) if whole else slice(crop, WIDTH - crop)
    return shrink(pixels[None, part, part], size)[0]


def own_pixels(picture: Image.Image, crop: int = 60, whole: bool = False) -> np.ndarray:
    """The same part of a picture as `frame` takes, in the picture's own resolution.

    Args:
        picture, crop, whole: as for `frame`.

    Returns:
        float32 (S, S, 3) in [0, 1].

    Example:
        >>> own_pixels(Image.new("L", (640, 500), 255)).shape
        (260, 260, 3)
    """
    turned = to_rgb(upright(picture))
    side = min(turned.size)
    margin = 0 if whole else min(round(side * crop / WIDTH), (side - 1) // 2)
    left, top = (turned.width - side) // 2 + margin, (turned.height - side) // 2 + margin
    part = turned.crop((left, top, left + side - 2 * margin, top + side - 2 * margin))
    return np.asarray(part, "float32") / 255


def in_colour(pixels: np.ndarray, output: np.ndarray) -> np.ndarray:
    """A picture's own brightness with the colours of a small output, whose lower resolution is hardly visible in colours.

    Args:
        pixels: float32 (S, S, 3) in [0, 1], whose luma is taken.
        output: float32 (size, size, 3) in [0, 1], whose chroma is taken.

    Returns:
        float32 (S, S, 3) in [0, 1].
    """
    size = pixels.shape[:2]
    large = [Image.fromarray(channel).resize(size, Image.Resampling.BICUBIC) for channel in np.moveaxis(chroma(output), -1, 0)]
    return fit_gamut(luma(pixels)[None], np.stack([np.asarray(channel) for channel in large], axis=-1)[None])[0]


def pictures_in(source: Path, out: Path) -> tuple[list[Path], list[Path]]:
    """The picture itself, or those in a folder and its subfolders, without what lies in `out`; and the files that are none.

    Raises:
        ReechoError: nothing there, or a folder without pictures.
    """
    if source.is_file():
        return [source], []
    if not source.is_dir():
        raise ReechoError(f"{source} is not there; give a picture or a folder of pictures.")
    folder = Folder(source)
    own = out.resolve() if out.resolve() != source.resolve() else None  # outputs of an earlier call lie there
    pictures, others = (
        [source / name for name in names if own not in (source / name).resolve().parents]
        for names in (folder.members(), folder.others())
    )
    if not pictures:
        raise ReechoError(f"{source} holds no pictures; reecho reads {', '.join(suffix[1:] for suffix in SUFFIXES)}.")
    return pictures, others


def targets_for(pictures: list[Path], source: Path, out: Path, task: str) -> list[Path]:
    """Where each picture's output goes: the same place below `out`, named for the task; never onto a picture that is read.

    Raises:
        ReechoError: an output would overwrite one of the pictures.
    """
    above = source if source.is_dir() else source.parent
    targets: list[Path] = []
    for picture in pictures:
        place = (out / picture.relative_to(above)).parent
        target = place / _short(picture.stem, f"-{task}.png")
        if target in targets:  # face.jpg and face.png
            target = place / _short(picture.name, f"-{task}.png")
        targets.append(target)
    read = {picture.resolve() for picture in pictures}
    for target in targets:
        if target.resolve() in read:
            raise ReechoError(f"{target} is one of the pictures to read and would be overwritten. Give another folder with --out.")
    return targets


def _in_short(files: list[Path]) -> str:
    shown = ", ".join(one_line(plain(str(file))) for file in files[:5])
    return shown if len(files) <= 5 else f"{shown} and {len(files) - 5} more"


def _short(name: str, ending: str) -> str:
    """A name with an ending; one that no file system takes is cut, with a digest of the whole in place of the rest."""
    if len(os.fsencode(name + ending)) <= _LONGEST_NAME:
        return name + ending
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    while len(os.fsencode(f"{name}-{digest}{ending}")) > _LONGEST_NAME:
        name = name[:-1]
    return f"{name}-{digest}{ending}"


def apply(
    reproduce: Callable[[np.ndarray], np.ndarray],
    task: str,
    source: Path,
    out: Path,
    size: int,
    crop: int = 60,
    whole: bool = False,
    sigma: float = 0.0,
    seed: int = 0,
    small: bool = False,
    say: Callable[[str], None] = print,
) -> list[Path]:
    """Put pictures through a trained network and write what comes out as PNG.

    Args:
        reproduce: a trained network's: inputs (1, size, size, 3) → outputs of the same shape; called for one picture after another.
        task: "reconstruction", "denoising" or "colourisation".
        source: a picture or a folder of pictures.
        out: folder for the outputs, size × size pixels each; colourings keep the picture's own resolution and brightness.
        size, crop, whole: the face frame, as in `frame`.
        sigma: for denoising, noise to add first, in intensity units of [0, 1]; a picture may well be noisy already.
        seed: of that noise.
        small: colourings have size × size pixels too, as the network made them.
        say: takes a line for each picture that cannot be read, and one that names the files that are no pictures.

    Returns:
        The files written.

    Raises:
        ReechoError: no picture is there or can be read, or one would be overwritten.
    """
    pictures, others = pictures_in(source, out)
    targets = targets_for(pictures, source, out, task)
    if others:
        say(f"Left out, since reecho reads no pictures of their kind: {len(others)} ({_in_short(others)}).")
    rng, written = np.random.default_rng(seed), []
    for picture, target in zip(pictures, targets, strict=True):  # one at a time: photos of many megapixels would fill the memory
        try:
            with opened(picture) as content:
                face = frame(content, size, crop, whole)[None]  # (1, size, size, 3)
                own = own_pixels(content, crop, whole) if task == "colourisation" and not small else None
        except Exception as error:  # Pillow raises errors of many kinds for damaged pictures
            say(f"{one_line(plain(str(picture)))} cannot be read as a picture and is skipped ({type(error).__name__}).")
            continue
        noise = rng.standard_normal(face.shape, dtype="float32")
        output = reproduce(make_inputs(task, face, noise, sigma))[0]
        pixels = output if own is None else in_colour(own, output)
        with written_aside(target) as aside:
            Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype("uint8")).save(aside)
        written.append(target)
    if not written:
        raise ReechoError(
            f"None of {len(pictures)} files can be read as a picture, so nothing was written. Save them as PNG or JPEG."
        )
    return written
