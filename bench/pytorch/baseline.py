"""
PyTorch's speed on this machine, for `npm run bench -- --against pytorch`.

    python3 -m venv venv && venv/bin/pip install torch transformers numpy
    venv/bin/python bench/pytorch/baseline.py --threads 4            everything, as a table; --json for one JSON object
    venv/bin/python bench/pytorch/baseline.py --only decode --shapes a,b
    venv/bin/python bench/pytorch/baseline.py --serve                one JSON request per line in, one JSON answer per line out

Requests (threads, repeats and limitSeconds may be left out; a repeat of decode is one step):
    {"kind":"environment"}
    {"kind":"fwdbwd","shape":"a","threads":4,"repeats":10}
    {"kind":"decode","shape":"a","batch":8,"layers":4,"repeats":48}
    {"kind":"adamw","parameters":1000000,"fused":true,"clip":false}
    {"kind":"peaks"}
Answers: {"medianMs", "tokensPerSecond", "samplesMs", "variant", "foreignCores"}; failures {"error"}.
`tokensPerSecond` counts batch x length tokens (fwdbwd), rows (decode), parameters (adamw). `clip` times clip_grad_norm_ too.
Peaks are the best of several, not medians: gemmGflops (2048^3, float32), copyGBs, triadGBs.

Where there is more than one way to write the same thing (SDPA or plain attention, whole or chunked logits, two samplers)
all are tried first, and the fastest is measured: `variant` says which. With whole logits shape c needs about 4 GB.
A measurement ends early after `limitSeconds` (fwdbwd 12, decode 6, adamw 4).
`foreignCores` is how many cores other processes kept busy meanwhile (null: no /proc/stat, or too short to tell). PyTorch's
threads wait for each other by spinning: with foreign load it collapses, up to 100 times for short steps, so such timings
say nothing.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from functools import cache
from pathlib import Path

sys.dont_write_bytecode = True

import torch  # noqa: E402
from transformer import ATTENTIONS, Decoding, Training  # noqa: E402

SHAPES = json.loads((Path(__file__).parent.parent / "shapes.json").read_text())
KINDS = ("fwdbwd", "decode", "adamw", "peaks")
ADAMW_SIZES = (1_000_000, 10_000_000, 100_000_000)


def time_ms(call) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def busy_seconds() -> float | None:
    """Of all cores since boot, less this process."""
    try:
        fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, irq, softirq = fields
    own = resource.getrusage(resource.RUSAGE_SELF)
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK") - own.ru_utime - own.ru_stime


def samples_ms(calls, limit_seconds: float, at_least: int = 3) -> list[float]:
    """Times each call in turn until they end or the time is up."""
    end = time.perf_counter() + limit_seconds
    found: list[float] = []
    for call in calls:
        if len(found) >= at_least and time.perf_counter() > end:
            break
        found.append(time_ms(call))
    return found


def fastest(variants: tuple[str, ...], once) -> str:
    """The variant with the shortest run."""
    return variants[0] if len(variants) == 1 else min(variants, key=once)


def shape_named(name: str) -> dict:
    if name not in SHAPES:
        raise ValueError(f"shape must be one of {', '.join(SHAPES)}, got {name!r}")
    return SHAPES[name]


def measured(calls, limit_seconds: float, tokens: int, variant: str) -> dict:
    busy, start = busy_seconds(), time.perf_counter()
    samples = samples_ms(calls, limit_seconds)
    seconds = time.perf_counter() - start
    # /proc/stat counts in hundredths of a second: shorter than half a second, there is nothing to read off it
    foreign = None if busy is None or seconds < 0.5 else round(max(0.0, busy_seconds() - busy) / seconds, 2)
    median = statistics.median(samples)
    return {
        "medianMs": round(median, 4),
        "tokensPerSecond": round(tokens / median * 1000, 1),
        "samplesMs": [round(s, 4) for s in samples],
        "variant": variant,
        "foreignCores": foreign,
    }


class Baseline:
    """Keeps one model at a time, so that alternating with another program does not pay for building it again."""

    def __init__(self) -> None:
        self.key: tuple = ()
        self.model = None
        self.variants: dict[tuple, object] = {}

    def hold(self, key: tuple, build):
        if self.key != key:
            self.model = None
            self.key, self.model = key, build()
        return self.model

    def variant(self, key: tuple, find):
        if key not in self.variants:
            self.variants[key] = find()
        return self.variants[key]

    def measure(self, request: dict) -> dict:
        kinds = {"fwdbwd": self.fwdbwd, "decode": self.decode, "adamw": self.adamw, "peaks": peaks, "environment": environment}
        if request.get("kind") not in kinds:
            raise ValueError(f"kind must be one of {', '.join(kinds)}, got {request.get('kind')!r}")
        threads = request.get("threads", torch.get_num_threads())
        if threads != torch.get_num_threads():
            torch.set_num_threads(threads)
        return kinds[request["kind"]](request)

    def fwdbwd(self, request: dict) -> dict:
        shape = shape_named(request["shape"])
        model = self.hold(("fwdbwd", request["shape"]), lambda: Training(shape))

        def find():
            # attention alone is tried without the head, which takes most of the time where the vocabulary is large
            attention = fastest(ATTENTIONS, lambda v: min(time_ms(lambda: model.run_body(v)) for _ in range(3)))
            return attention, fastest(model.heads_to_try(), lambda v: time_ms(lambda: model.run(attention, v)))

        attention, head = self.variant(("fwdbwd", request["shape"], torch.get_num_threads()), find)
        model.run(attention, head)
        calls = [lambda: model.run(attention, head)] * request.get("repeats", 15)
        tokens = shape["train"]["batch"] * shape["train"]["length"]
        return measured(calls, request.get("limitSeconds", 12), tokens, f"{attention}, {head} logits")

    @torch.inference_mode()
    def decode(self, request: dict) -> dict:
        shape, batch = shape_named(request["shape"]), request["batch"]
        layers = request.get("layers", shape["decode"]["layers"][0])
        model = self.hold(("decode", request["shape"], layers), lambda: Decoding(shape, layers))
        model.start(batch)
        first, last = shape["decode"]["firstPosition"], shape["decode"]["lastPosition"]
        for _ in range(2):
            model.step(first, "multinomial")
        key = ("decode", request["shape"], layers, batch, torch.get_num_threads())
        middle = (first + last) // 2
        sampler = self.variant(
            key, lambda: fastest(Decoding.SAMPLERS, lambda v: min(time_ms(lambda: model.step(middle, v)) for _ in range(3)))
        )
        span = last - first + 1
        # a stride coprime to the span: however early the time is up, the positions seen are spread evenly
        positions = [first + (37 * i) % span for i in range(request.get("repeats", span))]
        calls = [lambda p=p: model.step(p, sampler) for p in positions]
        return measured(calls, request.get("limitSeconds", 6), batch, sampler)

    def adamw(self, request: dict) -> dict:
        size, fused = request["parameters"], request.get("fused", False)

        def build():
            tensors = [torch.randn(min(1_000_000, size)).requires_grad_() for _ in range(max(1, size // 1_000_000))]
            for t in tensors:
                t.grad = torch.randn_like(t)
            return tensors, torch.optim.AdamW(tensors, lr=1e-4, weight_decay=0.01, fused=True if fused else None)

        tensors, optimizer = self.hold(("adamw", size, fused), build)

        def step() -> None:
            if request.get("clip", False):
                torch.nn.utils.clip_grad_norm_(tensors, 1.0)
            optimizer.step()

        step()
        calls = [step] * request.get("repeats", 15)
        return measured(calls, request.get("limitSeconds", 4), sum(t.numel() for t in tensors), "fused" if fused else "default")


def peaks(_: dict) -> dict:
    a, b, c = (torch.randn(2048, 2048) for _ in range(3))
    gemm = min(time_ms(lambda: torch.mm(a, b, out=c)) for _ in range(15))
    # 256 MB each: far beyond any cache
    x, y, z = (torch.ones(64 << 20) for _ in range(3))
    copy = min(time_ms(lambda: x.copy_(y)) for _ in range(8))
    triad = min(time_ms(lambda: torch.add(y, z, alpha=3.0, out=x)) for _ in range(8))
    return {
        "gemmGflops": round(2 * 2048**3 / gemm / 1e6, 1),
        "copyGBs": round(2 * 4 * x.numel() / copy / 1e6, 2),
        "triadGBs": round(3 * 4 * x.numel() / triad / 1e6, 2),
    }


@cache
def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def environment(_: dict) -> dict:
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
    }


def requests(kinds: list[str], shapes: list[str], repeats: int | None) -> list[dict]:
    planned: list[dict] = [{"kind": "peaks"}] if "peaks" in kinds else []
    for name in shapes:
        if "fwdbwd" in kinds:
            planned.append({"kind": "fwdbwd", "shape": name})
        decode = SHAPES[name]["decode"]
        if "decode" in kinds:
            planned += [
                {"kind": "decode", "shape": name, "layers": layers, "batch": batch}
                for layers in decode["layers"]
                for batch in decode["batches"]
            ]
    if "adamw" in kinds:
        planned += [
            {"kind": "adamw", "parameters": size, "fused": fused, "clip": clip}
            for size in ADAMW_SIZES
            for fused in (False, True)
            for clip in (False, True)
        ]
    return [p if repeats is None or p["kind"] == "peaks" else {**p, "repeats": repeats} for p in planned]


def report(line: dict) -> str:
    what = " ".join(str(v) if k == "kind" else f"{k}={v}" for k, v in line["request"].items())
    if "medianMs" not in line:
        return f"{what:60} " + "  ".join(f"{k} {v}" for k, v in line.items() if k != "request")
    timing = f"{line['medianMs']:10.3f} ms {line['tokensPerSecond']:14.0f} /s"
    return f"{what:60} {timing}  {line['variant']} ({len(line['samplesMs'])} samples, {line['foreignCores']} foreign cores)"


def serve() -> None:
    baseline = Baseline()
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            found = baseline.measure(json.loads(line))
        except Exception as error:  # whatever went wrong belongs to the asker, and the next request may be fine
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="PyTorch's speed at the shapes of bench/shapes.json")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--shapes", default=",".join(SHAPES), help="comma-separated names from shapes.json")
    parser.add_argument("--repeats", type=int, help="timed repeats of each measurement")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--serve", action="store_true", help="answer JSON requests on standard input")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.serve:
        return serve()
    shapes = options.shapes.split(",")
    unknown = [name for name in shapes if name not in SHAPES]
    if unknown:
        parser.error(f"--shapes: no shape {', '.join(unknown)} in shapes.json (it has {', '.join(SHAPES)})")
    baseline, lines = Baseline(), []
    for request in requests([options.only] if options.only else list(KINDS), shapes, options.repeats):
        lines.append({"request": request, **baseline.measure(request)})
        if not options.json:
            print(report(lines[-1]), flush=True)
    if options.json:
        print(json.dumps({"environment": environment({}), "results": lines}))


if __name__ == "__main__":
    main()
