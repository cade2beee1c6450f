from support import asking

from zoo.program import Program

SCRIPT = """
const cluster = require('node:cluster');
const http = require('node:http');
const { spawn } = require('node:child_process');

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
  spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref();
} else {
  http.createServer((request, answer) => answer.end('node of the zoo'))
    .listen(Number(process.argv[2]), '127.0.0.1');
}
"""


class NodeCluster(Program):
    """A primary, two workers that share a port, and a detached child."""

    needs = ("node",)
    least = 4

    def prepare(self):
        self.write("cluster.js", SCRIPT)

    def start(self):
        return self.orphaned(f"node {self.folder}/cluster.js {self.port}")

    def serves(self):
        return b"node of the zoo" in asking.http_get(self.port)
