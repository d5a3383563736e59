"""What is measured. Every measure takes a `Bench` and adds rows to it."""

from arithmetic import Floors, Row, alike, fair_slowdown, packed_tokens, share_of_floor
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


def groups_of(request):
    """The shape of a decode or update request, as floors take it."""
    if request["measure"] == "decode":
        return [(len(prompt), [request["newTokens"]] * request["attempts"]) for prompt in request["prompts"]]
    return [
        (len(prompt), [len(answer) for answer in answers])
        for prompt, answers in zip(request["prompts"], request["answers"])]


def floor_of(floors, request):
    """The least seconds from the request to its reply."""
    if request["measure"] == "decode":
        return floors.sampling(groups_of(request))
    return floors.update(groups_of(request), request["kl"])


def floors(bench):
    """Of the machine, in this run: everything else is held against them."""
    reply = bench.ask("operant", {"measure": "floors", "seconds": bench.settings.floor_seconds})
    bench.machine_rates = reply
    bench.floors = Floors(bench.model, reply["bandwidth"], reply["bfloat16"])
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
        if bench.is_over():
            return bench.say("  stopped: the time is up")
        request = decode_request(rows, new)
        if bench.settings.warm_every_shape:
            bench.warm(names, decode_request(rows, 4))
        replies, reasons = bench.interleave({name: bench.asker(name, request) for name in names})
        ours = [decode_rate(reply) for reply in replies["operant"]]
        share, floor_note = bench.share(
            lambda floors: floors.decoding(groups_of(request)), [rows * (new - 1) / rate for rate in ours])
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
            if bench.is_over():
                return bench.say("  stopped: the time is up")
            request = update_request(tokens // 128, 1, 64, 64, kl)
            bench.warm(names, update_request(4, 1, 64, 64, kl))
            replies, reasons = bench.interleave({name: bench.asker(name, request) for name in names})
            ours = [reply["seconds"] for reply in replies["operant"]]
            share, note = bench.share(lambda floors: floors.update(groups_of(request), kl), ours)
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
            tokens = packed_tokens(alike(groups, attempts, prompt, new))
            work = {
                "sampling": decode_request(groups * attempts, new, prompt, attempts) | {"rows": None},
                "update": update_request(groups, attempts, prompt, new, 0)}
            replies, reasons = bench.interleave(
                {name: bench.asker("operant", request) for name, request in work.items()},
                rounds=settings.growth_rounds)
            values = {name: [reply["seconds"] / tokens * 1e6 for reply in some] for name, some in replies.items()}
            first = first or values
            for name in values:
                share, note = bench.share(
                    lambda floors: floor_of(floors, work[name]), [reply["seconds"] for reply in replies[name]])
                bench.add(Row(
                    f"growth: {name}, {size} {what}", f"itself at {sizes[0]}", "µs/token", first[name], values[name],
                    share, reasons.get(name) or note or f"{tokens} tokens"))


def neighbour(bench):
    """A busy process on one core must cost its share and no more.

    The peers' threads wait asleep here. As OpenMP waits by default they take ten to thirty times as long.
    """
    cores = bench.model_reply["threads"]
    fair = fair_slowdown(cores)
    rows, tokens = bench.settings.neighbour_rows, bench.settings.neighbour_tokens
    works = [
        ("transformers, waiting asleep", f"decode, {rows} rows", decode_request(rows, bench.settings.neighbour_new)),
        ("PyTorch + PEFT, waiting asleep", f"update, {tokens} tokens", update_request(tokens // 128, 1, 64, 64, 0)),
    ]
    for peer, what, request in works:
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

        def seconds(name, where):
            return [reply["seconds"] for reply in replies[name, where]]

        def slowdown(name):
            return [loaded / quiet for quiet, loaded in zip(seconds(name, "alone"), seconds(name, "beside"))]

        missing = "; ".join(reasons.values())
        share, _ = share_of_floor(fair, slowdown("operant"))
        bench.add(Row(
            f"a busy neighbour, {what}", peer, "times as long", slowdown(peer), slowdown("operant"), share,
            missing or f"a fair share beside one busy process is {fair:.2f}"))
        for where, longer in (("alone", 1), ("beside", fair)):
            share, note = bench.share(
                lambda floors: longer * floor_of(floors, request), seconds("operant", where))
            bench.add(Row(
                f"{what}, {where}" + (" a busy process" if where == "beside" else ""), peer, "s",
                seconds(peer, where), seconds("operant", where), share, missing or note))


def require(bench):
    """The model's shape, which every floor is computed from."""
    try:
        return bench.ask("operant", {"measure": "model"})
    except Unavailable as error:
        raise SystemExit(f"bench: {error}") from error
