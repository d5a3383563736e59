"""AWS Lambda rewards: lambda_handler(event, context), the whole group in one event."""

import json
import time

from .calls import call
from .results import CAUGHT, Failure, failed, metric, number, rewarded, shown


class Context:
    """What the Lambda runtime hands to a handler beside the event."""

    function_name = function_version = "operant"
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:operant"
    log_group_name = log_stream_name = "operant"
    identity = client_context = None

    def __init__(self, seconds, memory):
        self.memory_limit_in_mb, self.aws_request_id = str(memory), "00000000-0000-0000-0000-000000000000"
        self._ends = time.monotonic() + seconds

    def get_remaining_time_in_millis(self):
        return max(0, int(1000 * (self._ends - time.monotonic())))


class LambdaHandler:
    convention = "lambda"
    is_per_sample = False

    def __init__(self, definition, names, functions):
        self.names, self.functions = names, functions
        self.timeout, self.memory = definition["timeout"], definition.get("memory_mb", 2048)
        self.wraps_text = definition.get("reference_form") == "text_object"

    def grade(self, samples, request):
        events = [self._event(index, sample) for index, sample in enumerate(samples)]
        try:
            answer = call(self.functions[0], self.timeout, events, Context(self.timeout, self.memory))
            scored = self._by_id(self._unwrapped(answer), events)
        except CAUGHT as error:
            return [failed(error) for _ in samples]
        return [self._guarded(scored.get(event["id"]), event["id"]) for event in events]

    def _event(self, index, sample):
        """Some handlers read the row's columns beside `messages`, some in `metadata`: they are in both places."""
        columns = {k: v for k, v in sample["item"].items() if k not in ("id", "messages", "metadata")}
        if self.wraps_text and isinstance(columns.get("reference_answer"), str):
            columns["reference_answer"] = {"text": columns["reference_answer"]}
        own = sample["item"].get("metadata")
        answer = sample["sample"]["choices"][0]["message"]
        return {
            **columns,
            "id": f"{sample['id'] or 'sample'}-{index}",
            "messages": [*sample["messages"], answer],
            "metadata": {**columns, **(own if isinstance(own, dict) else {})},
        }

    def _unwrapped(self, answer):
        """The list of scores: bare, or in the envelope of an HTTP answer."""
        if isinstance(answer, dict) and "errorMessage" in answer:
            raise Failure("raised", f"the handler answered {answer.get('errorType', 'an error')}: {answer['errorMessage']}")
        if isinstance(answer, dict) and ("statusCode" in answer or "body" in answer):
            status = answer.get("statusCode", 200)
            if status != 200:
                raise Failure("http_status", f"the handler answered status {status}: {shown(answer.get('body'))}")
            answer = answer.get("body")
            if isinstance(answer, (str, bytes)):
                try:
                    answer = json.loads(answer)
                except ValueError as error:
                    raise Failure("malformed", f"the body of the handler's answer is no JSON: {error}")
        if not isinstance(answer, list):
            raise Failure("malformed", f"{self.names[0]} returned {shown(answer)}; expected a list with a score a sample")
        return answer

    def _by_id(self, answer, events):
        """Scores are joined by id; without any ids, by place."""
        if any(not isinstance(score, dict) for score in answer):
            raise Failure("malformed", "the handler's list holds something that is no object")
        if len(answer) == len(events) and not any("id" in score for score in answer):
            return {event["id"]: score for event, score in zip(events, answer)}
        return {str(score.get("id")): score for score in answer}

    def _guarded(self, score, identifier):
        try:
            if score is None:
                raise Failure("malformed", f"the handler's answer has no score with the id '{identifier}'")
            if "aggregate_reward_score" not in score:
                raise Failure("malformed", f"the score is {shown(score)}; expected 'aggregate_reward_score'")
            return self._result(score)
        except Exception as error:
            return failed(error)

    @staticmethod
    def _result(score):
        parts, metrics = [], {}
        for entry in score.get("metrics_list") or []:
            name, value = str(entry.get("name")), metric(entry.get("value"), from_text=True)
            if value is None:
                continue
            if str(entry.get("type", "Metric")).lower() == "reward":
                parts.append((name, value))
            else:
                metrics[name] = value
        return rewarded(number(score["aggregate_reward_score"], "aggregate_reward_score"), parts, metrics)
