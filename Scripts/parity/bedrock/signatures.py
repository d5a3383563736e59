"""Requests as botocore signs them, for the verifier: a table of odd paths, queries and bodies, printed as JSON."""

import json

from botocore.auth import SigV4Auth, SigV4QueryAuth  # noqa: F401
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HOST = "http://127.0.0.1:8080"
ARN = "arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Amodel-customization-job%2Famazon.nova-2-lite-v1%3A0%3A256k%2Fabcd1234efgh"
TARGETS = [
    "/",
    "/model-customization-jobs",
    "/model-customization-jobs/" + ARN,
    "/model-customization-jobs/" + ARN + "/stop",
    "/model/us.amazon.nova-2-lite-v1:0/converse",
    "/model/a%2Fb%20c/invoke",
    "/model/%E4%BD%A0%E5%A5%BD/invoke",
    "/model/a~b_c-d.e/invoke",
    "/model/a/../b/./c//d/invoke",
    "/model/a%25b/invoke",
    "/custom-models?maxResults=10&nameContains=a%20b&sortOrder=Ascending",
    "/custom-models?nameContains=a%2Bb%2Fc%3D&creationTimeAfter=2026-11-22T06%3A30%3A00Z",
    "/custom-models?nextToken=bWVzc2FnZQ%3D%3D&maxResults=1",
    "/custom-models?b=2&a=1&a=0&c=",
    "/custom-models?x=%E2%82%AC~tilde",
]
BODIES = [b"", b"{}", '{"text":"Grüße €"}'.encode(), bytes(range(256)) * 40]


def signed(method, target, body, token, headers):
    request = AWSRequest(method=method, url=HOST + target, data=body, headers=headers)
    credentials = Credentials("OPAKTEST", "se/cret+key=", token)
    SigV4Auth(credentials, "bedrock", "us-west-2").add_auth(request)
    fields = dict(request.headers.items())
    fields.setdefault("Host", "127.0.0.1:8080")
    return {
        "method": method,
        "target": target,
        "body": body.hex(),
        "fields": [[name, value] for name, value in fields.items()],
    }


cases = []
for index, target in enumerate(TARGETS):
    for number, body in enumerate(BODIES):
        method = "GET" if not body else ["POST", "PUT", "PATCH"][number % 3]
        token = "session/token==" if (index + number) % 2 else None
        headers = {"Content-Type": "application/json", "X-Amz-Odd": "  two   spaces  "} if number % 2 else {}
        cases.append(signed(method, target, body, token, headers))
print(json.dumps(cases))
