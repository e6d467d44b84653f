"""Headers of every answer: nothing is framed, sniffed, fetched from elsewhere or kept."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_A_YEAR = 365 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # Under no-referrer a browser would say "null" for the origin of the portal's own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def register_headers(app: Flask) -> None:
    """Give every answer of ``app`` the headers above; an answer to a POST is never stored."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"
        if request.method == "POST":
            response.headers["Cache-Control"] = "no-store"
        return response
