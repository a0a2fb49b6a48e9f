"""What is made from the tables of settings and commands: manual pages, completions, and the tables of the documentation."""

import re
import shutil
import subprocess

import pytest

from harness.paths import BINARY, ROOT

# Texts are judged. Whether they are made without a fault, the unit tests see.
pytestmark = pytest.mark.any_build

MANUAL = BINARY.with_name("kinto_mirror_manual")
PAGES = {"table": "docs/configuration.md", "switches": "docs/configuration.md", "readme": "README.md",
         "commands": "docs/operations.md"}


def made(part: str) -> str:
    return subprocess.run([str(MANUAL), part], capture_output=True, text=True, timeout=60, check=True).stdout


def tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.mark.parametrize("part, page", PAGES.items())
def test_the_documentation_has_the_table_as_it_is_made(part, page):
    """`kinto_mirror_manual PART` prints it, for whoever has changed the program's tables."""
    text = (ROOT / page).read_text()
    table = made(part)
    assert table in text, f"{page} has another table than `kinto_mirror_manual {part}` prints:\n{table}"


@pytest.mark.parametrize("flags", re.findall(r"^\| \[`(--[\w-]+)`\]\(#([\w-]+)\)", made("table"), re.MULTILINE), ids=lambda f: f[0])
def test_each_setting_has_a_section_of_its_own(flags):
    assert f"\n### {flags[1]}\n\n`{flags[0]} " in (ROOT / PAGES["table"]).read_text()


@pytest.mark.parametrize("part, name", [("man", "kinto-mirror.1"), ("file", "kinto-mirror.toml.5")])
def test_the_manual_pages_are_right(part, name, tmp_path):
    page = tmp_path / name
    page.write_text(made(part))
    groff = subprocess.run([tool("groff"), "-man", "-ww", "-Tutf8", "-rLL=100n", str(page)], capture_output=True, text=True, timeout=60)
    assert groff.returncode == 0 and groff.stderr == ""
    text = re.sub("\x1b\\[[0-9;]*m|.\b", "", groff.stdout)
    settings = re.findall(r"^\| \[?`?(--[\w-]+)?", made("table"), re.MULTILINE)
    wanted = {flag for flag in settings if flag} if part == "man" else {"auth_file", "[[replica]]", "max_delete", "[control]"}
    assert len(wanted) > 3 and not {word for word in wanted if word not in text}
    for command in re.findall(r"^\| `([a-z ]+)", made("commands"), re.MULTILINE) if part == "man" else []:
        assert re.search(rf"^ +{command.strip()}\b", text, re.MULTILINE), command


def completed(line: str, tmp_path) -> list[str]:
    """What bash offers behind `line`; like readline, it splits at '=' too."""
    script = tmp_path / "completion"
    script.write_text(made("bash"))
    words = [word for word in re.split(r"\s+|(=)", line) if word] + ([""] if line.endswith(" ") else [])
    listed = " ".join(f"'{word}'" for word in words)
    done = subprocess.run([tool("bash"), "--norc", "-c", f"set -u; . {script}; COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; "
                           "_kinto_mirror; printf '%s\\n' \"${COMPREPLY[@]}\""], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("line, offered", [
    ("kinto-mirror he", ["healthcheck"]),
    ("kinto-mirror config ", ["show", "check"]),
    ("kinto-mirror --json config c", ["check"]),
    ("kinto-mirror run --on", ["--once"]),
    ("kinto-mirror check --on", []),
    ("kinto-mirror selftest --ju", ["--junit"]),
    ("kinto-mirror sync 'a/*' --time", ["--timeout"]),
    ("kinto-mirror --extras ", ["keep", "delete"]),
    ("kinto-mirror --extras=", ["keep", "delete"]),
    ("kinto-mirror --extras=d", ["delete"]),
    ("kinto-mirror --interval ", []),
    ("kinto-mirror --config m", ["mirror.toml"]),
    ("kinto-mirror restore --json m", ["mirror.toml"]),
    ("kinto-mirror dump --dr", []),
    ("kinto-mirror restore --dr", ["--dry-run"]),
])
def test_bash_completes(line, offered, tmp_path):
    (tmp_path / "mirror.toml").touch()
    assert completed(line.replace("'", ""), tmp_path) == offered


def test_zsh_takes_its_completion(tmp_path):
    script = tmp_path / "_kinto-mirror"
    script.write_text(made("zsh"))
    zsh = tool("zsh")
    assert subprocess.run([zsh, "-n", str(script)], capture_output=True, text=True, timeout=60).stderr == ""
    # The specifications are judged when they are used: a shell in a terminal of its own completes.
    run = (f"zmodload zsh/zpty; zpty z {zsh} -f; zpty -w z 'fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -D; PS1=; echo rea''dy'; "
           "zpty -r z out '*ready*'; zpty -w -n z $'kinto-mirror --ex\\t'; zpty -r -m z out '*extras*'; print -r -- $out; "
           "zpty -w -n z $'\\ckkinto-mirror hea\\t'; zpty -r -m z out '*healthcheck*'; print -r -- $out; zpty -d z")
    done = subprocess.run([zsh, "-f", "-c", run], capture_output=True, text=True, timeout=60)
    assert "--extras" in done.stdout and "healthcheck" in done.stdout and "_arguments:" not in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("line, offered", [
    ("kinto-mirror he", {"healthcheck"}),
    ("kinto-mirror config ", {"show", "check"}),
    ("kinto-mirror --extras ", {"keep", "delete"}),
    ("kinto-mirror selftest --ju", {"--junit"}),
    ("kinto-mirror check --ju", set()),
])
def test_fish_completes(line, offered, tmp_path):
    script = tmp_path / "kinto-mirror.fish"
    script.write_text(made("fish"))
    done = subprocess.run([tool("fish"), "--no-config", "-c", f"source {script}; complete -C '{line}'"], capture_output=True, text=True,
                          timeout=60, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert done.stderr == ""
    assert {word.split("\t")[0] for word in done.stdout.splitlines()} == offered


def test_the_manual_has_the_examples_that_help_has():
    said = made("man").replace("\\(aq", "'").replace("\\-", "-")
    for command in ("check", "audit", "pause", "resume", "release", "sync", "reload", "dump", "restore"):
        shown = subprocess.run([str(BINARY), command, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
        examples = re.findall(rf"^    (kinto-mirror {command}\b.*)", shown.replace(" \\\n      ", " "), re.MULTILINE)
        assert examples and all(f"\n{one}\n" in said for one in examples), command
