"""Short-term keys and presigned addresses, as botocore signs them, and what the service says to each."""

import base64
import json
import sys
import urllib.error
import urllib.request

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

endpoint, key, secret = sys.argv[1:4]


def presigned(method, url, secret=secret, expires=43200, token=None, **more):
    request = AWSRequest(method=method, url=url, headers={"host": url.split("/")[2]}, **more)
    SigV4QueryAuth(Credentials(key, secret, token), "bedrock", "us-east-1", expires=expires).add_auth(request)
    return request.url


def short_term(action="CallWithBearerToken", **more):
    """What aws_bedrock_token_generator.provide_token makes."""
    url = presigned("POST", "https://bedrock.amazonaws.com/", params={"Action": action}, **more)
    text = url.removeprefix("https://") + "&Version=1"
    return "bedrock-api-key-" + base64.b64encode(text.encode()).decode()


def status(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).status
    except urllib.error.HTTPError as error:
        return [error.code, error.headers.get("x-amzn-ErrorType"), error.read().decode()]


models = endpoint + "/custom-models"
right = presigned("GET", models + "?maxResults=3&nameContains=a%2Db")
print(json.dumps({
    "key": status(models, short_term()),
    "session": status(models, short_term(token="a/session+token==")),
    "openai": status(endpoint + "/test", short_term()),
    "wrongSecret": status(models, short_term(secret="other")),
    "wrongAction": status(models, short_term(action="Else")),
    "tooLong": status(models, short_term(expires=43201)),
    "noKey": status(models, "bedrock-api-key-x"),
    "url": status(right),
    "urlWrongSecret": status(presigned("GET", models, secret="other")),
    "urlChanged": status(right.replace("maxResults=3", "maxResults=4")),
    "urlAdded": status(right + "&sortOrder=Ascending"),
    "urlOfOther": status(right.replace("/custom-models", "/model-customization-jobs")),
    "text": right,
}))
