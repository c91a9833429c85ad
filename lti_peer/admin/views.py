"""All admin pages: importing this makes the blueprint whole."""

from lti_peer.admin import office_pages, platform_pages, report_pages, store_pages
from lti_peer.admin.pages import register

__all__ = ["office_pages", "platform_pages", "register", "report_pages", "store_pages"]
