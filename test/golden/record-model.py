"""
Records test/golden/model-<name>.json: what PyTorch says a tiny model's logprobs, entropies, losses, gradients and greedy
tokens are. Computed by reference_model.py in float64, which must first agree with Hugging Face transformers on the same weights.

    python3 -m venv venv && venv/bin/pip install torch transformers numpy
    venv/bin/python test/golden/record-model.py

One file:
  { source, environment, seed, config, weights, batch, cases, greedy }
  config    as in a Hugging Face config.json
  weights   Hugging Face name -> { shape, offset, scale, int8 }: value = offset + scale * int8, exact in float32;
            int8 is base64 of signed bytes
  batch     three ragged datums { input, target, mask, weight }
  cases     { name, loss, temperature, samplingLogprobs, logprobs, entropies, lossSum, gradients, gradientDigests };
            [3][L] numbers are 0 where the mask is 0
            gradients        full float32 gradients as base64, little endian, row-major, for some cases only
            gradientDigests  for every case, name -> base64 of 26 float32: L2 norm, sum, the first 8 values (0 beyond the
                             end), then 16 signed sums: sum over i of (bit j of hash(i) ? -g_i : g_i), j = 0..15, with hash
                             as in `hash32`
  greedy    { prompt, tokens, logprobs, entropies } for prompts of different lengths, 12 tokens each, temperature 1
"""

import base64
import json
import platform
import sys
from pathlib import Path

import numpy as np
import torch
import transformers

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import reference_model as reference  # noqa: E402

SEED = 20251
HERE = Path(__file__).parent
SHARED = {"hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2, "vocab_size": 29, "head_dim": 16}
SHARED |= {"rms_norm_eps": 1e-6, "max_position_embeddings": 64, "hidden_act": "silu"}
PPO = {"kind": "ppo", "ratioMin": 0.8, "ratioMax": 1.28}


def config_of(model_type: str, heads: int, kv_heads: int, theta: float, tied: bool) -> dict:
    return {"model_type": model_type, **SHARED, "num_attention_heads": heads, "num_key_value_heads": kv_heads} | {
        "rope_theta": theta,
        "tie_word_embeddings": tied,
    }


# heads * head_dim is 32 (= hidden_size) with two heads and 64 with four
CONFIGS = {
    "llama-untied": config_of("llama", 2, 1, 10000.0, False),
    "llama-tied-gqa": config_of("llama", 4, 2, 10000.0, True),
    "llama-mha": config_of("llama", 2, 2, 500.0, False),
    "qwen2": config_of("qwen2", 2, 1, 1000000.0, True),
    "qwen3": config_of("qwen3", 4, 2, 1000000.0, False),
}
LOSSES = {
    "cross_entropy": {"kind": "cross_entropy"},
    "importance_sampling": {"kind": "importance_sampling"},
    "ppo": PPO,
    "ppo-dual-clip": {**PPO, "dualClip": 3},
    "cispo": {"kind": "cispo", "ratioMin": 0.8, "ratioMax": 1.28},
}
# full gradients are kept for one plain and one clipped case; the rest are digests, to stay small
FULL = {
    "llama-untied": ["cross_entropy"],
    "llama-tied-gqa": ["cross_entropy"],
    "qwen2": ["ppo-dual-clip, temperature 0.7"],
    "qwen3": ["ppo-dual-clip, temperature 0.7"],
}
LENGTHS = [13, 9, 6]
PROMPTS = [4, 3, 1]
# (weight, log-ratio current minus sampling) dealt to masked tokens in turn: each side of each bound with each sign
DEALT = [(0.9, 0.0), (-0.7, 0.0), (1.1, 0.4), (-1.3, 0.4), (0.6, -0.5), (-0.4, -0.5), (0.8, 1.4), (-1.0, 1.4)]
DEALT += [(0.0, 0.1), (-1.2, 0.1), (0.5, -0.1)]


def b64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def shapes(config: dict) -> dict[str, list[int]]:
    c, f, v, d = (config[k] for k in ("hidden_size", "intermediate_size", "vocab_size", "head_dim"))
    q, kv = config["num_attention_heads"] * d, config["num_key_value_heads"] * d
    found: dict[str, list[int]] = {"model.embed_tokens.weight": [v, c]}
    for i in range(config["num_hidden_layers"]):
        p = f"model.layers.{i}."
        found |= {p + "input_layernorm.weight": [c]}
        for name, rows in (("q", q), ("k", kv), ("v", kv)):
            found[f"{p}self_attn.{name}_proj.weight"] = [rows, c]
            if config["model_type"] == "qwen2":
                found[f"{p}self_attn.{name}_proj.bias"] = [rows]
        if config["model_type"] == "qwen3":
            found |= {p + "self_attn.q_norm.weight": [d], p + "self_attn.k_norm.weight": [d]}
        found |= {p + "self_attn.o_proj.weight": [c, q], p + "post_attention_layernorm.weight": [c]}
        found |= {p + "mlp.gate_proj.weight": [f, c], p + "mlp.up_proj.weight": [f, c], p + "mlp.down_proj.weight": [c, f]}
    found["model.norm.weight"] = [c]
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = [v, c]
    return found


def draw(config: dict, rng: np.random.Generator) -> dict[str, dict]:
    """Multiples of 2^-7, so that the same value is exact in int8, float32 and float64. Norm weights lie around 1."""
    made = {}
    for name, shape in shapes(config).items():
        int8 = np.clip(np.rint(rng.normal(0, 0.25 * 128, shape)), -127, 127).astype(np.int8)
        made[name] = {"shape": shape, "offset": 1 if "norm" in name else 0, "scale": 2**-7, "int8": int8}
    return made


def to_tensors(stored: dict[str, dict]) -> reference.Weights:
    return {
        name: torch.tensor(w["offset"] + w["scale"] * w["int8"].astype(np.float64), requires_grad=True)
        for name, w in stored.items()
    }


def draw_batch(vocab: int, rng: np.random.Generator) -> list[dict]:
    batch, dealt = [], 0
    for length, prompt in zip(LENGTHS, PROMPTS):
        tokens = rng.integers(0, vocab, length + 1).tolist()
        mask = [0 if i < prompt - 1 else 1 for i in range(length)]
        if length == 13:
            mask[8] = 0  # a hole: a token in the middle that is not trained on
        weight = []
        for on in mask:
            weight.append(float(np.float32(DEALT[dealt % len(DEALT)][0])) if on else 0.0)
            dealt += on
        batch.append({"input": tokens[:-1], "target": tokens[1:], "mask": mask, "weight": weight})
    return batch


def pad(rows: list[list], dtype: torch.dtype, filler: float = 0) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows], dtype=dtype)


def ragged(padded: torch.Tensor) -> list[list[float]]:
    """Rounded to float32 here, printed in the shortest decimal that reads back as that float32."""
    return [[float(str(np.float32(x + 0.0))) for x in row[:n]] for row, n in zip(padded.tolist(), LENGTHS)]


def hash32(count: int) -> np.ndarray:
    """[count] of lowbias32 (C. Wellons) at i + 1; in JavaScript: Math.imul and >>>."""
    h = np.arange(1, count + 1, dtype=np.uint32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x7FEB352D)
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x846CA68B)
    h ^= h >> np.uint32(16)
    return h


def digest(gradient: torch.Tensor) -> str:
    g = gradient.detach().numpy().ravel()
    first = np.zeros(8)
    first[: min(8, g.size)] = g[:8]
    bits = hash32(g.size)
    signed = [np.where((bits >> np.uint32(j)) & np.uint32(1), -g, g).sum() for j in range(16)]
    return b64(np.concatenate([[np.linalg.norm(g), g.sum()], first, signed]).astype("<f4"))


def evaluate(case: dict, weights: reference.Weights, config: dict, batch: dict, logits_of) -> tuple:
    """(logprobs, entropies, loss, gradients), with the logits from `logits_of` so that transformers can stand in."""
    for w in weights.values():
        w.grad = None
    raw = logits_of(batch["input"])
    logprob, entropy = reference.logprobs_and_entropies(raw, batch["target"], case["temperature"])
    per_token = reference.loss_per_token(case["loss"], logprob, case["sampling"], batch["weight"])
    loss = (per_token * batch["mask"]).sum()
    loss.backward()
    return (logprob * batch["mask"]).detach(), (entropy * batch["mask"]).detach(), loss.detach()


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).norm() / max(b.norm(), 1e-12))


def hugging_face(config: dict, weights: reference.Weights):
    kind = {"llama": "Llama", "qwen2": "Qwen2", "qwen3": "Qwen3"}[config["model_type"]]
    settings = {k: v for k, v in config.items() if k not in ("model_type", "rope_theta")}
    settings["rope_parameters"] = {"rope_type": "default", "rope_theta": config["rope_theta"]}
    made = getattr(transformers, f"{kind}Config")(**settings, attn_implementation="eager")
    model = getattr(transformers, f"{kind}ForCausalLM")(made).double().eval()
    missing = model.load_state_dict({k: v.detach() for k, v in weights.items()}, strict=False)
    assert not missing.unexpected_keys, missing
    assert set(missing.missing_keys) <= {"lm_head.weight"}, missing
    return model


def cross_check(case: dict, weights: reference.Weights, config: dict, batch: dict, ours: tuple) -> None:
    """Ours equals transformers, which normalises and rotates in float32 whatever the weights are: hence 1e-5, not 1e-12."""
    model = hugging_face(config, weights)
    parameters = dict(model.named_parameters())
    attend = pad([[1] * n for n in LENGTHS], torch.long)
    theirs = evaluate(case, parameters, config, batch, lambda t: model(t, attention_mask=attend).logits)
    for a, b, what in zip(ours, theirs, ("logprobs", "entropies")):
        assert relative(a, b) < 1e-5, f"{what} differ from transformers: {relative(a, b)}"
    # the loss is a sum of terms of both signs, so it is compared per token, not relative to what is left of it
    assert abs(ours[2] - theirs[2]) < 1e-5 * batch["mask"].sum(), f"loss {ours[2]}, transformers {theirs[2]}"
    for name, w in weights.items():
        error = relative(w.grad, parameters[name].grad)
        # a key bias moves all scores of a query almost alike, so its gradient is the small rest of terms that cancel
        assert error < (1e-4 if name.endswith("k_proj.bias") else 1e-5), f"gradient of {name}: {error}"


def sampling_logprobs(weights: reference.Weights, config: dict, batch: dict, temperature: float) -> torch.Tensor:
    """[B, L] current logprobs less the dealt log-ratios, rounded to float32."""
    with torch.no_grad():
        raw = reference.logits(batch["input"], weights, config)
        logprob, _ = reference.logprobs_and_entropies(raw, batch["target"], temperature)
    offsets = torch.zeros_like(logprob)
    for dealt, (row, position) in enumerate(batch["mask"].nonzero().tolist()):
        offsets[row, position] = DEALT[dealt % len(DEALT)][1]
    return ((logprob - offsets) * batch["mask"]).float().double()


def record(name: str, config: dict, rng: np.random.Generator) -> dict:
    stored = draw(config, rng)
    weights = to_tensors(stored)
    datums = draw_batch(config["vocab_size"], rng)
    batch = {
        "input": pad([d["input"] for d in datums], torch.long),
        "target": pad([d["target"] for d in datums], torch.long),
        "mask": pad([d["mask"] for d in datums], torch.float64),
        "weight": pad([d["weight"] for d in datums], torch.float64),
    }
    cases = []
    for temperature in (1.0, 0.7):
        sampling = sampling_logprobs(weights, config, batch, temperature)
        for loss_name, loss in LOSSES.items():
            case_name = loss_name if temperature == 1 else f"{loss_name}, temperature {temperature}"
            case = {"loss": loss, "temperature": temperature, "sampling": sampling}
            found = evaluate(case, weights, config, batch, lambda t: reference.logits(t, weights, config))
            cross_check(case, weights, config, batch, found)
            line = {"name": case_name, "loss": loss, "temperature": temperature, "samplingLogprobs": ragged(sampling)}
            line |= {"logprobs": ragged(found[0]), "entropies": ragged(found[1]), "lossSum": float(found[2])}
            if case_name in FULL.get(name, []):
                line["gradients"] = {n: b64(w.grad.numpy().astype("<f4")) for n, w in weights.items()}
            line["gradientDigests"] = {n: digest(w.grad) for n, w in weights.items()}
            cases.append(line)
    assert_padding_is_invisible(weights, config, batch)
    return {
        "source": "test/golden/record-model.py: reference_model.py in float64, equal to transformers within 1e-5; "
        "numbers are rounded to float32",
        "environment": environment(),
        "seed": SEED,
        "config": config,
        "weights": {n: {**w, "int8": b64(w["int8"])} for n, w in stored.items()},
        "batch": datums,
        "cases": cases,
        "greedy": [record_greedy(d["input"][: 5 - 2 * i], weights, config) for i, d in enumerate(datums)],
    }


def assert_padding_is_invisible(weights: reference.Weights, config: dict, batch: dict) -> None:
    other = batch["input"].clone()
    for row, length in enumerate(LENGTHS):
        other[row, length:] = 7
    with torch.no_grad():
        a, b = (reference.logits(t, weights, config) for t in (batch["input"], other))
    for row, length in enumerate(LENGTHS):
        assert torch.equal(a[row, :length], b[row, :length])


def record_greedy(prompt: list[int], weights: reference.Weights, config: dict) -> dict:
    with torch.no_grad():
        found = reference.greedy(prompt, 12, weights, config)
        model = hugging_face(config, weights)
        ids = torch.tensor([prompt])
        theirs = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False, eos_token_id=None, pad_token_id=0
        )
    assert theirs[0, len(prompt) :].tolist() == found["tokens"], "greedy tokens differ from transformers"
    assert found.pop("margin") > 1e-3, "two tokens are nearly as likely: float32 could choose the other one"
    rounded = {k: [float(str(np.float32(x))) for x in found[k]] for k in ("logprobs", "entropies")}
    return {"prompt": prompt, "tokens": found["tokens"], **rounded}


def environment() -> dict:
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "machine": platform.machine(),
    }


def main() -> None:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    for index, (name, config) in enumerate(CONFIGS.items()):
        recorded = record(name, config, np.random.default_rng([SEED, index]))
        path = HERE / f"model-{name}.json"
        path.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
        print(f"{path.name}: {path.stat().st_size} bytes, {len(recorded['cases'])} cases")


if __name__ == "__main__":
    main()
