"""A reward Lambda: reads the reference from either place and says what the score is made of."""

import json


def _score(sample):
    reference = sample["reference_answer"]
    assert sample["metadata"]["reference_answer"] == reference
    text = sample["messages"][-1]["content"]
    right = 1.0 if str(reference["final_answer"]) in text else 0.0
    return {
        "id": sample["id"],
        "aggregate_reward_score": 0.8 * right + 0.2 * (len(text) < sample["limit"]),
        "metrics_list": [
            {"name": "accuracy", "value": right, "type": "Reward"},
            {"name": "length_chars", "value": str(len(text)), "type": "Metric"},
        ],
    }


def lambda_handler(event, context):
    assert context.get_remaining_time_in_millis() > 0
    # Scores are joined by their ids, so they may come in any order.
    return [_score(sample) for sample in reversed(event)]


def enveloped_handler(event, context):
    return {"statusCode": 200, "headers": {}, "body": json.dumps(lambda_handler(event, context))}
