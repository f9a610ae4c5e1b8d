"""16-bit floats as text inside a page, without loss: low bytes, then high bytes, deflated, in base 85.

The low bytes of weights are noise, which nothing makes smaller; the high ones (sign, exponent, two bits of the fraction) hold under
six bits each. Apart, they deflate to 86 % of the whole; base 85 makes five characters of four bytes, base 64 makes four of three.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

from reecho.errors import ReechoError

_PYTHONS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
DIGITS = _PYTHONS.translate(bytes.maketrans(b"<&`", b"[],"))  # nothing that HTML could take for a tag or a character of its own


def pack(values: np.ndarray) -> dict[str, Any]:
    """16-bit floats as text.

    Args:
        values: float16 (n,), finite.

    Returns:
        "text" in DIGITS, "bytes" of the deflated planes, "count" of values: what `unpack` and the page's script need.

    Raises:
        ReechoError: not finite.

    Example:
        >>> pack(np.array([1, -2], "float16"))["count"]
        2
    """
    if not np.isfinite(values).all():
        raise ReechoError("A network that is to run in a page has a weight that is no finite number; ship another one.")
    planes = np.ascontiguousarray(values, "<f2").view("u1").reshape(-1, 2).T.tobytes()  # all low bytes, then all high ones
    # Huffman codes alone: weights do not repeat, and matches that chance made cost more than they save
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_HUFFMAN_ONLY)
    packed = deflate.compress(planes) + deflate.flush()
    text = to_text(packed)
    return {"text": text, "bytes": len(packed), "count": values.size}


def unpack(packed: dict[str, Any]) -> np.ndarray:
    """The 16-bit floats of `pack`, float16 (n,), bit for bit.

    Example:
        >>> unpack(pack(np.array([1, -2, 6e-8], "float16"))).tolist()  # the last one is the smallest above 0
        [1.0, -2.0, 5.960464477539063e-08]
    """
    planes = np.frombuffer(zlib.decompress(to_bytes(packed["text"])[: packed["bytes"]]), "u1").reshape(2, packed["count"])
    return planes.T.copy().view("<f2").ravel()


def to_text(data: bytes) -> str:
    """Bytes in base 85, zeros added until their number is a multiple of four.

    Example:
        >>> to_text(b"face")
        'W?^Gx'
    """
    return base64.b85encode(data + bytes(-len(data) % 4)).translate(bytes.maketrans(_PYTHONS, DIGITS)).decode("ascii")


def to_bytes(text: str) -> bytes:
    """The bytes of `to_text`, with the zeros that it added."""
    return base64.b85decode(text.encode("ascii").translate(bytes.maketrans(DIGITS, _PYTHONS)))
