"""What code is delivered in, one kind of wrapping a file; each takes it off or leaves the text alone."""

from ._layers import LAYERS, Layer, Layered

__all__ = ["LAYERS", "Layer", "Layered"]
