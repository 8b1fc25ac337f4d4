"""The one guard: who may see which page, and what another site cannot do."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.desk.access import Desk, Guard
from api.staff import sessions
from api.staff.roles import RIGHTS, Role
from tests.desk.conftest import SAME_ORIGIN, DeskClient

LogIn = Callable[..., DeskClient]

# Pages for people who are not logged in yet. Whoever adds one thinks twice.
WITHOUT_LOG_IN = {
    "/login",
    "/logged-out",
    "/language",
    "/oidc/start",
    "/oidc/back",
}


def guards(dependant: Dependant) -> Iterator[Guard]:
    for one in dependant.dependencies:
        if isinstance(one.call, Guard):
            yield one.call
        yield from guards(one)


def desk_routes(app: FastAPI) -> list[RouteContext]:
    """Every route of the desk with its whole path; there are dozens, or the walk is broken."""
    (desk,) = (route for route in app.routes if isinstance(route, Mount) and route.path == "/desk")
    routes = [
        route
        for route in iter_route_contexts(desk.routes)
        if isinstance(route.original_route, APIRoute)
    ]
    assert len(routes) > 70
    return routes


def methods(route: RouteContext) -> set[str]:
    return (route.methods or set()) & {"GET", "POST"}


def example(path: str | None) -> str:
    assert path
    return "/desk" + path.replace("{", "").replace("}", "").replace(":path", "")


def test_every_route_has_exactly_one_guard(desk_app: FastAPI) -> None:
    for route in desk_routes(desk_app):
        assert len(list(guards(route.dependant))) == 1, route.path


def test_only_the_pages_named_here_need_no_log_in(desk_app: FastAPI) -> None:
    open_ = {
        route.path
        for route in desk_routes(desk_app)
        for guard in guards(route.dependant)
        if not guard.logged_in
    }
    assert open_ <= WITHOUT_LOG_IN


def test_nobody_gets_in_without_a_log_in(desk_app: FastAPI) -> None:
    browser = TestClient(desk_app, headers=SAME_ORIGIN, follow_redirects=False)
    for route in desk_routes(desk_app):
        guard = next(guards(route.dependant))
        for method in sorted(methods(route)):
            if guard.logged_in:
                answer = browser.request(method, example(route.path))
                assert answer.status_code == 303, (method, route.path)
                assert answer.headers["location"].startswith("/desk/login")


@pytest.mark.parametrize("role", list(Role))
def test_each_route_refuses_each_role_that_has_no_business_there(
    desk_app: FastAPI, desk_client: LogIn, role: Role
) -> None:
    somebody = desk_client(role)
    for route in desk_routes(desk_app):
        guard = next(guards(route.dependant))
        if guard.right is None or guard.right in RIGHTS[role]:
            continue
        for method in sorted(methods(route)):
            path = example(route.path)
            answer = somebody.get(path) if method == "GET" else somebody.post(path)
            assert answer.status_code == 403, (method, route.path, role)


def test_every_post_needs_the_token_of_the_session(desk_app: FastAPI, desk_client: LogIn) -> None:
    everybody = desk_client(*Role)
    everybody.form_token = "wrong"
    for route in desk_routes(desk_app):
        if "POST" in methods(route) and next(guards(route.dependant)).logged_in:
            answer = everybody.post(example(route.path))
            assert answer.status_code == 403, route.path


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
    ],
)
def test_what_another_site_posts_is_refused(
    desk_app: FastAPI, desk_client: LogIn, headers: dict[str, str]
) -> None:
    everybody = desk_client(*Role)
    for route in desk_routes(desk_app):
        if "POST" in methods(route):
            answer = everybody.post(example(route.path), headers=headers)
            assert answer.status_code == 403, route.path


def test_pages_say_what_browsers_may_do_with_them(desk_client: LogIn) -> None:
    headers = desk_client(Role.AUTHOR).get("/desk/no-such-page").headers
    assert "script-src" not in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_a_post_that_is_too_large_is_refused_before_it_is_read(desk_client: LogIn) -> None:
    answer = desk_client(*Role).post("/desk/topics", {"text": "a" * 7_000_000})
    assert answer.status_code == 413


def test_a_role_that_was_taken_away_counts_at_once(desk: Desk, desk_client: LogIn) -> None:
    somebody = desk_client(Role.AUTHOR)
    with desk.services.store.write() as session:
        sessions.end_all(session, somebody.account.id)
    assert somebody.get("/desk/topics").status_code == 303
