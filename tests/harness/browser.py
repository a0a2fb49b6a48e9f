"""A real browser without a screen, which looks at the page for people."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from .processes import die_with_parent
from .waiting import wait_until

# As root there is no sandbox; what is looked at is the daemon's own page. Nothing is asked of the network besides.
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
             "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--mute-audio")


def program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"no {name}: run deploy/install-deps.sh --test"
    return found


class Browser:
    """One window. Sizes are in CSS pixels."""

    def __init__(self) -> None:
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
        self._profile = tempfile.mkdtemp(prefix="kinto-mirror-browser-")
        options = Options()
        options.binary_location = program("chromium")
        for argument in (*ARGUMENTS, f"--user-data-dir={self._profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(program("chromedriver"), popen_kw={"preexec_fn": die_with_parent})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(30)

    def close(self) -> None:
        self.driver.quit()
        shutil.rmtree(self._profile, ignore_errors=True)

    def resize(self, width: int, height: int = 900) -> None:
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def prefer(self, scheme: str) -> None:
        """ "light" or "dark"."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, url: str) -> None:
        self.driver.get(url)

    def run(self, script: str, *args: object) -> object:
        return self.driver.execute_script(script, *args)

    def find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def count(self, css: str) -> int:
        return len(self.driver.find_elements(By.CSS_SELECTOR, css))

    def text(self, css: str = "body") -> str:
        """As it is seen."""
        return self.find(css).text

    def wait_for(self, text: str, css: str = "body", timeout: float = 20.0) -> None:
        try:
            wait_until(lambda: text in self.text(css), f"{css} says {text!r}", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n-- {css}\n{self.text()}") from None

    def press(self, key: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(key).perform()

    def tab(self) -> WebElement:
        """What has the focus after the next Tab."""
        self.press(Keys.TAB)
        return self.driver.switch_to.active_element

    def errors(self) -> list[str]:
        """What the console has told since the last call, of errors and of violations of the policy."""
        return [line["message"] for line in self.driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]

    def asked(self) -> set[str]:
        """The hosts of all that was loaded."""
        urls = self.run("return performance.getEntries().map((one) => one.name).filter((name) => name.includes(':'))")
        return {urlsplit(url).netloc for url in urls if not url.startswith("data:")}

    def overflow(self) -> int:
        """By so much the page is wider than its window."""
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def picture(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))


def storage(browser: Browser) -> dict:
    return json.loads(browser.run("return JSON.stringify(sessionStorage)"))
