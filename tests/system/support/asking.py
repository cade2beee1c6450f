"""Questions to a server, put over a socket; an OSError where none answers."""

import http.client
import socket

from support import deadline, port


def http_get(number, path="/"):
    """The body of an HTTP answer of status 200."""
    connection = http.client.HTTPConnection(port.HOST, number, timeout=deadline.ANSWER_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"half an answer: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise OSError(f"status {answer.status}")
    return body


def tcp(number, question):
    """What a TCP server first answers to `question`."""
    with socket.create_connection((port.HOST, number), deadline.ANSWER_S) as connection:
        connection.sendall(question)
        return connection.recv(4096)


def unix(path, question):
    """What a server on a Unix socket first answers to `question`."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(deadline.ANSWER_S)
        connection.connect(str(path))
        connection.sendall(question)
        return connection.recv(4096)
