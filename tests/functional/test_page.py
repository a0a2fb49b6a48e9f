"""The page for people, in a real browser: it shows a site in trouble, follows it, and lets nothing in or out."""

import base64
import hashlib
import os
import re
import signal
from collections.abc import Iterator

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness import mirror, records
from harness.browser import Browser, storage
from harness.containers import FAST
from harness.control import Control
from harness.faults import SlowWrites
from harness.kinto import AUTH
from harness.status import StatusPages, free_port
from harness.waiting import wait_until

# It is about what a browser makes of the page. How that is served, test_status.py sees.
pytestmark = pytest.mark.any_build

ANY_IDS = {"kinto.record_id_generator": "any_ids.AnyId"}
SCHEMAS = {"kinto.experimental_collection_schema_validation": "true"}
TITLES_ARE_TEXT = {"type": "object", "properties": {"title": {"type": "string"}}}
MARKUP = "<img src=x onerror=document.title='taken'>"
OWN = [f"{MARKUP}{number:02}" for number in range(40)]
NARROW = 360


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(window) -> Browser:
    window.resize(1200)
    window.prefer("light")
    window.open("about:blank")
    window.errors()
    return window


class Trouble:
    """A master, a replica on which much is wrong, and one that is not there."""

    def __init__(self, servers, name: str, folder, daemon):
        self.master = servers.get("memory", "master", ANY_IDS)
        self.replica = servers.get("memory", "replica", ANY_IDS | SCHEMAS)
        self.braked, self.strict, self.paused = (f"{name}-{what}" for what in ("braked", "strict", "paused"))
        for one in (self.braked, self.strict, self.paused):
            records.load(self.master, one, [{"id": f"r{number}", "title": "text"} for number in range(5)])
        for one in (self.braked, self.strict):
            records.load(self.replica, one, [])
        bucket, collection = self.strict.split("/")
        with records.session(self.replica) as web:
            web.put(f"{self.replica.url}/buckets/{bucket}/collections/{collection}",
                    json={"data": {"schema": TITLES_ARE_TEXT}}, timeout=30).raise_for_status()
        records.put(self.master, self.strict, [{"id": f"bad-{MARKUP}", "title": 7}])
        records.put(self.replica, self.braked, [{"id": one} for one in OWN])
        path = folder / "control.sock"
        config = mirror.write_config(folder, self.master.url, paris=self.replica.url,
                                     tokyo=f"http://127.0.0.1:{free_port()}/v1")
        running = daemon("--config", config, *FAST, "--extras", "delete", "--metadata", "create", "--control", str(path),
                         "--listen", "127.0.0.1:0", "--collections", ",".join([self.braked, self.strict, self.paused]))
        self.pages, self.control = StatusPages(running), Control(path, running)
        wait_until(lambda: self.state(self.braked) == "brake" and self.state(self.strict) == "degraded", "it is in trouble")
        wait_until(lambda: self.state(self.paused) == "in-sync", "the third is fine")
        wait_until(lambda: self.pages.status()["replicas"][1]["state"] == "failing", "the second replica is missed")
        self.control.order("pause", self.paused).expect(0)

    def state(self, name: str) -> str:
        [paris] = [one for one in self.pages.status()["replicas"] if one["name"] == "paris"]
        return next(one["state"] for one in paris["collections"] if one["id"] == name)


@pytest.fixture
def trouble(servers, name, tmp_path, daemon) -> Trouble:
    return Trouble(servers, name, tmp_path, daemon)


@pytest.fixture
def followed(pair, name, daemon) -> StatusPages:
    records.load(pair.master, name, [{"id": f"r{number}"} for number in range(5)])
    pages = StatusPages(daemon(*pair.args, *FAST, "--collections", name, "--listen", "127.0.0.1:0"))
    wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")
    return pages


def assert_alone(browser: Browser, pages: StatusPages) -> None:
    """Nothing was asked of anybody else, and nothing was complained of."""
    assert browser.errors() == []
    assert browser.asked() == {pages.address}


def test_a_site_in_trouble(trouble, browser):
    browser.open(trouble.pages.url + "/")
    browser.wait_for("NOT in sync", "#verdict")
    browser.wait_for("paused", "#troubles")
    assert browser.driver.title == "NOT in sync - kinto-mirror"
    told = browser.text("#troubles")
    assert f"{trouble.braked} on paris: the brake holds" in told and "40 deletes, where 10 are allowed" in told
    commands = [one.text for one in browser.driver.find_elements(By.CSS_SELECTOR, "#troubles code") if one.text]
    assert set(commands) == {f"kinto-mirror release {trouble.braked}", f"kinto-mirror resume {trouble.paused}"}
    assert f"{trouble.strict} on paris: 1 in quarantine" in told and "7 is not of type 'string'" in told
    assert f"{trouble.paused} on paris: paused" in told
    assert "tokyo: failing for " in told and "refused" in told
    [paris, tokyo] = browser.driver.find_elements(By.CSS_SELECTOR, "#replicas > section")
    assert "NOT in sync" in paris.text and "failing" in tokyo.text
    for plot in ("lag", "records written", "requests"):
        assert paris.find_elements(By.CSS_SELECTOR, f"svg[role=img][aria-label^='{plot}']")
    assert "buckets, groups and collections: " in paris.text
    # What the brake holds is let go as the page says.
    done = trouble.control.order(*commands[0].split()[1:]).expect(0)
    assert "compared anew" in done.out
    wait_until(lambda: "the brake holds" not in browser.text("#troubles"), "the page shows that the brake is gone")
    assert_alone(browser, trouble.pages)


def test_what_a_server_said_is_never_markup(trouble, browser):
    browser.open(trouble.pages.url + "/")
    browser.wait_for(f"bad-{MARKUP}: 400", "#troubles")
    assert MARKUP + "0" in browser.text("#troubles"), "an id that the brake holds"
    for button in browser.driver.find_elements(By.CSS_SELECTOR, "#replicas button.open"):
        if button.text == trouble.strict:
            button.click()
    browser.wait_for("In quarantine", "#replicas")
    browser.wait_for(f"bad-{MARKUP}: 400", "#replicas")
    assert browser.count("img") == 0 and browser.driver.title == "NOT in sync - kinto-mirror"
    assert_alone(browser, trouble.pages)


def test_a_change_is_followed_without_a_reload(followed, pair, name, browser):
    browser.open(followed.url + "/")
    browser.wait_for("in sync", "#verdict")
    assert browser.driver.title == "in sync - kinto-mirror" and "Nothing does." in browser.text("#hand")
    browser.run("window.stays = 'here'")
    button = browser.find("button.open")
    button.click()
    browser.wait_for("load, ", ".detail")
    assert browser.text("td[data-name=master]") == "5"
    records.put(pair.master, name, [{"id": f"new-{number}"} for number in range(1500)])
    wait_until(lambda: browser.text("td[data-name=master]") == "1,505", "the number is shown")
    browser.wait_for("1,505", "td[data-name=replica]")
    browser.wait_for("follow, ", ".detail")
    assert "created" in browser.text(".detail")
    assert browser.run("return window.stays") == "here" and button.get_attribute("aria-expanded") == "true"
    wait_until(lambda: "most" in browser.text("#replicas figure:nth-child(2)"), "there is a history", timeout=30)
    assert browser.find("#replicas polyline").get_attribute("points")
    assert_alone(browser, followed)


def test_extras_that_are_kept_need_no_hand(servers, name, daemon, browser):
    master, replica = servers.get("memory", "master"), servers.get("memory", "replica")
    bucket = name.split("/")[0]
    records.load(master, name, [{"id": "r"}])
    records.load(replica, f"{bucket}/mine", [{"id": "own"}])
    pages = StatusPages(daemon(*mirror.servers(master.url, replica.url), *FAST, "--collections", f"{bucket}/*", "--listen", "127.0.0.1:0"))
    wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")
    told = pages.status()
    assert told["extras"] == "keep"
    assert [one["kind"] for one in told["replicas"][0]["containers"]["differences"]] == ["extra"]
    browser.open(pages.url + "/")
    browser.wait_for("in sync", "#verdict")
    assert "Nothing does." in browser.text("#hand") and "mine" not in browser.text("#troubles")
    assert_alone(browser, pages)


def test_a_load_has_a_bar(pair, name, proxied, daemon, browser):
    records.load(pair.master, name, [{"id": f"r{number}"} for number in range(3000)])
    slow = proxied(SlowWrites(pair.replica.url, 0.15))
    pages = StatusPages(daemon(*mirror.servers(pair.master.url, slow.url), *FAST, "--collections", name,
                               "--listen", "127.0.0.1:0"))
    browser.open(pages.url + "/")
    browser.wait_for("of 3,000 records", ".loads", timeout=40)
    bar = browser.find("progress")
    assert bar.get_attribute("aria-label") == name and float(bar.get_attribute("max")) == 3000
    wait_until(lambda: 0 < float(bar.get_attribute("value")) < 3000, "it grows")
    wait_until(lambda: browser.count("progress") == 0, "it is gone", timeout=60)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(trouble, browser, scheme):
    browser.prefer(scheme)
    browser.resize(NARROW)
    browser.open(trouble.pages.url + "/")
    browser.wait_for("the brake holds", "#troubles")
    for button in browser.driver.find_elements(By.CSS_SELECTOR, "#replicas button.open"):
        button.click()
    browser.wait_for("The last passes", "#replicas")
    assert browser.overflow() == 0
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]


def test_all_that_can_be_done_can_be_done_by_keyboard(trouble, browser):
    browser.open(trouble.pages.url + "/")
    browser.wait_for("the brake holds", "#troubles")
    browser.wait_for("paused", "#troubles")
    seen = []
    for _ in range(60):
        element = browser.tab()
        seen.append(element.text or element.get_attribute("type") or element.tag_name)
        outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid" or element.tag_name == "body", f"the focus on {seen[-1]} is not seen"
        if element.text == trouble.braked:
            break
    assert seen[:2] == ["copy", "copy"] and "search" in seen and "checkbox" in seen and seen[-1] == trouble.braked
    browser.press(Keys.ENTER)
    browser.wait_for("The last passes", "#replicas")
    assert element.get_attribute("aria-expanded") == "true"
    # New state comes, and the focus stays.
    before = browser.text("#about")
    wait_until(lambda: browser.text("#about") != before, "the page was shown anew")
    assert browser.driver.switch_to.active_element == element


def test_the_filter_narrows_the_table(trouble, browser):
    browser.open(trouble.pages.url + "/")
    browser.wait_for(trouble.paused, "#replicas")
    browser.find("input[type=search]").send_keys("-strict")
    assert [one.text for one in browser.driver.find_elements(By.CSS_SELECTOR, "button.open")] == [trouble.strict]
    browser.find("input[type=search]").send_keys("-none")
    assert browser.count("button.open") == 0 and "none" in browser.text("#replicas")


def test_the_policy_lets_nothing_else_run(followed, browser):
    answer = requests.get(followed.url + "/", timeout=10)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        [inner] = re.findall(f"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert policy[directive] == f"'sha256-{digest}'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    browser.open(followed.url + "/")
    browser.wait_for("in sync", "#verdict")
    assert_alone(browser, followed)
    browser.run("""
        const script = document.createElement("script");
        script.textContent = "window.let_in = true";
        document.head.append(script);
        const image = document.createElement("img");
        image.setAttribute("onerror", "window.let_in = true");
        image.src = "http://127.0.0.2:9/x.png";
        document.body.append(image);""")
    wait_until(lambda: len(browser.errors()) >= 2, "the browser has refused both")
    assert browser.run("return window.let_in === undefined")


def test_a_daemon_that_is_gone_is_told(followed, browser, pair, name):
    browser.open(followed.url + "/")
    browser.wait_for("in sync", "#verdict")
    os.kill(followed.pid, signal.SIGKILL)
    browser.wait_for("The daemon has not answered for", "#silence")
    assert name in browser.text("#replicas"), "what was known stays"


def test_a_token_is_asked_for_and_kept_in_this_tab(pair, name, daemon, tmp_path, browser):
    file = tmp_path / "token"
    file.write_text("open-sesame\n")
    records.load(pair.master, name, [{"id": "r"}])
    pages = StatusPages(daemon(*pair.args, *FAST, "--collections", name, "--listen", "127.0.0.1:0",
                               "--status-token-file", str(file)))
    browser.open(pages.url + "/")
    browser.wait_for("A token, please", "#token")
    assert name not in browser.driver.page_source and AUTH.split(":")[1] not in browser.driver.page_source
    field = browser.driver.switch_to.active_element
    assert field.get_attribute("type") == "password"
    field.send_keys("wrong", Keys.ENTER)
    browser.wait_for("This token is not taken", "#token")
    browser.driver.switch_to.active_element.send_keys("open-sesame", Keys.ENTER)
    browser.wait_for(name, "#replicas")
    assert not browser.find("#token").is_displayed()
    assert browser.driver.current_url == pages.url + "/" and list(storage(browser).values()) == ["open-sesame"]
    browser.driver.refresh()
    browser.wait_for(name, "#replicas")
    file.write_text("another")
    browser.wait_for("A token, please", "#token")
    assert not browser.find("#state").is_displayed()
