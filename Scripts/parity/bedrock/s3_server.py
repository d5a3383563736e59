"""moto's server, with signatures checked. Writes its port and a key to a file, and serves until the file is gone."""

import json
import os
import sys
import time

import boto3
import requests
from moto.server import ThreadedMotoServer

path = sys.argv[1]
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"
requests.post(f"{url}/moto-api/reset-auth", data="4", timeout=30)
common = dict(endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
iam = boto3.client("iam", **common)
iam.create_user(UserName="operant")
key = iam.create_access_key(UserName="operant")["AccessKey"]
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="operant", PolicyName="all", PolicyDocument=json.dumps(policy))
s3 = boto3.client("s3", **common)
s3.create_bucket(Bucket="bucket")
with open(path + ".part", "w") as file:
    json.dump({"port": port, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}, file)
os.rename(path + ".part", path)
while os.path.exists(path):
    time.sleep(0.2)
server.stop()
