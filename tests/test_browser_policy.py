"""Pages that try to reach a host, or to run what is not theirs: the policy in their head lets nothing through."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from reecho import own_picture
from reecho.report import html

TRIES = """
<meta http-equiv="refresh" content="0; url={host}/refresh">
<base href="{host}/">
<script>document.title = "broken"; fetch("{host}/fetch"); new WebSocket("{socket}"); navigator.sendBeacon("{host}/beacon");</script>
<script src="{host}/script.js"></script>
<img src="{host}/picture.png" onerror="document.title = 'broken'" alt="a picture">
<img src="data:," onerror="document.title = 'broken'; fetch('{host}/handler')" alt="a picture">
<svg width="9" height="9"><image href="{host}/svg.png" width="9" height="9"/><script>document.title = "broken"</script></svg>
<link rel="stylesheet" href="{host}/style.css">
<link rel="prefetch" href="{host}/prefetch"><link rel="preload" as="image" href="{host}/p">
<style>@import url("{host}/import.css"); body {{ background: url("{host}/background.png"); }}
@font-face {{ font-family: foreign; src: url("{host}/font.woff2"); }} p {{ font-family: foreign; }}</style>
<iframe src="{host}/frame"></iframe><iframe srcdoc="<img src='{host}/srcdoc.png'>"></iframe>
<object data="{host}/object"></object><embed src="{host}/embed">
<video src="{host}/video.mp4" poster="{host}/poster.png" autoplay></video><audio src="{host}/sound.mp3" autoplay></audio>
<form action="{host}/form"><button id="send">send</button></form>
"""


@pytest.fixture
def host():
    """A server of this machine, its address, and the paths that it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # a browser keeps connections open
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()


def trying(address: str) -> str:
    return TRIES.format(host=address, socket=address.replace("http", "ws"))


def opened(browser, path):
    page = browser.open(path)
    page.wait_for_load_state("load")
    page.wait_for_timeout(700)
    if page.locator("#send").count():
        page.locator("#send").first.click(no_wait_after=True)
        page.wait_for_timeout(300)
    return page


def test_the_server_would_hear_a_page_without_a_policy(tmp_path, host, browser):
    address, asked = host
    (tmp_path / "open.html").write_text(f"<title>whole</title>{trying(address)}", encoding="utf-8")
    opened(browser, tmp_path / "open.html").context.close()
    assert {"/fetch", "/picture.png", "/style.css", "/frame", "/refresh"} <= set(asked)


@pytest.mark.parametrize("name", ["notebook", "index", "own_picture"])
def test_what_gets_into_a_page_reaches_no_host_and_runs_nothing(name, tmp_path, host, browser):
    address, asked = host
    source = tmp_path / "page.html"
    if name == "notebook":  # by the way that a notebook's own text takes
        shown = new_output("display_data", data={"text/html": trying(address), "text/plain": "<IPython.core.display.HTML object>"})
        tries = new_markdown_cell("# One\n\nText.\n\n" + trying(address).strip() + "\n\nAnd on.")
        write(new_notebook(cells=[tries, new_code_cell("show()", outputs=[shown])]), tmp_path / "page.ipynb")
        html.render(tmp_path / "page.ipynb", source)
    else:
        if name == "own_picture":
            own_picture.write(source, strip=[])
        else:
            html.index(source, {"dataset": {"name": "synthetic", "pictures": 9, "people": 3, "size": 32}}, {}, [])
        text = source.read_text(encoding="utf-8")
        tries = trying(address).split("\n", 2)[2]  # without the refresh, in which no policy has a say
        source.write_text(text.replace("</main>", f"{tries}</main>", 1), encoding="utf-8")
    page = opened(browser, source)
    title, where = page.title(), page.url
    page.context.close()
    assert asked == [] and title != "broken" and where.startswith("file:")
