"""What is measured. Every measure takes a `Bench` and adds rows to it."""

from arithmetic import Row, fair_slowdown, packed_tokens, share_of_floor
from programs import Busy, Unavailable

# Of a group of answers to one prompt. One request of eight rows is two prompts, so that both shards have work.
ATTEMPTS = 8
PROMPT = 64


def ids(count, salt):
    """Token ids without meaning, the same for every program: time does not depend on what they say."""
    return [(salt * 7919 + place * 104729) % 40000 + 1000 for place in range(count)]


def decode_request(rows, new, prompt=PROMPT, attempts=None):
    attempts = attempts or max(1, min(ATTEMPTS, rows // 2))
    return {
        "measure": "decode", "prompts": [ids(prompt, number) for number in range(rows // attempts)],
        "attempts": attempts, "newTokens": new, "rows": max(64, rows)}


def update_request(groups, attempts, prompt, answer, kl):
    return {
        "measure": "update", "kl": kl, "prompts": [ids(prompt, number) for number in range(groups)],
        "answers": [
            [ids(answer, 1000 + number * attempts + attempt) for attempt in range(attempts)]
            for number in range(groups)]}


def decode_rate(reply):
    return reply["decodeTokens"] / reply["decodeSeconds"]


def floors(bench):
    """Of the machine, in this run: everything else is held against them."""
    reply = bench.ask("operant", {"measure": "floors", "seconds": bench.settings.floor_seconds})
    bench.floors = reply
    bench.say(
        f"  memory {reply['bandwidth'] / 1e9:.1f} GB/s on all cores, {reply['bandwidthOneThread'] / 1e9:.1f} on one;"
        f" bf16 {reply['bfloat16'] / 1e9:.0f} and fp32 {reply['float32'] / 1e9:.0f} GFLOP/s at the model's shapes")
    for name, key, unit, scale in [
        ("floor: memory read, all cores", "bandwidth", "GB/s", 1e9),
        ("floor: memory read, one core", "bandwidthOneThread", "GB/s", 1e9),
        ("floor: bf16 products at the model's shapes", "bfloat16", "GFLOP/s", 1e9),
        ("floor: fp32 products at the model's shapes", "float32", "GFLOP/s", 1e9),
    ]:
        bench.add(Row(name, "", unit, operant=[reply[key] / scale], note="through libtorch"))


def decode(bench):
    peers = {"transformers": "", "llama.cpp": "bf16 weights, f16 cache, takes the likeliest token"}
    new = bench.settings.decode_new
    names = ["operant", *peers]
    if not bench.settings.warm_every_shape:
        bench.warm(names, decode_request(8, 4))
    for rows in bench.settings.decode_rows:
        request = decode_request(rows, new)
        if bench.settings.warm_every_shape:
            bench.warm(names, decode_request(rows, 4))
        replies, reasons = bench.interleave({name: bench.asker(name, request) for name in names})
        ours = [decode_rate(reply) for reply in replies["operant"]]
        share, floor_note = None, ""
        if ours and bench.floors:
            groups, attempts = len(request["prompts"]), request["attempts"]
            least = bench.model.decode_seconds(
                groups, attempts, PROMPT, new, bench.floors["bandwidth"], bench.floors["bfloat16"])
            middle = sorted(ours)[len(ours) // 2]
            share, floor_note = share_of_floor(least, rows * (new - 1) / middle)
        for name, note in peers.items():
            bench.add(Row(
                f"decode, {rows} row{'s' if rows > 1 else ''}", name, "tokens/s",
                [decode_rate(reply) for reply in replies[name]], ours, share,
                "; ".join(filter(None, [reasons.get(name) or reasons.get("operant") or note, floor_note]))))


def update(bench):
    """Sequences of 64 and 64 tokens that share nothing, so that both sides compute the same tokens."""
    names = ["operant", "PyTorch + PEFT"]
    for tokens in bench.settings.update_tokens:
        for kl in (0, 0.02) if tokens == 4096 and bench.settings.warm_every_shape else (0,):
            request = update_request(tokens // 128, 1, 64, 64, kl)
            bench.warm(names, update_request(4, 1, 64, 64, kl))
            replies, reasons = bench.interleave({name: bench.asker(name, request) for name in names})
            ours = [reply["seconds"] for reply in replies["operant"]]
            share, note = None, ""
            if ours and bench.floors:
                least = bench.model.update_seconds(tokens, tokens // 2, kl, bench.floors["bfloat16"])
                share, note = share_of_floor(least, sorted(ours)[len(ours) // 2])
            what = f"update, {tokens} tokens" + (f", KL {kl}" if kl else "")
            note = "; ".join(filter(None, [*reasons.values(), note]))
            theirs = replies["PyTorch + PEFT"]
            bench.add(Row(what, "PyTorch + PEFT", "s", [reply["seconds"] for reply in theirs], ours, share, note))
            bench.add(Row(
                what + ", peak memory", "PyTorch + PEFT", "GB", [reply["peakMemoryBytes"] / 1e9 for reply in theirs],
                [reply["peakMemoryBytes"] / 1e9 for reply in replies["operant"]], None, note))


def growth(bench):
    """Time per token, the prompt of a group counted once, as the work grows; held against its own smallest size."""
    settings = bench.settings
    shapes = [
        ("prompts a step", settings.growth_prompts, lambda size: (size, 4, 32, 16)),
        ("tokens of context", settings.growth_context, lambda size: (2, 4, size - 32, 32)),
        ("answers to a prompt", settings.growth_group, lambda size: (4, size, 128, 32)),
    ]
    for what, sizes, shape in shapes:
        first = None
        for size in sizes:
            if bench.is_over():
                return bench.say("  stopped: the time is up")
            groups, attempts, prompt, new = shape(size)
            tokens = packed_tokens(groups, attempts, prompt, new)
            sampling = decode_request(groups * attempts, new, prompt, attempts) | {"rows": None}
            replies, reasons = bench.interleave(
                {"sampling": bench.asker("operant", sampling),
                 "update": bench.asker("operant", update_request(groups, attempts, prompt, new, 0))},
                rounds=settings.growth_rounds)
            values = {name: [reply["seconds"] / tokens * 1e6 for reply in some] for name, some in replies.items()}
            first = first or values
            for name in values:
                bench.add(Row(
                    f"growth: {name}, {size} {what}", f"itself at {sizes[0]}", "µs/token", first[name], values[name],
                    None, reasons.get(name, f"{tokens} tokens")))


def neighbour(bench):
    """A busy process on one core must cost its share and no more."""
    cores = bench.model_reply["threads"]
    fair = fair_slowdown(cores)
    rows, tokens = bench.settings.neighbour_rows, bench.settings.neighbour_tokens
    works = [
        ("decode", "transformers", f"decode, {rows} rows", decode_request(rows, 33)),
        ("update", "PyTorch + PEFT", f"update, {tokens} tokens", update_request(tokens // 128, 1, 64, 64, 0)),
    ]
    for _, peer, what, request in works:
        if bench.is_over():
            return bench.say("  stopped: the time is up")
        bench.warm(["operant", peer], request)

        def beside(name):
            def ask():
                with Busy():
                    return bench.ask(name, request)
            return ask

        replies, reasons = bench.interleave({
            ("operant", "alone"): bench.asker("operant", request), (peer, "alone"): bench.asker(peer, request),
            ("operant", "beside"): beside("operant"), (peer, "beside"): beside(peer)})

        def slowdown(name):
            return [
                beside["seconds"] / alone["seconds"]
                for alone, beside in zip(replies[name, "alone"], replies[name, "beside"])]

        ours = slowdown("operant")
        share = min(1.0, fair / sorted(ours)[len(ours) // 2]) if ours else None
        bench.add(Row(
            f"a busy neighbour, {what}", peer, "times as long", slowdown(peer), ours, share,
            "; ".join(reasons.values()) or f"a fair share beside one busy process is {fair:.2f}"))
        for name in ("alone", "beside"):
            bench.add(Row(
                f"{what}, {'alone' if name == 'alone' else 'beside a busy process'}", peer, "s",
                [reply["seconds"] for reply in replies[peer, name]],
                [reply["seconds"] for reply in replies["operant", name]], None, "; ".join(reasons.values())))


def require(bench):
    """The model's shape, which every floor is computed from."""
    try:
        return bench.ask("operant", {"measure": "model"})
    except Unavailable as error:
        raise SystemExit(f"bench: {error}") from error
