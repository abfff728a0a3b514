"""The harness itself: the real server, a real browser, the product's own database role."""

from playwright.sync_api import Page


def test_the_server_answers_the_browser(page: Page) -> None:
    answer = page.goto("/health/")
    assert answer is not None
    assert answer.status == 200
    assert page.inner_text("body").strip() == "ok"


def test_every_answer_carries_the_strict_policy(page: Page) -> None:
    answer = page.goto("/health/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
