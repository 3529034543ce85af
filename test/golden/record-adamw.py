"""
Records test/golden/adamw.json: five steps of torch.optim.AdamW with torch.nn.utils.clip_grad_norm_ on two tensors (64 numbers),
in float64 from inputs that are exact in float32; results are rounded to float32.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python test/golden/record-adamw.py

{ source, environment, seed, cases }; a case is { name, adam, initial, steps }, a step { gradients, gradNorm, parameters },
where `gradNorm` is the global L2 norm before clipping and `initial`, `gradients`, `parameters` hold one list per tensor.
PyTorch scales by maxGradNorm / (norm + 1e-6) when that is below 1; scaling by maxGradNorm / norm differs by about 1e-6 relative.
"""

import json
import platform
from pathlib import Path

import numpy as np
import torch

SEED = 20252
SIZES = [40, 24]
# gradients of these steps have global norms of about 4, 0.4, 8, 0.08 and 4: some are clipped at 1, some are not
SIZE_OF_STEP = [0.5, 0.05, 1.0, 0.01, 0.5]
PLAIN = {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0, "maxGradNorm": 0}
CASES = {
    "no decay, no clipping": PLAIN,
    "decay and clipping": {**PLAIN, "beta2": 0.95, "weightDecay": 0.1, "maxGradNorm": 1},
    "large epsilon": {**PLAIN, "epsilon": 0.1, "weightDecay": 0.01, "maxGradNorm": 0.5},
}


def rounded(tensors: list[torch.Tensor]) -> list[list[float]]:
    return [[float(str(np.float32(x))) for x in t.tolist()] for t in tensors]


def record(adam: dict, rng: np.random.Generator) -> dict:
    initial = [rng.normal(0, 1, n).astype(np.float32) for n in SIZES]
    parameters = [torch.nn.Parameter(torch.tensor(x, dtype=torch.float64)) for x in initial]
    optimizer = torch.optim.AdamW(
        parameters,
        lr=adam["learningRate"],
        betas=(adam["beta1"], adam["beta2"]),
        eps=adam["epsilon"],
        weight_decay=adam["weightDecay"],
    )
    line = {"adam": adam, "initial": rounded(parameters), "steps": []}
    for size in SIZE_OF_STEP:
        for p in parameters:
            p.grad = torch.tensor(rng.normal(0, size, p.shape).astype(np.float32), dtype=torch.float64)
        gradients = rounded([p.grad for p in parameters])
        norm = torch.nn.utils.clip_grad_norm_(parameters, adam["maxGradNorm"] or float("inf"))
        optimizer.step()
        line["steps"].append({"gradients": gradients, "gradNorm": float(norm), "parameters": rounded(parameters)})
    return line


def main() -> None:
    recorded = {
        "source": "test/golden/record-adamw.py: torch.optim.AdamW in float64, rounded to float32",
        "environment": {"python": platform.python_version(), "torch": torch.__version__, "machine": platform.machine()},
        "seed": SEED,
        "cases": [
            {"name": name, **record(adam, np.random.default_rng([SEED, index]))}
            for index, (name, adam) in enumerate(CASES.items())
        ],
    }
    path = Path(__file__).parent / "adamw.json"
    path.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
