from support import asking

from zoo.program import Program

CONFIGURATION = """
daemon on;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "nginx of the zoo"; }}
    }}
}}
"""


class Nginx(Program):
    """A master and two workers; as root, the workers are another user's."""

    needs = ("nginx",)
    roots_user = "nobody"
    least = 3

    def prepare(self):
        user = f"user {self.roots_user} nogroup;" if self.account.uid == 0 else ""
        text = CONFIGURATION.format(folder=self.folder, port=self.port, user=user)
        self.write("nginx.conf", text)

    def start(self):
        return f"nginx -e {self.folder}/error.log -c {self.folder}/nginx.conf"

    def serves(self):
        return b"nginx of the zoo" in asking.http_get(self.port)
