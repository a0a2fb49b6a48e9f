"""deploy/k8s/sidecar.yaml with no Kubernetes: its containers, started by Docker in the order and with the bounds that a kubelet
would give them, in one network namespace."""

import time
import uuid

import pytest
import yaml

from harness import engine, records
from harness.engine import Node, docker
from harness.paths import ROOT
from harness.status import free_port
from harness.waiting import wait_until

AUTH = "mirror:correct-horse"
NAME = "library/books"
DATABASE = "postgresql://kinto:correct-horse@database/kinto"
SECRETS = {"kinto-replica": {"storage-url": DATABASE, "hmac-secret": "not a secret"}}
MASTER = """sed 's/^host = .*/host = 0.0.0.0/' "$KINTO_INI" >/tmp/kinto.ini
exec kinto start --ini /tmp/kinto.ini --port 8888"""


class Pod:
    def __init__(self, folder):
        self._name = f"kinto-mirror-test-{uuid.uuid4().hex[:8]}"
        self._folder = folder
        self.made: list[str] = []
        docker("network", "create", self._name)
        self.ports = {port: free_port() for port in ("master", "read-only")}
        read = [list(yaml.safe_load_all((ROOT / "deploy/k8s" / name).read_text()))
                for name in ("configuration.yaml", "sidecar.yaml", "secret.example.yaml")]
        self._config = read[0][0]["data"] | {"KINTO_MIRROR_MASTER": "http://master:8888/v1"}
        self._spec = read[1][0]["spec"]["template"]["spec"]
        for key in read[2][0]["stringData"]:
            (folder / key).write_text(AUTH + "\n")
            (folder / key).chmod(0o444)
        folder.chmod(0o755)

    def surroundings(self) -> None:
        database = self.run("--network-alias", "database", "-e", "POSTGRES_USER=kinto", "-e", "POSTGRES_PASSWORD=correct-horse",
                            "postgres:15")
        self.run("--network-alias", "master", "-p", f"127.0.0.1:{self.ports['master']}:8888", "-e", "KINTO_MULTIAUTH_POLICIES=basicauth",
                 "-e", "KINTO_BUCKET_CREATE_PRINCIPALS=system.Authenticated", "kinto/kinto-server", "sh", "-euc", MASTER)
        wait_until(lambda: docker("exec", database, "pg_isready", "-q", "-h", "127.0.0.1"), "the database is ready")
        self.sandbox = self.run("-p", f"127.0.0.1:{self.ports['read-only']}:8888", engine.BASE, "sleep", "3600")

    def run(self, *args: str, network: str = "") -> str:
        self.made.append(docker("run", "-d", "--init", "--network", network or self._name, *args).stdout.strip())
        return self.made[-1]

    def start(self, container: dict) -> str:
        allowed = self._spec["securityContext"]
        options = ["--user", f"{allowed['runAsUser']}:{allowed['runAsGroup']}", "--read-only", "--cap-drop", "ALL",
                   "--memory", container["resources"]["limits"]["memory"].removesuffix("i").lower()]
        known = self._config if container.get("envFrom") else {}
        for variable in container.get("env", []):
            chosen = variable.get("valueFrom", {}).get("secretKeyRef")
            known = known | {variable["name"]: SECRETS[chosen["name"]][chosen["key"]] if chosen else variable["value"]}
        for key, value in known.items():
            options += ["-e", f"{key}={value}"]
        volumes = {volume["name"]: volume for volume in self._spec["volumes"]}
        for mount in container.get("volumeMounts", []):
            volume = volumes[mount["name"]]
            if "secret" in volume:
                options += ["-v", f"{self._folder}:{mount['mountPath']}:ro"]
            else:
                size = volume["emptyDir"]["sizeLimit"].removesuffix("i").lower()
                options += ["--tmpfs", f"{mount['mountPath']}:size={size}"]
        command = container.get("command", [])
        image = engine.IMAGE if container["name"] == "kinto-mirror" else container["image"]
        return self.run(*options, *(["--entrypoint", command[0]] if command else []), image, *command[1:],
                        *container.get("args", []), network=f"container:{self.sandbox}")

    def begin(self) -> dict[str, str]:
        self.surroundings()
        started = {}
        for container in self._spec["initContainers"]:
            started[container["name"]] = self.start(container)
            if container.get("restartPolicy") != "Always":
                assert docker("wait", started[container["name"]]).stdout.strip() == "0", \
                    engine.logs(started[container["name"]])
        time.sleep(3)  # the sidecar is there before what it fills
        for container in self._spec["containers"]:
            started[container["name"]] = self.start(container)
        return started

    def close(self) -> None:
        docker("rm", "-f", "-v", *self.made, check=False)
        docker("network", "rm", self._name, check=False)


@pytest.fixture
def pod(tmp_path):
    pod = Pod(tmp_path)
    yield pod
    pod.close()


def test_the_sidecar_fills_its_pod(pod, rng):
    started = pod.begin()
    master = Node(f"http://127.0.0.1:{pod.ports['master']}/v1", AUTH)
    reader = Node(f"http://127.0.0.1:{pod.ports['read-only']}/v1", AUTH)
    wait_until(lambda: records.load(master, NAME, records.random_records(rng, 30)) is None, "the master takes writes", 60)
    try:
        records.wait_same(master, reader, NAME, "the read-only node of the pod has it all", 60)
    except BaseException:
        print(*(f"== {name}\n{engine.logs(container)[-3000:]}" for name, container in started.items()), sep="\n")
        raise
    # Probes as the kubelet makes them, from within the network namespace. A heartbeat is up to 5 s old.
    for path in ("/__lbheartbeat__", "/__heartbeat__"):
        script = f"import requests; requests.get('http://127.0.0.1:8000{path}', timeout=8).raise_for_status()"
        wait_until(lambda: docker("exec", started["read-only"], "python", "-c", script), f"{path} says that it is well", 20)
    assert engine.inspect(started["kinto-mirror"])["State"]["Running"]
