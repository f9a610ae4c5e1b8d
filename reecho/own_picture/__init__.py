"""The shipped networks in the reader's browser, on a picture of his own: one page that asks no host for anything."""

from reecho.own_picture.page import LARGEST, write

__all__ = ["LARGEST", "write"]
