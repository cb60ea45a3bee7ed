"""Somebody at the webmail, as a browser sees it: logged in at front's door, then Roundcube."""

from __future__ import annotations

import httpx

#: Pages that send a browser on between the login and the mail.
TURNS = 6
INBOX = "/webmail/?_task=mail&_action=list&_mbox=INBOX&_remote=1"


def inbox_on_the_web(browser: httpx.Client, address: str, password: str) -> str:
    """What Roundcube lists for who logs in; the browser keeps the cookies.

    :raises AssertionError: the webmail does not open for that login.
    """
    login = {"email": address, "pw": password, "submitWebmail": ""}
    place = browser.post("/sso/login", data=login).headers["Location"]
    for _turn in range(TURNS):
        page = browser.get(place)
        if page.status_code == 200:
            break
        place = str(page.url.join(page.headers["Location"]))
    assert page.status_code == 200, place
    assert address in page.text, page.text[:500]
    return browser.get(INBOX).text
