"""A small, real LitServe server: it fits a line to five points and answers y for an x.

Usage: python server.py PORT
"""

import sys

import litserve


class LineApi(litserve.LitAPI):
    def setup(self, device):
        self.slope, self.offset = fit_line([(0, 1.1), (1, 2.9), (2, 5.1), (3, 6.9), (4, 9.0)])

    def decode_request(self, request):
        return float(request["x"])

    def predict(self, x):
        return self.slope * x + self.offset

    def encode_response(self, y):
        return {"y": round(y, 2)}


def fit_line(points):
    """Least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in points)
    slope = covariance / sum((x - mean_x) ** 2 for x, _ in points)
    return slope, mean_y - slope * mean_x


if __name__ == "__main__":
    server = litserve.LitServer(LineApi(), accelerator="cpu", devices=1, workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        api_server_worker_type="process",
        generate_client_file=False,
    )
