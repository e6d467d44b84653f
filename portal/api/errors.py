"""What only the API refuses: a page's own form cannot go wrong in these ways."""

from portal.errors import PortalError, UploadRefused


class UnknownParameter(PortalError):
    title = "The address has a parameter that is not known here"
    action = "Send the request without anything after a question mark."


class RepeatedField(PortalError):
    title = "A field of the form was sent more than once"
    action = "Send each field once."


class NotAForm(UploadRefused):
    title = "This kind of request body is not accepted"
    action = "Send the image as a file of a form, as `curl --form image=@FILE` does."
