"""``/v1/users/me/password`` and ``/v1/auth/password-resets``: new passwords."""

from common.wire import ServiceRpc
from gateway.http import http
from gateway.request import Request


class PasswordResource:
    auth = ServiceRpc("auth_service")

    @http(
        "POST",
        "/v1/auth/password-resets",
        takes="user_service.PasswordResetDraft",
        status=202,
        value="high",
        limited="reset",
        feature="password_resets",
    )
    def request_password_reset(self, request: Request) -> None:
        """Have a code mailed to you by which you can choose a new password.

        The answer does not tell whether there is an account with this e-mail.
        """
        self.auth.request_password_reset(draft=request.document)

    @http(
        "PUT",
        "/v1/auth/password-resets/<token>",
        takes="user_service.NewPasswordDraft",
        status=204,
        value="high",
        limited="reset",
        feature="password_resets",
    )
    def reset_password(self, request: Request, token: str) -> None:
        """Choose a new password, by the code that was mailed to you.

        The code can be used once, within 30 minutes. All your sessions end.
        """
        self.auth.reset_password(token=token, draft=request.document)

    @http(
        "PUT",
        "/v1/users/me/password",
        takes="user_service.PasswordChangeDraft",
        status=204,
        value="high",
        limited="sign_in",
    )
    def change_password(self, request: Request) -> None:
        """Change your password. All your sessions end, this one too."""
        self.auth.change_password(draft=request.document)
