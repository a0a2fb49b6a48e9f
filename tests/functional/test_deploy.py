"""What deploy/ holds for orchestrators: judged by their own tools and schemas, with no orchestrator at hand."""

import json
import re
import shutil
import subprocess
import uuid
import warnings
from pathlib import Path

import pytest
import requests
import yaml

from harness import engine, records
from harness.paths import BINARY, ROOT
from harness.status import free_port, promtool
from harness.waiting import wait_until

# Files are judged, by other programs.
pytestmark = pytest.mark.any_build

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports what Python will take away
    import kubernetes_validate

DEPLOY = ROOT / "deploy"
KUBERNETES = "1.29"  # the first one with native sidecars
PROMETHEUS = DEPLOY / "prometheus"
COMPOSE = [ROOT / "docker-compose.yml", DEPLOY / "compose.memory.yml"]
CREDENTIAL = re.compile("PASSWORD|SECRET|AUTH")


def tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def run(*args: str) -> subprocess.CompletedProcess:
    return subprocess.run(args, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def objects(path) -> list[dict]:
    return list(yaml.safe_load_all(path.read_text()))


KUSTOMIZATION = DEPLOY / "k8s/kustomization.yaml"
WORKLOADS = ("Deployment", "StatefulSet")


def manifests() -> list[dict]:
    paths = sorted(path for path in (DEPLOY / "k8s").glob("*.yaml") if path != KUSTOMIZATION)
    return [one for path in paths for one in objects(path)]


def kinds(*wanted: str) -> list[dict]:
    found = [one for one in manifests() if one["kind"] in wanted]
    assert {one["kind"] for one in found} == set(wanted)
    return found


def containers(deployment: dict) -> list[dict]:
    pod = deployment["spec"]["template"]["spec"]
    return pod.get("initContainers", []) + pod["containers"]


# Kubernetes

@pytest.mark.parametrize("version", [KUBERNETES, kubernetes_validate.latest_version()])
def test_the_manifests_follow_the_schemas(version):
    for one in kinds("Namespace", "NetworkPolicy", "ConfigMap", "Secret", *WORKLOADS, "Service", "PodDisruptionBudget"):
        kubernetes_validate.validate(one, version, strict=True)


def test_the_schemas_find_mistakes():
    deployment = kinds("Deployment")[0]
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES, strict=True)


def test_one_deployment_has_it_as_a_native_sidecar_and_others_alone():
    places = {}
    for deployment in kinds(*WORKLOADS):
        pod = deployment["spec"]["template"]["spec"]
        for place in ("initContainers", "containers"):
            for one in pod.get(place, []):
                if one["name"] == "kinto-mirror":
                    places[deployment["metadata"]["name"]] = (place, one.get("restartPolicy"))
    assert places == {"kinto-read-only": ("initContainers", "Always"), "kinto-mirror": ("containers", None),
                      "kinto-mirror-shards": ("containers", None)}


def expanded(container: dict, values: dict[str, str]) -> dict[str, str]:
    """Its variables as Kubernetes fills them in: each may name those before it. `values`: of field references."""
    known: dict[str, str] = {}
    for variable in container["env"]:
        if "valueFrom" in variable:
            known[variable["name"]] = values[variable["valueFrom"]["fieldRef"]["fieldPath"]]
        else:
            known[variable["name"]] = re.sub(r"\$\((\w+)\)", lambda found: known.get(found[1], found[0]), variable["value"])
    return known


def test_each_pod_of_the_set_is_another_shard_of_as_many_as_there_are():
    stateful, = kinds("StatefulSet")
    spec = stateful["spec"]
    assert "volumeClaimTemplates" not in spec, "there is no state on disk"
    assert not [one for one in spec["template"]["spec"]["volumes"] if "secret" not in one]
    container, = containers(stateful)
    shards = []
    for index in range(spec["replicas"]):
        told = expanded(container, {"metadata.labels['apps.kubernetes.io/pod-index']": str(index)})
        environment = {"KINTO_MIRROR_MASTER": "https://kinto.example.org/v1"} | {
            name: value for name, value in told.items() if not name.endswith("_AUTH_FILE")}
        shown = subprocess.run([str(BINARY), "config", "show", "--json"], env=environment, capture_output=True, text=True,
                               timeout=60)
        assert shown.returncode == 0, shown.stderr
        shards.append(json.loads(shown.stdout)["sync"]["shard"]["value"])
    assert shards == [f"{index}/{spec['replicas']}" for index in range(spec["replicas"])]


def test_the_set_has_its_service_and_its_disruption_budget():
    stateful, = kinds("StatefulSet")
    labels = stateful["spec"]["template"]["metadata"]["labels"]
    assert stateful["spec"]["selector"]["matchLabels"] == labels
    budget, = kinds("PodDisruptionBudget")
    assert budget["spec"]["selector"]["matchLabels"] == labels and budget["spec"]["maxUnavailable"] == 1
    service = next(one for one in kinds("Service") if one["metadata"]["name"] == stateful["spec"]["serviceName"])
    assert service["spec"]["selector"] == labels and service["spec"]["clusterIP"] == "None"


def test_the_kustomization_has_all_and_writes_the_number_of_shards_once():
    told, = objects(KUSTOMIZATION)
    files = {path.name for path in KUSTOMIZATION.parent.glob("*.yaml")} - {KUSTOMIZATION.name}
    assert set(told["resources"]) == files - {"secret.example.yaml"}, "an example must not replace the real one"
    assert told["namespace"] == next(one["metadata"]["name"] for one in kinds("Namespace"))
    names = [(one["kind"], one["metadata"]["name"]) for one in manifests()]
    assert len(names) == len(set(names)), "what has one name replaces the other"
    replacement, = told["replacements"]
    source, target = replacement["source"], replacement["targets"][0]
    assert (source["kind"], source["name"]) in names and target["select"] == {key: source[key] for key in ("kind", "name")}
    stateful, = kinds("StatefulSet")
    assert len(target["fieldPaths"]) == 1
    assert at(stateful, target["fieldPaths"][0]) == str(at(stateful, source["fieldPath"])), "as whoever has no kustomize sees it"


def test_every_pod_has_a_policy_that_lets_nothing_in_but_its_named_ports():
    policies = kinds("NetworkPolicy")
    for deployment in kinds(*WORKLOADS):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        mine = [one["spec"] for one in policies if selects(one["spec"]["podSelector"], labels)]
        assert len(mine) == 1 and mine[0]["policyTypes"] == ["Ingress", "Egress"]
        named = {port["name"] for one in containers(deployment) for port in one.get("ports", [])}
        let_in = {port["port"]: rule.get("from") for rule in mine[0]["ingress"] for port in rule["ports"]}
        assert let_in.keys() == named and let_in["status"], "the status pages are not everybody's"
        asked = {port["port"] for rule in mine[0]["egress"] for port in rule["ports"]}
        assert {53, 443} <= asked and all("to" not in rule for rule in mine[0]["egress"])


def selects(selector: dict, labels: dict) -> bool:
    wanted = selector.get("matchLabels", {})
    chosen = selector.get("matchExpressions", [])
    return wanted.items() <= labels.items() and all(labels.get(one["key"]) in one["values"] for one in chosen)


def at(value: object, path: str) -> object:
    """What a field path of kustomize leads to, such as `spec.containers.[name=c].image`."""
    for step in path.split("."):
        chosen = re.fullmatch(r"\[(\w+)=(.+)\]", step)
        value = next(one for one in value if one[chosen[1]] == chosen[2]) if chosen else value[step]
    return value


def test_every_container_is_locked_down_and_bounded():
    for deployment in kinds(*WORKLOADS):
        pod = deployment["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for one in containers(deployment):
            assert one["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                              "capabilities": {"drop": ["ALL"]}}
            assert "memory" in one["resources"]["limits"] and "cpu" in one["resources"]["requests"]
            if one["name"] == "kinto-mirror":
                assert one["livenessProbe"]["httpGet"]["path"] == "/__lbheartbeat__"


def test_what_the_pods_name_is_there():
    known = {(one["kind"], one["metadata"]["name"]): one for one in manifests()}
    for deployment in kinds(*WORKLOADS):
        pod = deployment["spec"]["template"]["spec"]
        volumes = {volume["name"] for volume in pod.get("volumes", [])}
        for one in containers(deployment):
            for source in one.get("envFrom", []):
                assert ("ConfigMap", source["configMapRef"]["name"]) in known
            mounts = {mount["mountPath"]: mount["name"] for mount in one.get("volumeMounts", [])}
            assert set(mounts.values()) <= volumes
            for variable in one.get("env", []):
                chosen = variable.get("valueFrom", {}).get("secretKeyRef")
                assert not chosen or chosen["key"] in known["Secret", chosen["name"]]["stringData"]
                if variable["name"].endswith("_AUTH_FILE"):
                    folder, key = variable["value"].rsplit("/", 1)
                    assert folder in mounts and key in known["Secret", "kinto-mirror"]["stringData"]


def test_manifests_and_image_name_the_version():
    version = re.search(r"project\(kinto-mirror VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    images = {one["image"] for deployment in kinds(*WORKLOADS) for one in containers(deployment)
              if one["name"] == "kinto-mirror"}
    assert images == {f"kinto-mirror:{version}"}
    for path in COMPOSE:
        named = {service["image"] for service in yaml.safe_load(path.read_text())["services"].values() if "build" in service}
        assert named == {f"kinto-mirror:${{KINTO_MIRROR_TAG:-{version}}}"}
    assert f"-t kinto-mirror:{version} ." in (DEPLOY / "Dockerfile").read_text()
    assert f'image.version="{version}"' in (DEPLOY / "Dockerfile").read_text()


def test_the_daemon_takes_what_the_configmap_tells(tmp_path):
    told = next(one for one in manifests() if one["kind"] == "ConfigMap")["data"]
    environment = told | {"KINTO_MIRROR_REPLICA": "https://replica.example.org/v1"}
    done = subprocess.run([str(BINARY), "config", "check"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# systemd

UNIT = DEPLOY / "systemd/kinto-mirror.service"


def exposure(unit: Path) -> float:
    done = run(tool("systemd-analyze"), "security", "--offline=true", "--no-pager", "--threshold=20", str(unit))
    assert done.returncode == 0, done.stdout + done.stderr
    return float(re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)[1])


def test_the_unit_is_hardened(tmp_path):
    """Whoever knows where the servers are names their networks: then it is 1.0 at most."""
    assert exposure(UNIT) <= 1.1
    named = tmp_path / UNIT.name
    text = UNIT.read_text()
    assert "#IPAddressDeny=any" in text and "#IPAddressAllow=" in text
    named.write_text(text.replace("#IPAddress", "IPAddress"))
    assert exposure(named) <= 1.0


def test_the_unit_has_no_mistake(tmp_path):
    analyze = tool("systemd-analyze")
    good = UNIT.read_text().replace("/usr/bin/kinto-mirror", str(BINARY))
    copy = tmp_path / "kinto-mirror.service"
    for text, is_good in ((good, True), (good.replace("ProtectHome=yes", "ProtectHome=perhaps"), False)):
        copy.write_text(text)
        done = run(analyze, "verify", "--man=no", str(copy))
        told = [line for line in (done.stdout + done.stderr).splitlines() if "kinto-mirror" in line]
        assert (told == []) == is_good, told


def test_the_unit_is_told_of_and_watched():
    text = UNIT.read_text()
    assert "Type=notify" in text and "WatchdogSec=" in text and "DynamicUser=yes" in text


def directives(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def test_the_unit_has_a_place_for_the_socket_and_reloads():
    assert directives("RuntimeDirectory") == ["kinto-mirror"]
    assert directives("ExecReload") == ["/usr/bin/kinto-mirror reload"]


def shown_under_the_unit(folder, config) -> dict:
    """What `config show` tells where systemd handed over what is in `folder`."""
    environment = {"CREDENTIALS_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": "/run/kinto-mirror"}
    done = subprocess.run([str(BINARY), "config", "show", "--json", "--config", str(config)], env=environment,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_unit_hands_over_each_server_s_credentials_by_its_name_and_demands_none(tmp_path):
    """A folder as a credential: systemd makes auth_NAME of each file NAME in it; an empty one, which it makes, is none."""
    ident, folder = directives("LoadCredential")[0].split(":")
    assert folder.removeprefix("/etc/") in directives("ConfigurationDirectory")[0].split()
    assert not [line for line in directives("Environment") if "AUTH" in line]
    config = ROOT / "config/two-replicas.toml"
    told = shown_under_the_unit(tmp_path, config)
    assert not [server for server in (told["master"], *told["replica"]) if "auth" in server]
    assert told["control"]["path"]["value"] == "/run/kinto-mirror/control.sock"
    for name in ("master", "paris", "tokyo"):
        (tmp_path / f"{ident}_{name}").write_text(f"of-{name}:secret\n")
    told = shown_under_the_unit(tmp_path, config)
    users = [server["auth"]["value"] for server in (told["master"], *told["replica"])]
    assert users == ["of-master:****", "of-paris:****", "of-tokyo:****"]


# Prometheus

def test_the_alert_rules_are_right():
    done = run(promtool(), "check", "rules", str(PROMETHEUS / "kinto-mirror.rules.yml"))
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(promtool(), "test", "rules", str(PROMETHEUS / "kinto-mirror.rules.test.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_scrapes_the_job_that_the_rules_look_for(tmp_path):
    text = (PROMETHEUS / "scrape.yml").read_text()
    shutil.copy(PROMETHEUS / "kinto-mirror.rules.yml", tmp_path)
    on_machines, commented = re.split(r"^  # On Kubernetes.*\n", text, flags=re.MULTILINE)
    head = on_machines[:on_machines.index("scrape_configs:")]
    on_kubernetes = head + "scrape_configs:\n" + commented.replace("  #", "  ")
    for name, variant in (("machine.yml", on_machines), ("kubernetes.yml", on_kubernetes)):
        (tmp_path / name).write_text(variant)
        job, = yaml.safe_load(variant)["scrape_configs"]
        assert job["job_name"] == "kinto-mirror"
        assert ("kubernetes_sd_configs" in job) == (name == "kubernetes.yml")
    done = run(promtool(), "check", "config", str(tmp_path / "machine.yml"))    # Debian's knows no Kubernetes
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'up{job="kinto-mirror"}' in (PROMETHEUS / "kinto-mirror.rules.yml").read_text()


def test_every_alert_has_a_section_of_the_runbook():
    rules = yaml.safe_load((PROMETHEUS / "kinto-mirror.rules.yml").read_text())["groups"][0]["rules"]
    page = (ROOT / "docs/operations.md").read_text()
    for rule in rules:
        assert rule["annotations"]["runbook_url"] == f"docs/operations.md#{rule['alert']}"
        assert f'<a id="{rule["alert"]}"></a>\n### {rule["alert"]}\n' in page


def test_every_alert_is_tested():
    rules = yaml.safe_load((PROMETHEUS / "kinto-mirror.rules.yml").read_text())["groups"][0]["rules"]
    tests = yaml.safe_load((PROMETHEUS / "kinto-mirror.rules.test.yml").read_text())["tests"]
    checks = [check for test in tests for check in test["alert_rule_test"]]
    alerts = {rule["alert"] for rule in rules}
    assert {check["alertname"] for check in checks if check.get("exp_alerts")} == alerts
    assert {check["alertname"] for check in checks if not check.get("exp_alerts")} == alerts


def test_alerts_and_dashboard_speak_of_metrics_that_there_are(pair, name, rng, daemon):
    records.load(pair.master, name, records.random_records(rng, 3))
    port = free_port()
    daemon(*pair.args, "--listen", f"127.0.0.1:{port}", "--notify-url", f"http://127.0.0.1:{free_port()}/")
    url = f"http://127.0.0.1:{port}/metrics"
    text = wait_until(lambda: (found := requests.get(url, timeout=10).text) and f'collection="{name}"' in found and found,
                      "the metrics tell of the collection")
    series = {re.match(r"\w+", line)[0]: re.findall(r'(\w+)="', line) for line in text.splitlines() if line[:1] != "#"}
    used = (PROMETHEUS / "kinto-mirror.rules.yml").read_text() + (PROMETHEUS / "dashboard.json").read_text()
    names = set(re.findall(r"kinto_mirror_\w+", used))
    assert len(names) > 10
    assert names <= series.keys()
    labels = {label for found in series.values() for label in found}
    for panel in json.loads((PROMETHEUS / "dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            asked = set(re.findall(r"{{(\w+)}}", target["legendFormat"])) - {"instance", "job"}
            grouped = re.search(r"by \(([^)]*)\)", target["expr"])
            assert asked <= labels, target
            assert not grouped or asked <= set(grouped[1].split(", ")), target


def test_the_dashboard_overlaps_nowhere():
    taken: set[tuple[int, int]] = set()
    for panel in json.loads((PROMETHEUS / "dashboard.json").read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


# Compose, as far as it can be judged without an engine; tests/docker does the rest.

@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_publish_on_this_machine_only_and_need_nothing_set(path):
    text = path.read_text()
    services = yaml.safe_load(text)["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    variables = re.findall(r"(?<!\$)\$\{(\w+)(\S*?)\}", "\n".join(lines))
    assert variables and all(rest.startswith(":-") and len(rest) > 2 for _, rest in variables)
    defaults = [rest[2:] for variable, rest in variables if CREDENTIAL.search(variable)]
    assert defaults and all("development" in default for default in defaults)
    assert "DEVELOPMENT ONLY" in text


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_the_projects_have_names_of_their_own(path):
    """By .env beside the file: V1 of Compose refuses `name:`."""
    names = dict(line.split("=", 1) for line in (path.parent / ".env").read_text().splitlines() if not line.startswith("#"))
    assert names["COMPOSE_PROJECT_NAME"] == {"docker-compose.yml": "kinto-mirror", "compose.memory.yml": "kinto-mirror-memory"}[path.name]
    command = engine.compose_command()
    if command and command[0] == "docker":    # V1 does not print it
        told = run(*command, "-f", str(path), "config", "--format", "json")
        assert json.loads(told.stdout)["name"] == names["COMPOSE_PROJECT_NAME"]


def test_the_secrets_overlay_has_no_defaults():
    text = (DEPLOY / "compose.secrets.yml").read_text()
    assert ":-" not in text
    overlay = yaml.safe_load(text)["services"]
    base = yaml.safe_load(COMPOSE[0].read_text())["services"]
    assert overlay.keys() == base.keys()
    for name, service in base.items():
        kept = {variable for variable, value in service["environment"].items()
                if CREDENTIAL.search(variable) and overlay[name]["environment"].get(variable) != ""}
        assert not kept, f"{name} keeps {kept}"


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_takes_the_file(path):
    command = engine.compose_command()
    if not command:
        pytest.skip("neither 'docker compose' nor docker-compose is installed")
    done = run(*command, "-p", f"test-{uuid.uuid4().hex[:8]}", "-f", str(path), "config", "-q")
    assert done.returncode == 0, done.stderr


# Jobs for others' CI

@pytest.mark.parametrize("file, jobs", [("github-actions.yml", lambda text: text["jobs"]), ("gitlab-ci.yml", lambda text: text)],
                         ids=["github", "gitlab"])
def test_the_job_files_run_the_self_test_and_clean_up(file, jobs):
    job = jobs(yaml.safe_load((DEPLOY / "ci" / file).read_text()))["selftest"]
    text = json.dumps(job)
    assert "docker compose up -d" in text and "docker compose run --rm selftest" in text and "down -v" in text
    named = re.search(r"deploy/compose[\w.]+yml", text)[0]
    assert (ROOT / named).exists()


@pytest.mark.parametrize("file, jobs", [("github-release.yml", lambda text: text["jobs"]), ("gitlab-release.yml", lambda text: text)],
                         ids=["github", "gitlab"])
def test_the_release_jobs_make_package_image_and_what_is_in_them(file, jobs):
    made = jobs(yaml.safe_load((DEPLOY / "ci" / file).read_text()))
    package, image = json.dumps(made["package"]), json.dumps(made["image"])
    assert "deploy/package.sh" in package and "lintian" in package and ".deb" in package and ".cdx.json" in package
    assert "deploy/Dockerfile" in image and "/app/sbom.cdx.json" in image and "COMMIT=" in image
    assert ">sbom.cdx.json" in (DEPLOY / "Dockerfile").read_text()
    assert (DEPLOY / "package.sh").stat().st_mode & 0o100
