"""Records python.safetensors: a file written by the safetensors package from PyTorch tensors, for src/model/safetensors.ts.

Run: python test/golden/record-safetensors.py    (safetensors 0.8.0, torch 2.13.0; CPU, no randomness)
Tensors named *.float hold PyTorch's own widening of the 16-bit tensor beside them; rounded.bf16 its narrowing of rounded.float.
"""
import pathlib

import torch
from safetensors.torch import save_file

# zero, smallest and largest subnormal, smallest normal, 1, next to 1, largest, infinity, NaN; then the same negative
HALF = [0x0000, 0x0001, 0x03FF, 0x0400, 0x3C00, 0x3C01, 0x3555, 0x7BFF, 0x7C00, 0x7E00]
BFLOAT = [0x0000, 0x0001, 0x007F, 0x0080, 0x3F80, 0x3F81, 0x3EAB, 0x7F7F, 0x7F80, 0x7FC0]
# around ties: exactly half way to even and to odd, a hair beside them, into infinity, subnormals
FLOATS = [0x3F808000, 0x3F818000, 0x3F807FFF, 0x3F808001, 0x3F817FFF, 0x3F818001, 0x7F7F7FFF, 0x7F7F8000, 0x7F7FFFFF,
          0x00000001, 0x00008000, 0x00008001, 0x00018000, 0x7F800000, 0x80000000, 0xBF818000, 0x00000000, 0x42280000]


def bits16(patterns, dtype):
    both = [*patterns, *(p | 0x8000 for p in patterns)]
    return torch.tensor([p - 0x10000 if p >= 0x8000 else p for p in both], dtype=torch.int16).view(dtype)


def bits32(patterns):
    return torch.tensor([p - (1 << 32) if p >= (1 << 31) else p for p in patterns], dtype=torch.int32).view(torch.float32)


half = bits16(HALF, torch.float16)
bfloat = bits16(BFLOAT, torch.bfloat16)
floats = bits32(FLOATS)
tensors = {
    "matrix": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4,
    "scalar": torch.tensor(3.5),
    "empty": torch.zeros(0, 4),
    "layer.0.größe": torch.tensor([-1.0]),
    "int32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
    "int64": torch.tensor([[-(2**63)], [2**63 - 1]], dtype=torch.int64),
    "uint8": torch.tensor([0, 1, 255], dtype=torch.uint8),
    "half.f16": half,
    "half.float": half.float(),
    "bfloat.bf16": bfloat,
    "bfloat.float": bfloat.float(),
    "rounded.float": floats,
    "rounded.bf16": floats.bfloat16(),
}
save_file(tensors, pathlib.Path(__file__).with_name("python.safetensors"), metadata={"format": "pt"})
