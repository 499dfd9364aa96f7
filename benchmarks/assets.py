"""Bytes of the board page and of every file it loads."""

import gzip
import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import brotli
from common import EMAIL, PASSWORD, data, options, product, tell

PAGE, PAGE_GZIP, FILES = 150_000, 20_000, 100_000


def main() -> None:
    args = options(__doc__)
    found = data(args.leads[0])
    with product(found) as (base, _):
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        form = browser.open(f"{base}/login").read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token is not None
        browser.open(f"{base}/login", urlencode({"csrf_token": token.group(1), "email": EMAIL, "password": PASSWORD}).encode())
        page = browser.open(f"{base}/board/{found.board}").read()
        names = sorted(set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.decode())))
        files = {name.partition("?")[0]: len(brotli.compress(browser.open(base + name).read())) for name in names}
    result = {"page": len(page), "page_gzip": len(gzip.compress(page, 6)), "files_brotli": sum(files.values()), "files": files}
    held = result["page"] <= PAGE and result["page_gzip"] <= PAGE_GZIP and sum(files.values()) < FILES
    tell("bytes", "page <= 150 KB raw and 20 KB gzip, all files < 100 KB compressed", [result], held)


if __name__ == "__main__":
    main()
