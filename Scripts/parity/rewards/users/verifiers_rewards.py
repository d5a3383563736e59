"""An environment of verifiers: a rubric with weights, a parser, a group function and a metric."""

import verifiers as vf
from datasets import Dataset


def load_environment(strictness=1.0):
    parser = vf.XMLParser(["think", "answer"], answer_field="answer")

    def right(completion, answer, parser, **kwargs):
        return 1.0 if parser.parse_answer(completion) == answer else 0.0

    async def brief(completion, info):
        return strictness * max(0.0, 1.0 - len(completion[-1]["content"]) / info["limit"])

    def shortest(completions, **kwargs) -> list[float]:
        lengths = [len(c[-1]["content"]) for c in completions]
        return [float(n == min(lengths)) for n in lengths]

    def letters(completion):
        return sum(c.isalpha() for c in completion[-1]["content"])

    rubric = vf.Rubric(
        funcs=[right, brief, shortest, letters, parser.get_format_reward_func()],
        weights=[1.0, 0.25, 0.5, 0.0, 0.2],
        parser=parser,
    )
    rows = Dataset.from_list([{"question": "What is 1 + 1?", "answer": "2", "info": {"limit": 100}}])
    return vf.SingleTurnEnv(dataset=rows, parser=parser, rubric=rubric)
