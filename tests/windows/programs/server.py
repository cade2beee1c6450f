"""A small, real LitServe server, as Windows runs it: with its uvicorn workers as threads.

Usage: python server.py PORT
"""

import sys

import litserve


class Api(litserve.LitAPI):
    def setup(self, device):
        self.device = device

    def decode_request(self, request):
        return request["x"]

    def predict(self, x):
        return x * x

    def encode_response(self, y):
        return {"y": y}


if __name__ == "__main__":
    server = litserve.LitServer(Api(), accelerator="cpu", devices=1, workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=1,
               generate_client_file=False)
