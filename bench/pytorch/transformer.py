"""
The peer in PyTorch eager, tuned as a careful user would tune it: packed q/k/v and gate/up projections, a preallocated KV cache,
no expansion of key/value heads where it can be avoided. Speed only: test/golden/ holds the reference for correctness.

Shapes come from ../shapes.json.
Dimensions: B sequences, L positions, N = B * L tokens, C hidden channels, H query heads, K key/value heads, D channels of a head,
V vocabulary.
"""

import math

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

ATTENTIONS = ("sdpa", "plain")


def draw_weights(shape: dict, layers: int, trainable: bool) -> dict:
    c, d, f = shape["hidden"], shape["headDim"], shape["feedForward"]
    heads, kv = shape["heads"], shape["kvHeads"]

    def matrix(*size: int) -> torch.Tensor:
        return torch.empty(*size).uniform_(-0.035, 0.035).requires_grad_(trainable)

    def ones(size: int) -> torch.Tensor:
        return torch.ones(size).requires_grad_(trainable)

    return {
        "embed": matrix(shape["vocabulary"], c),
        "layers": [
            {
                "attention_norm": ones(c),
                "qkv": matrix((heads + 2 * kv) * d, c),
                "qkv_bias": matrix((heads + 2 * kv) * d) if shape["qkvBias"] else None,
                "out": matrix(c, heads * d),
                "feed_norm": ones(c),
                "gate_up": matrix(2 * f, c),
                "down": matrix(c, f),
            }
            for _ in range(layers)
        ],
        "norm": ones(c),
        "head": None if shape["tied"] else matrix(shape["vocabulary"], c),
    }


def parameters(weights: dict) -> list[torch.Tensor]:
    of_layers = [w for layer in weights["layers"] for w in layer.values()]
    return [w for w in [weights["embed"], *of_layers, weights["norm"], weights["head"]] if w is not None]


def head_of(weights: dict) -> torch.Tensor:
    return weights["embed"] if weights["head"] is None else weights["head"]


def rope_tables(shape: dict, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """[L, D] cosines, and sines with the sign of rotate-half in the first half."""
    d = shape["headDim"]
    angle = torch.arange(length)[:, None] * shape["ropeTheta"] ** (-torch.arange(0, d, 2) / d)
    return torch.cat([angle.cos()] * 2, -1), torch.cat([-angle.sin(), angle.sin()], -1)


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    half = x.shape[-1] // 2
    swapped = torch.cat([x[..., half:], x[..., :half]], -1)
    return torch.addcmul(x * cos, swapped, sin)


def feed_forward(layer: dict, x: torch.Tensor, shape: dict) -> torch.Tensor:
    normed = F.rms_norm(x, (shape["hidden"],), layer["feed_norm"], shape["normEpsilon"])
    gate, up = F.linear(normed, layer["gate_up"]).chunk(2, -1)
    return x + F.linear(F.silu(gate) * up, layer["down"])


class Training:
    """Forward and backward of the PPO loss; logprobs, entropies and the gradients of all weights come out."""

    def __init__(self, shape: dict) -> None:
        self.shape = shape
        self.weights = draw_weights(shape, shape["layers"], True)
        batch, length, vocabulary = shape["train"]["batch"], shape["train"]["length"], shape["vocabulary"]
        tokens = torch.randint(vocabulary, (batch, length + 1))
        self.input_BL, self.target_N = tokens[:, :-1].contiguous(), tokens[:, 1:].reshape(-1)
        self.advantage_N = torch.randn(batch * length)
        self.sampling_N = torch.full((batch * length,), -math.log(vocabulary)) + 0.3 * torch.randn(batch * length)
        self.cos, self.sin = rope_tables(shape, length)
        self.future = torch.ones(length, length, dtype=torch.bool).triu(1)

    def heads_to_try(self) -> tuple[str, ...]:
        """How the logits of a large vocabulary are treated; a small one has nothing to gain from chunks."""
        return ("whole", "checkpoint-512", "backward-512") if self.shape["vocabulary"] > 10000 else ("whole",)

    def run_body(self, attention: str) -> None:
        """Forward and backward without the head."""
        self.hidden(attention).sum().backward()

    def run(self, attention: str, head: str) -> tuple[torch.Tensor, torch.Tensor]:
        """[N] logprobs and [N] entropies, in nats; gradients are left in `.grad`."""
        for w in parameters(self.weights):
            w.grad = None
        hidden_NC = self.hidden(attention).flatten(0, 1)
        kind, _, size = head.partition("-")
        if kind == "whole":
            loss, logprob, entropy = self.head(hidden_NC, self.target_N, self.advantage_N, self.sampling_N)
            loss.backward()
            return logprob, entropy
        parts = [x.split(int(size)) for x in (hidden_NC, self.target_N, self.advantage_N, self.sampling_N)]
        if kind == "checkpoint":
            found = [checkpoint(self.head, *part, use_reentrant=False) for part in zip(*parts)]
            sum(loss for loss, _, _ in found).backward()
        else:
            # each chunk's backward at once, so that its logits are neither kept nor computed twice
            leaves = [chunk.detach().requires_grad_() for chunk in parts[0]]
            found = []
            for part in zip(leaves, *parts[1:]):
                found.append(self.head(*part))
                found[-1][0].backward()
                found[-1] = (None, *found[-1][1:])
            hidden_NC.backward(torch.cat([leaf.grad for leaf in leaves]))
        return torch.cat([f[1] for f in found]), torch.cat([f[2] for f in found])

    def hidden(self, attention: str) -> torch.Tensor:
        shape, weights = self.shape, self.weights
        x = F.embedding(self.input_BL, weights["embed"])
        for layer in weights["layers"]:
            x = feed_forward(layer, x + self.attention(layer, x, attention), shape)
        return F.rms_norm(x, (shape["hidden"],), weights["norm"], shape["normEpsilon"])

    def attention(self, layer: dict, x_BLC: torch.Tensor, attention: str) -> torch.Tensor:
        shape = self.shape
        heads, kv, d = shape["heads"], shape["kvHeads"], shape["headDim"]
        normed = F.rms_norm(x_BLC, (shape["hidden"],), layer["attention_norm"], shape["normEpsilon"])
        qkv = F.linear(normed, layer["qkv"], layer["qkv_bias"])
        qkv = qkv.unflatten(-1, (heads + 2 * kv, d)).transpose(1, 2)
        qk = rotate(qkv[:, : heads + kv], self.cos, self.sin)
        q, k, v = qk[:, :heads], qk[:, heads:], qkv[:, heads + kv :]
        if attention == "sdpa":
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=heads != kv)
        else:
            grouped = q.unflatten(1, (kv, heads // kv))
            scores = grouped @ k.unsqueeze(2).transpose(-1, -2) * d**-0.5
            mixed = (scores.masked_fill(self.future, float("-inf")).softmax(-1) @ v.unsqueeze(2)).flatten(1, 2)
        return F.linear(mixed.transpose(1, 2).flatten(2), layer["out"])

    def head(self, hidden_NC, target_N, advantage_N, sampling_N) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        log_p = F.linear(hidden_NC, head_of(self.weights)).log_softmax(-1)
        logprob = log_p.gather(-1, target_N[:, None])[:, 0]
        with torch.no_grad():
            entropy = -(log_p.exp() * log_p).sum(-1)
        ratio = torch.exp(logprob - sampling_N)
        loss = torch.maximum(-advantage_N * ratio, -advantage_N * ratio.clamp(0.8, 1.28)).sum()
        return loss, logprob.detach(), entropy


class Decoding:
    """One token per row and step with a preallocated KV cache; token, logprob and entropy come out."""

    SAMPLERS = ("multinomial", "inverse-cdf")

    def __init__(self, shape: dict, layers: int) -> None:
        self.shape = shape
        self.weights = draw_weights(shape, layers, False)
        self.layers = layers
        self.cos, self.sin = rope_tables(shape, shape["decode"]["cacheLength"])
        self.start(1)

    def start(self, batch: int) -> None:
        shape = self.shape
        size = (self.layers, batch, shape["kvHeads"], shape["decode"]["cacheLength"], shape["headDim"])
        self.keys, self.values = torch.randn(size), torch.randn(size)
        self.tokens = torch.zeros(batch, dtype=torch.long)

    def step(self, position: int, sampler: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """[B] tokens, [B] logprobs, [B] entropies; writes `position` of the cache."""
        shape, weights = self.shape, self.weights
        heads, kv, d = shape["heads"], shape["kvHeads"], shape["headDim"]
        cos, sin = self.cos[position], self.sin[position]
        x = F.embedding(self.tokens, weights["embed"])
        for i, layer in enumerate(weights["layers"]):
            normed = F.rms_norm(x, (shape["hidden"],), layer["attention_norm"], shape["normEpsilon"])
            qkv = F.linear(normed, layer["qkv"], layer["qkv_bias"]).unflatten(-1, (heads + 2 * kv, d))
            qk = rotate(qkv[:, : heads + kv], cos, sin)
            self.keys[i, :, :, position] = qk[:, heads:]
            self.values[i, :, :, position] = qkv[:, heads + kv :]
            # the queries that share a key/value head stand in the place of positions: nothing is expanded, nothing masked
            q = qk[:, :heads].unflatten(1, (kv, heads // kv))
            seen = slice(0, position + 1)
            mixed = F.scaled_dot_product_attention(q, self.keys[i, :, :, seen], self.values[i, :, :, seen])
            x = feed_forward(layer, x + F.linear(mixed.flatten(1), layer["out"]), shape)
        hidden = F.rms_norm(x, (shape["hidden"],), weights["norm"], shape["normEpsilon"])
        log_p = F.linear(hidden, head_of(weights)).log_softmax(-1)
        p = log_p.exp()
        if sampler == "multinomial":
            chosen = torch.multinomial(p, 1)
        else:
            drawn = torch.rand(p.shape[0], 1)
            chosen = torch.searchsorted(p.cumsum(-1), drawn).clamp_(max=p.shape[1] - 1)
        self.tokens = chosen[:, 0]
        return self.tokens, log_p.gather(-1, chosen)[:, 0], -(p * log_p).sum(-1)
