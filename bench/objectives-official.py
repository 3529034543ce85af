"""
The A3PO authors' own shaping on the arrays of `objectives.js --dump DIR`, for comparison.

    git clone https://github.com/txy77/Sample-Polarity-of-RLVR
    python bench/objectives-official.py DIR Sample-Polarity-of-RLVR/verl/trainer/ppo/core_algos.py [--tokens 4096] [--group 8]

The function's body is taken from their file as it is (decorators and annotations dropped), one thread.
"""
import argparse, ast, collections, time
import numpy as np
import torch

parser = argparse.ArgumentParser()
parser.add_argument("arrays")
parser.add_argument("core_algos")
parser.add_argument("--tokens", type=int, default=4096)
parser.add_argument("--group", type=int, default=8)
parser.add_argument("--rounds", type=int, default=3)
arguments = parser.parse_args()
torch.set_num_threads(1)


def official():
    tree = ast.parse(open(arguments.core_algos).read())
    name = "compute_grpo_outcome_advantage"
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    function.decorator_list = []
    function.returns = None
    for argument in function.args.args:
        argument.annotation = None
    names = {"torch": torch, "np": np, "defaultdict": collections.defaultdict}
    exec(compile(ast.Module([function], []), arguments.core_algos, "exec"), names)
    return names[name]


class Batch:
    """Just enough of verl's DataProto."""

    def __init__(self, logprobs):
        self.batch = {"old_log_probs": logprobs}


logprobs = torch.from_numpy(np.fromfile(f"{arguments.arrays}/logprobs.f32", np.float32).reshape(-1, arguments.tokens))
rewards = torch.from_numpy(np.fromfile(f"{arguments.arrays}/rewards.f32", np.float32))
token_rewards = torch.zeros_like(logprobs)
token_rewards[:, -1] = rewards
mask = torch.ones_like(logprobs)
index = np.array([str(i // arguments.group) for i in range(len(rewards))])
compute = official()

for label, advantage, low, high in [("grpo", "normal", None, None), ("a3po", "token-weighted", 2.0, 2.0)]:
    seconds = []
    for _ in range(arguments.rounds):
        began = time.perf_counter()
        advantages, _ = compute(
            Batch(logprobs), token_rewards, token_rewards.clone(), mask, -logprobs * 0.7, index, "prob",
            None, None, 0.2, low, 0.2, high, None, None, advantage=advantage,
        )
        seconds.append(time.perf_counter() - began)
    median = sorted(seconds)[len(seconds) // 2]
    print(f"{label:24} median {1e3 * median:.0f} ms, {1e9 * median / logprobs.numel():.1f} ns/token, sum |A| {advantages.double().abs().sum():.0f}")
