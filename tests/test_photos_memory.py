"""A photo of 90 megapixels is denoised within 2 GiB."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PIL import Image

LARGE = '''
import sys
from pathlib import Path
from types import SimpleNamespace
import psutil
from PIL import Image
from reecho.apply import Denoising, apply
from reecho.networks import photo_denoiser
from reecho.pipeline.execute import most_memory

out = Path(sys.argv[1])
exif = Image.Exif()
exif[0x112] = 6
Image.linear_gradient("L").resize((11_000, 8_200)).convert("RGB").save(out / "large.png", compress_level=1, exif=exif)
network = photo_denoiser.build((64, 64, 3), seed=0)


class EveryFourth:
    """What removes noise from each fourth tile and leaves the others, for the network's memory does not grow with their number."""

    tiles = 0

    def predict_on_batch(self, inputs):
        self.tiles += 1
        return network.removal.predict_on_batch(inputs) if self.tiles % 4 == 1 else inputs[0]


apply(Denoising(SimpleNamespace(reading=network.reading, removal=EveryFourth())), out / "large.png", out / "out")
# getrusage would tell the peak of the process that started this one, where that is more
print(most_memory(psutil.Process()) // 2**20)
'''


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "darwin", reason="keeps no peak of a process's memory")
def test_90_megapixels_take_less_than_2_gib(tmp_path):
    done = subprocess.run([sys.executable, "-c", LARGE, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) < 2048
    with Image.open(tmp_path / "out" / "large-denoising.png") as made:
        assert made.size == (8_200, 11_000)
