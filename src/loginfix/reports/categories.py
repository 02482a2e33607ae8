"""What the categories are called in a report."""

from loginfix.stores.model import Category
from loginfix.words import message, say

_TITLES = {
    Category.CACHE: message("Web cache"),
    Category.COOKIES: message("Cookies"),
    Category.HISTORY: message("History"),
    Category.STORAGE: message("Stored data"),
    Category.SESSIONS: message("Open tabs"),
    Category.PERMISSIONS: message("Permissions"),
    Category.SECURITY: message("Security"),
    Category.PREDICTIONS: message("Predictions"),
}
ORDER = tuple(_TITLES)
"""As a report lists them: what people know best comes first."""


def category_title(category: str) -> str:
    """The category's name for a person."""
    return say(_TITLES[Category(category)])
