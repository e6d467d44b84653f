"""Views that answer with a report's file."""

from flask import Response, request

from portal.reports import ReportFile, Reports


class ReportViews:
    """The files of a result, made when they are asked for. A method's name is its endpoint's."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def report_pdf(self) -> Response:
        """One page for a person."""
        return download(self._reports.pdf(request.form))

    def report_json(self) -> Response:
        """The same for a program."""
        return download(self._reports.json(request.form))


def download(file: ReportFile) -> Response:
    """The answer that a browser keeps as a file."""
    response = Response(file.content, mimetype=file.mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    return response
