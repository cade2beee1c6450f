"""treefall.litserve.run with what is no server that it knows. The rest is in tests/debugger."""

import pytest
from support import deadline, port
from support.waiting import wait_until

UVICORN_STARTUP_FAILURE = 3

SERVER = """
import litserve as ls
class Api(ls.LitAPI):
    def setup(self, device): pass
    def decode_request(self, request): return request["x"]
    def predict(self, x): return x
    def encode_response(self, y): return {"y": y}
"""


@pytest.fixture
def server(ward):
    ward.do(SERVER)
    ward.do("server = ls.LitServer(Api(), accelerator='cpu')")
    ward.do("from treefall import litserve as guarded")
    return ward


def test_what_is_no_server(ward):
    ward.do("from treefall import litserve as guarded")
    answer = ward.answer("guarded.run(object())")
    assert answer["error"] == "Unsupported"
    assert (
        "object has no _init_manager, launch_inference_worker, _start_server, _perform_graceful_shutdown, run"
        in answer["text"]
    )


def test_a_wrong_option_of_the_guard(server, sentinels):
    answer = server.answer("guarded.run(server, kill_delay=0)")
    assert answer["error"] == "OptionError" and "kill_delay=0" in answer["text"]
    assert not sentinels()


def test_a_wrong_option_of_the_server_s_leaves_nothing(server, sentinels, tmp_path):
    before = server.ask("resources()")
    answer = server.answer("guarded.run(server, port='a')")
    assert answer["error"] == "ValueError"
    assert not sentinels()
    assert server.ask("resources()") == before
    assert server.ask("[n for n in guarded._PARTS if n in vars(server)]") == []
    assert not list(tmp_path.glob("treefall-*"))


def test_a_port_that_is_taken_ends_it_with_nothing_left(server, sentinels, tmp_path):
    """uvicorn exits of it. The status is its own."""
    with port.taken() as number:
        server.tell(f"guarded.run(server, port={number}, generate_client_file=False)")
        assert server.popen.wait(deadline.FALL_S) == UVICORN_STARTUP_FAILURE
    wait_until(lambda: not sentinels(), deadline.FALL_S, "no sentinel is left")
    assert not list(tmp_path.glob("treefall-*"))
