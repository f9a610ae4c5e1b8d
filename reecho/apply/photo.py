"""A photo as it is worked on and written: upright, at its own size, with its metadata, its colour profile and its transparency."""

from __future__ import annotations

import contextlib
import math
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageCms, PngImagePlugin, TiffImagePlugin

from reecho.colour import luma
from reecho.data.picture import in_srgb, on_white, to_rgb, upright
from reecho.errors import ReechoError

KINDS = {"png": ".png", "jpeg": ".jpg", "tiff": ".tif", "webp": ".webp"}  # that photos are written as, and their suffixes
_KIND_OF = {
    ".jpg": "jpeg", ".jpeg": "jpeg", ".jpe": "jpeg", ".jfif": "jpeg", ".mpo": "jpeg",
    ".tif": "tiff", ".tiff": "tiff", ".webp": "webp",
}  # fmt: skip
_HOW: dict[str, dict[str, Any]] = {
    "png": {}, "jpeg": {"quality": 95, "subsampling": 0}, "tiff": {"compression": "tiff_deflate"}, "webp": {"lossless": True},
}  # fmt: skip
_STRUCTURE = (  # entries of TIFF that say how its pixels are stored, which are not those of another file
    254, 255, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 280, 281, 284, 290, 291, 292, 293, 297, 301, 317, 318, 319, 320,
    321, 322, 323, 324, 325, 330, 332, 334, 336, 337, 338, 339, 340, 341, 342, 347, 512, 513, 514, 529, 530, 531, 532, 700, 34675,
)  # fmt: skip
_TURN_IN_XMP = re.compile(rb"\s*tiff:Orientation=\"\d\"|<tiff:Orientation>\d</tiff:Orientation>")
_LARGEST_ENTRY = 65_000  # bytes of EXIF, and of XMP, that a JPEG holds
_DEEP = 65535  # white in 16 bits


@dataclass(frozen=True)
class Photo:
    """A photo in memory, once.

    Args:
        picture: upright, of mode L, LA, RGB, RGBA or I;16.
        profile: ICC profile of its values, or None.
        exif: its entries, upright, or None.
        xmp: the same in XMP, or None.
        dpi: dots per inch across and down, or None.
        shortened: whether the file has more than 8 bits a colour, of which 8 are left.
    """

    picture: Image.Image
    profile: bytes | None = None
    exif: Image.Exif | None = field(default=None, repr=False)
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    shortened: bool = False

    @property
    def grey(self) -> bool:
        """Whether it has no colours."""
        return self.picture.mode in ("L", "LA", "I;16")

    def cut(self, box: tuple[int, int, int, int]) -> Photo:
        """A part of it: left, top, right, bottom in pixels."""
        return replace(self, picture=self.picture.crop(box))

    def rows(self, first: int, last: int) -> np.ndarray:
        """Rows from a first one to before a last one: uint8 (n, W, 3), of 16-bit pictures float32 in [0, 1]; grey three times."""
        values = np.asarray(self.picture.crop((0, first, self.picture.width, last)))
        if self.picture.mode == "I;16":
            values = values.astype("float32") / _DEEP
        if values.ndim == 2:
            values = values[..., None]
        return values[..., :3] if values.shape[-1] > 2 else np.repeat(values[..., :1], 3, axis=-1)

    def put(self, top: int, pixels: np.ndarray) -> None:
        """Write rows over its own, float32 (n, W, 3), clipped to [0, 1]; transparency stays, grey takes their luma."""
        for first in range(0, len(pixels), 64):  # few at a time: the steps between would fill the memory
            part = pixels[first : first + 64]
            part = np.clip(luma(part) if self.grey else part, 0, 1)  # (n, W, 1 or 3)
            if self.picture.mode == "I;16":
                values = (part[..., 0] * _DEEP + 0.5).astype("uint16")
            else:
                values = (part * 255 + 0.5).astype("uint8")
                if self.picture.mode in ("LA", "RGBA"):
                    own = self.picture.crop((0, top + first, self.picture.width, top + first + len(part)))
                    values = np.concatenate([values, np.asarray(own)[..., -1:]], axis=-1)
                values = values[..., 0] if values.shape[-1] == 1 else values
            self.picture.paste(Image.fromarray(values), (0, top + first))

    def in_colour(self) -> Photo:
        """The same photo with three colours of sRGB of 8 bits, its transparency kept."""
        opacity = self.picture.getchannel("A") if self.picture.mode in ("LA", "RGBA") else None
        picture = self.picture.convert("RGB") if opacity else self.picture
        picture.info = {"icc_profile": self.profile} if self.profile else {}
        coloured = to_rgb(picture)
        if opacity:
            coloured.putalpha(opacity)
        return replace(self, picture=coloured, profile=_srgb() if self.profile else None)

    def save(self, path: Path, kind: str) -> None:
        """Write it.

        Args:
            path: the file.
            kind: one of KINDS.

        Raises:
            ReechoError: files of that kind hold no picture of its size.
        """
        picture, options = self.picture, dict(_HOW[kind])
        picture.info = {}  # Pillow would take from it what concerns the old file
        if kind == "jpeg" and picture.mode in ("LA", "RGBA"):
            picture = on_white(picture)
        if kind in ("jpeg", "webp") and picture.mode == "I;16":
            picture = to_rgb(picture).convert("L")
        if self.profile:
            options["icc_profile"] = self.profile
        if self.dpi:
            options["dpi"] = self.dpi
        if self.exif is not None:
            inner = self.exif.get_ifd(ExifTags.IFD.Exif)
            for side, length in zip((ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight), picture.size, strict=True):
                if side in inner:
                    inner[side] = length
            entries = self.exif.tobytes()
            if kind != "jpeg" or len(entries) <= _LARGEST_ENTRY:
                options["exif"] = entries
                options.pop("compression", None)  # the library that compresses TIFF writes no entries of EXIF
        if self.xmp and (kind != "jpeg" or len(self.xmp) <= _LARGEST_ENTRY):
            options |= _xmp(kind, self.xmp)
        try:
            picture.save(path, kind, **options)
        except (ValueError, OverflowError) as error:
            raise ReechoError(
                f"A picture of {picture.width} × {picture.height} pixels cannot be written as {kind} ({error}); use --format png."
            ) from error
        except OSError as error:
            if error.errno is None:  # of the encoder, not of the disk
                sentence = f"A picture of {picture.width} × {picture.height} pixels cannot be written as {kind}; use --format png."
                raise ReechoError(sentence) from error
            raise


def kind_of(path: Path, wanted: str | None = None) -> str:
    """The kind of file that is written for a photo: the wanted one, else the photo's own, or PNG where it is none of KINDS.

    Example:
        >>> kind_of(Path("holiday.JPG")), kind_of(Path("scan.bmp")), kind_of(Path("holiday.jpg"), "tiff")
        ('jpeg', 'png', 'tiff')
    """
    return wanted or _KIND_OF.get(path.suffix.lower(), "png")


def read(opened: Image.Image) -> Photo:
    """A photo that `reecho.data.picture.opened` opened, decoded.

    Raises:
        Exception: of any kind: it is damaged.
    """
    info = opened.info
    profile, xmp = info.get("icc_profile") or None, info.get("xmp")
    dpi = _dpi(info.get("dpi"))
    shortened = opened.mode in ("RGB", "RGBA") and ";16" in str([tile[3] for tile in getattr(opened, "tile", [])])
    opened.load()
    picture, other_values = _plain(upright(opened))
    entries = _entries(opened)  # after `upright`, which reads the turn that this sets right
    if other_values and profile:
        profile = _srgb()
    xmp = _TURN_IN_XMP.sub(b"", xmp) if isinstance(xmp, bytes) else None
    return Photo(picture, profile, entries, xmp, dpi, shortened)


def _plain(picture: Image.Image) -> tuple[Image.Image, bool]:
    """A picture in one of the modes of `Photo`, and whether its values became those of sRGB for it."""
    mode = picture.mode
    if mode.startswith("I") or mode == "F":
        return _of_16_bits(picture), False
    if mode in ("1", "L", "LA", "RGB", "RGBA", "P", "PA", "La", "RGBa"):
        grey, seen_through = mode in ("1", "L", "LA", "La"), picture.has_transparency_data
        wanted = ("LA" if grey else "RGBA") if seen_through and mode != "1" else "L" if grey else "RGB"
        return (picture if mode == wanted and "transparency" not in picture.info else picture.convert(wanted)), False
    return to_rgb(in_srgb(picture)), True  # of other colours, such as CMYK


def _of_16_bits(picture: Image.Image) -> Image.Image:
    """Values of more than 8 bits as 16 bits; what they reach to tells what is white, as in `reecho.data.picture.to_rgb`."""
    if picture.mode == "I;16":
        return picture
    top = float(_DEEP)
    if not picture.mode.startswith("I;16"):
        highest = max(np.nan_to_num(_rows(picture, row)).max() for row in range(0, picture.height, 64))
        top = next((top for top in (1.0, 255.0, float(_DEEP)) if highest <= top), float(highest))
    deep = Image.new("I;16", picture.size)
    for row in range(0, picture.height, 64):
        values = np.clip(np.nan_to_num(_rows(picture, row)) * (_DEEP / top) + 0.5, 0, _DEEP)
        deep.paste(Image.fromarray(values.astype("uint16")), (0, row))
    return deep


def _rows(picture: Image.Image, row: int) -> np.ndarray:
    return np.asarray(picture.crop((0, row, picture.width, min(row + 64, picture.height))), "float64")


def _entries(opened: Image.Image) -> Image.Exif | None:
    """The entries of EXIF that hold for an upright picture in another file, or None where there are none or they are broken."""
    try:
        exif = opened.getexif()
        for entry in _STRUCTURE:
            exif.pop(entry, None)
        if ExifTags.Base.Orientation in exif:
            exif[ExifTags.Base.Orientation] = 1
        if not len(exif):
            return None
        exif.tobytes()
    except Exception:  # Pillow raises many kinds for broken entries, and none of them concerns the pixels
        return None
    return exif


def _dpi(entry: Any) -> tuple[float, float] | None:
    with contextlib.suppress(TypeError, ValueError, ZeroDivisionError):
        across, down = (float(number) for number in entry)
        if all(math.isfinite(number) and 0 < number < 1e5 for number in (across, down)):
            return across, down
    return None


def _xmp(kind: str, xmp: bytes) -> dict[str, Any]:
    """What Pillow takes to write XMP into a file of a kind."""
    if kind == "png":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt("XML:com.adobe.xmp", xmp.decode("utf-8", "replace"))
        return {"pnginfo": chunks}
    if kind == "tiff":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[700] = xmp
        return {"tiffinfo": tags}
    return {"xmp": xmp}


def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
