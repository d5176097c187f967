from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from rongshu.interfaces.console.pages.frame import SignIn
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.door import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in to the console."""
    name, problem = request.POST.get("account", ""), ""
    if request.method == "POST":
        problem = access.try_to_sign_in(request, name, request.POST.get("password", ""))
    user = signed_in(request)
    if user is not None and not problem:
        return access.onwards(request, user) if request.method == "POST" else redirect(access.home_of(user))
    wanted = request.POST.get("next", request.GET.get("next", ""))
    page = SignIn(account=name, next=wanted, problem=problem)
    return render(request, page.template, {"page": page}, status=422 if problem else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    return access.sign_out(request, "console:sign_in")
