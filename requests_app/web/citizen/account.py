"""The door for staff: sign in, sign out."""

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from requests_app.permissions import Viewer
from requests_app.states import Capability
from requests_app.web.citizen.demo import ROLES
from requests_app.web.rates import does_not_count
from requests_app.web.viewer import build_viewer


class SignInForm(AuthenticationForm):
    """User name and password; one sentence for every kind of failure."""

    error_messages = {
        "invalid_login": _("User name and password do not go together. Check both; capitals count in the password."),
        "inactive": _("User name and password do not go together. Check both; capitals count in the password."),
    }


class SignIn(LoginView):
    """The sign-in page. A refused form answers 422."""

    template_name = "citizen/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True
    extra_context = {"hide_sign_in": True, "demo_roles": ROLES.items()}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, and speak the person's language where the browser has not chosen one."""
        response = super().form_valid(form)
        does_not_count(self.request)
        if settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                form.get_user().language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                samesite="Lax",
            )
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again, with 422."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_default_redirect_url(self) -> str:
        """The workplace of the person: the desk, or the reports for those who only evaluate."""
        return workplace(build_viewer(self.request.user, self.request.session))


def workplace(viewer: Viewer) -> str:
    """Where somebody of these rights begins their day."""
    if viewer.has(Capability.ADMINISTER) and not viewer.has(Capability.HANDLE):
        return "/manage/"
    return "/desk/" if viewer.has(Capability.SEE_DESK) else "/evaluate/"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and go home."""
    logout(request)
    return redirect("citizen:home")
