"""The reference network in PyTorch, epoch by epoch: python -P -m reecho.benchmark.torch_child REQUEST.

For each line on its standard input it trains one epoch, and writes pictures a second. PyTorch is no dependency; it is imported
where somebody has installed it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

_RATE, _WEIGHT = 1e-4, 100_000.0


def main() -> None:
    """Train an epoch for each line."""
    request = json.loads(sys.argv[1])
    layers = [request[name] for name in ("filters", "kernels", "strides", "latent_dim")]
    faces, batch = np.load(request["faces"]), request["batch"]
    epoch = training_of(faces, batch, request["channels_last"], *layers)
    for _ in sys.stdin:
        start = time.perf_counter()
        epoch()
        print(len(faces) // batch * batch / (time.perf_counter() - start), flush=True)


def training_of(
    faces: np.ndarray, batch: int, channels_last: bool, filters: Sequence[int], kernels: Sequence[int], strides: Sequence[int],
    latent_dim: int,
) -> Callable[[], float]:  # fmt: skip
    """A function that trains the network for an epoch, by fused Adam, and returns the loss of its last batch.

    Args:
        faces: float32 (N, H, W, 3) in [0, 1].
        batch: pictures a step; what is left over is not learnt from.
        channels_last: PyTorch's format of memory, else channels first.
        filters, kernels, strides, latent_dim: as for `reecho.model.build_encoder`, kernels odd.
    """
    torch: Any = import_module("torch")  # not among the imports: it is no dependency, and nothing else may need it
    torch.manual_seed(0)
    order = torch.channels_last if channels_last else torch.contiguous_format
    encoder, decoder, heads = network(torch, faces.shape[1], filters, kernels, strides, latent_dim)
    whole = torch.nn.ModuleList([encoder, decoder, *heads]).to(memory_format=order)
    adam = torch.optim.Adam(whole.parameters(), lr=_RATE, fused=True)
    pictures = torch.from_numpy(faces).permute(0, 3, 1, 2).contiguous(memory_format=order)

    def epoch() -> float:
        for chosen in torch.randperm(len(pictures))[: len(pictures) // batch * batch].split(batch):
            targets = pictures[chosen].contiguous(memory_format=order)
            hidden = encoder(targets)
            mean, log_variance = heads[0](hidden), heads[1](hidden).clamp(-20, 20)
            outputs = decoder(mean + torch.exp(log_variance / 2) * torch.randn_like(mean))
            kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean()
            loss = _WEIGHT * torch.nn.functional.mse_loss(outputs, targets) + kl
            adam.zero_grad(set_to_none=True)
            loss.backward()
            adam.step()
        return float(loss.detach())

    return epoch


def network(
    torch: Any, size: int, filters: Sequence[int], kernels: Sequence[int], strides: Sequence[int], latent_dim: int
) -> tuple[Any, Any, tuple[Any, Any]]:
    """Encoder to its flat features, decoder, and the layers of mean and log-variance."""
    nn = torch.nn
    layers, channels, side = [], 3, size
    for count, kernel, stride in zip(filters, kernels, strides, strict=True):
        layers += [nn.Conv2d(channels, count, kernel, stride, kernel // 2), nn.ReLU(), nn.BatchNorm2d(count)]
        channels, side = count, side // stride
    encoder = nn.Sequential(*layers, nn.Flatten())
    values = channels * side * side
    layers = [nn.Linear(latent_dim, values), nn.Unflatten(1, (channels, side, side))]
    for index in range(len(filters) - 1, 0, -1):
        layers += [_transposed(nn, channels, filters[index], kernels[index], strides[index]), nn.ReLU()]
        layers += [nn.BatchNorm2d(filters[index])]
        channels = filters[index]
    decoder = nn.Sequential(*layers, _transposed(nn, channels, 3, kernels[0], strides[0]), nn.Sigmoid())
    return encoder, decoder, (nn.Linear(values, latent_dim), nn.Linear(values, latent_dim))


def _transposed(nn: Any, inputs: int, outputs: int, kernel: int, stride: int) -> Any:
    return nn.ConvTranspose2d(inputs, outputs, kernel, stride, kernel // 2, stride - 1)


if __name__ == "__main__":
    main()
