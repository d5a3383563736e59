"""compute_score in verl's form: a dict with the score and extras, which are logged."""


def compute_score(data_source, solution_str, ground_truth, extra_info=None, bonus=0.0, **kwargs):
    found = solution_str.rsplit("Answer:", 1)[-1].strip()
    right = found == str(ground_truth)
    return {
        "score": (1.0 if right else 0.0) + bonus + 0.01 * extra_info["index"],
        "acc": right,
        "is_sum": data_source == "sums",
        "turns": extra_info["num_turns"] or 0,
        "found": found,
    }


async def compute_later(data_source, solution_str, ground_truth, extra_info=None):
    return len(solution_str) / (1 + len(str(ground_truth)))


def compute_batch(data_sources, solution_strs, ground_truths, extra_infos, scale=1.0):
    longest = max(len(s) for s in solution_strs)
    return [
        {"score": scale * len(s) / max(1, longest) + (str(g) in s), "index": e["index"]}
        for s, g, e in zip(solution_strs, ground_truths, extra_infos)
    ]
