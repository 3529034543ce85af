"""
An independent PyTorch implementation of the decoder-only transformers the engine runs (Llama, Qwen2, Qwen3) and of the
losses of src/core/datum.ts, written for clarity in the precision of its weights (float64 when recording).
record-model.py proves it equal to Hugging Face transformers before it records anything.

Weights: a dict from Hugging Face names to tensors in [out, in] layout. Config: the keys of a Hugging Face config.json.
Dimensions: B sequences, L positions, C hidden channels, H query heads, K key/value heads, D channels of a head, V vocabulary.
"""

import torch

Weights = dict[str, torch.Tensor]


def rms_norm(x: torch.Tensor, weight: torch.Tensor, eps: float) -> torch.Tensor:
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * weight


def rope_tables(length: int, head_dim: int, theta: float, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """[L, D/2] cosines and sines of position * theta^(-2i/D)."""
    frequency = theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency
    return angle.cos().to(dtype), angle.sin().to(dtype)


def rotate(x_BHLD: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Channel i pairs with channel i + D/2 (the rotate-half convention)."""
    a, b = x_BHLD.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


def attention(x_BLC: torch.Tensor, weights: Weights, prefix: str, config: dict) -> torch.Tensor:
    batch, length, _ = x_BLC.shape
    heads, kv_heads, head_dim = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]

    def project(name: str, count: int) -> torch.Tensor:
        y = x_BLC @ weights[f"{prefix}{name}_proj.weight"].T
        if f"{prefix}{name}_proj.bias" in weights:
            y = y + weights[f"{prefix}{name}_proj.bias"]
        return y.view(batch, length, count, head_dim).transpose(1, 2)

    q, k, v = project("q", heads), project("k", kv_heads), project("v", kv_heads)
    if f"{prefix}q_norm.weight" in weights:
        q = rms_norm(q, weights[f"{prefix}q_norm.weight"], config["rms_norm_eps"])
        k = rms_norm(k, weights[f"{prefix}k_norm.weight"], config["rms_norm_eps"])
    cos, sin = rope_tables(length, head_dim, config["rope_theta"], x_BLC.dtype)
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    # query head h reads key/value head h // (H / K)
    k = k.repeat_interleave(heads // kv_heads, dim=1)
    v = v.repeat_interleave(heads // kv_heads, dim=1)
    scores = q @ k.transpose(-1, -2) / head_dim**0.5
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    mixed = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
    return mixed.transpose(1, 2).reshape(batch, length, heads * head_dim) @ weights[f"{prefix}o_proj.weight"].T


def feed_forward(x_BLC: torch.Tensor, weights: Weights, prefix: str) -> torch.Tensor:
    gate = x_BLC @ weights[f"{prefix}gate_proj.weight"].T
    up = x_BLC @ weights[f"{prefix}up_proj.weight"].T
    return (gate * torch.sigmoid(gate) * up) @ weights[f"{prefix}down_proj.weight"].T


def logits(tokens_BL: torch.Tensor, weights: Weights, config: dict) -> torch.Tensor:
    """[B, L, V]"""
    eps = config["rms_norm_eps"]
    x = weights["model.embed_tokens.weight"][tokens_BL]
    for i in range(config["num_hidden_layers"]):
        p = f"model.layers.{i}."
        x = x + attention(rms_norm(x, weights[p + "input_layernorm.weight"], eps), weights, p + "self_attn.", config)
        x = x + feed_forward(rms_norm(x, weights[p + "post_attention_layernorm.weight"], eps), weights, p + "mlp.")
    head = weights["model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight"]
    return rms_norm(x, weights["model.norm.weight"], eps) @ head.T


def logprobs_and_entropies(
    logits_BLV: torch.Tensor, target_BL: torch.Tensor, temperature: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """[B, L] log pi(target) and exact entropy in nats, of logits / temperature."""
    log_p = (logits_BLV / temperature).log_softmax(-1)
    return log_p.gather(-1, target_BL[..., None])[..., 0], -(log_p.exp() * log_p).sum(-1)


def loss_per_token(loss: dict, logprob: torch.Tensor, sampling: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The losses of src/core/datum.ts, minimised, before the sum over masked tokens."""
    if loss["kind"] == "cross_entropy":
        return -weight * logprob
    ratio = torch.exp(logprob - sampling)
    if loss["kind"] == "importance_sampling":
        return -weight * ratio
    clipped = ratio.clamp(loss["ratioMin"], loss["ratioMax"])
    if loss["kind"] == "cispo":
        return -weight * clipped.detach() * logprob
    if loss["kind"] == "ppo":
        surrogate = torch.maximum(-weight * ratio, -weight * clipped)
        if "dualClip" in loss:
            ceiling = torch.minimum(surrogate, -weight * loss["dualClip"])
            surrogate = torch.where(weight < 0, ceiling, surrogate)
        return surrogate
    raise ValueError(f"unknown loss {loss['kind']}")


def greedy(prompt: list[int], count: int, weights: Weights, config: dict) -> dict:
    """`count` argmax tokens after `prompt`, recomputing everything at each step, with logprobs and entropies at temperature 1."""
    tokens, found = list(prompt), {"tokens": [], "logprobs": [], "entropies": [], "margin": float("inf")}
    for _ in range(count):
        last = logits(torch.tensor([tokens]), weights, config)[0, -1]
        best = last.topk(2)
        chosen = int(best.indices[0])
        logprob, entropy = logprobs_and_entropies(last[None, None], torch.tensor([[chosen]]), 1.0)
        found["margin"] = min(found["margin"], float(best.values[0] - best.values[1]))
        found["tokens"].append(chosen)
        found["logprobs"].append(float(logprob))
        found["entropies"].append(float(entropy))
        tokens.append(chosen)
    return found
