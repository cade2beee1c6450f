"""Programs that daemonize, each in its own way: one file a program, all in ALL."""

from zoo.chromium import Chromium
from zoo.gpg_agent import GpgAgent
from zoo.gunicorn import Gunicorn
from zoo.ipykernel import Ipykernel
from zoo.java import Java
from zoo.memcached import Memcached
from zoo.multiprocessing_pool import MultiprocessingPool
from zoo.nginx import Nginx
from zoo.node_cluster import NodeCluster
from zoo.postgres import Postgres, PostgresThroughSu
from zoo.redis import Redis
from zoo.screen import Screen
from zoo.ssh_agent import SshAgent
from zoo.tmux import Tmux
from zoo.uvicorn import Uvicorn

ALL = (
    Nginx,
    Redis,
    Memcached,
    Postgres,
    PostgresThroughSu,
    Tmux,
    Screen,
    SshAgent,
    GpgAgent,
    Chromium,
    Gunicorn,
    Uvicorn,
    MultiprocessingPool,
    Ipykernel,
    NodeCluster,
    Java,
)
