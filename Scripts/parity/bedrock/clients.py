"""The stock clients against the service, and words for what is looked at."""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def client(service, number=0, region="us-east-1"):
    """A client of the first (0) or the second (1) project."""
    endpoint, *keys = sys.argv[1:6]
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=keys[number * 2],
        aws_secret_access_key=keys[number * 2 + 1],
        config=Config(retries={"max_attempts": 0}, read_timeout=120),
    )


def failure(call, **arguments):
    """The error that a call ends with: its class, code, status and message."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        return {
            "class": type(error).__name__,
            "code": error.response["Error"]["Code"],
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "message": error.response["Error"]["Message"],
        }
    return {"class": None, "answer": {k: v for k, v in answer.items() if k != "ResponseMetadata"}}


def plain(value):
    """JSON of what botocore parsed."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode()
    return value
