"""The forms of an HTML page, as a browser sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

FieldValue = str | Sequence[str]

_BUTTONS = frozenset({"submit", "image", "button", "reset"})


@dataclass(slots=True)
class Button:
    """A button that sends a form; `name` may be empty, `action` overrides the form's."""

    name: str
    value: str
    action: str | None


@dataclass(slots=True)
class Form:
    """A form with the values that it would send untouched, in the order of the page."""

    id: str
    name: str
    action: str
    method: str
    """`get` or `post`."""
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def filled(self, fields: Mapping[str, FieldValue]) -> list[tuple[str, str]]:
        """Return the pairs to send: the page's own, with `fields` in the place of their names.

        A sequence sends its name once for each value, an empty one not at all: so checkboxes and
        multiple choices are set.
        """
        kept = [(name, value) for name, value in self.fields if name not in fields]
        for name, given in fields.items():
            values = [given] if isinstance(given, str) else given
            kept += [(name, value) for value in values]
        return kept

    def has(self, names: frozenset[str]) -> bool:
        """Return whether the form has fields of all these names."""
        return names <= {name for name, _ in self.fields}


@lru_cache(maxsize=64)
def forms_of(html: str) -> tuple[Form, ...]:
    """Return the forms of the page in its order; elements outside may join by `form="id"`.

    Remembered for the pages read last, because one page is asked several things.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    by_id = {form.id: form for form in reader.forms if form.id}
    for form_id, pairs, buttons in reader.strays:
        if form_id in by_id:
            by_id[form_id].fields += pairs
            by_id[form_id].buttons += buttons
    return tuple(reader.forms)


class _Reader(HTMLParser):
    """Collects forms while the page goes by."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.strays: list[tuple[str, list[tuple[str, str]], list[Button]]] = []
        self._open: Form | None = None
        self._text: tuple[str, str | None] | None = None
        self._written: list[str] = []
        self._select: tuple[str, str | None, bool] | None = None
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = given.get("method", "get").lower()
            self._open = Form(
                given.get("id", ""), given.get("name", ""), given.get("action", ""), method
            )
            self.forms.append(self._open)
        elif "disabled" not in given:
            self._control(tag, given)

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._written.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._text is not None:
            name, owner = self._text
            # A browser drops the line break that may follow the tag.
            self._add(owner, name, "".join(self._written).removeprefix("\n"))
            self._text = None
        elif tag == "select" and self._select is not None:
            self._end_select()

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, owner = given.get("name", ""), given.get("form")
        if tag == "button" and given.get("type", "submit") == "submit":
            self._add_button(owner, given)
        elif tag == "input":
            self._input(name, owner, given)
        elif tag == "textarea" and name:
            self._text, self._written = (name, owner), []
        elif tag == "select" and name:
            self._select, self._options = (name, owner, "multiple" in given), []
        elif tag == "option" and self._select is not None:
            self._options.append((given.get("value", ""), "selected" in given))

    def _input(self, name: str, owner: str | None, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower()
        if kind == "submit":
            self._add_button(owner, given)
        if not name or kind in _BUTTONS:
            return
        if kind in {"checkbox", "radio"}:
            if "checked" in given:
                self._add(owner, name, given.get("value", "on"))
        elif kind != "file":
            self._add(owner, name, given.get("value", ""))

    def _end_select(self) -> None:
        assert self._select is not None
        name, owner, multiple = self._select
        chosen = [value for value, selected in self._options if selected]
        if not multiple:
            chosen = chosen[-1:] or [value for value, _ in self._options[:1]]
        for value in chosen:
            self._add(owner, name, value)
        self._select = None

    def _add(self, owner: str | None, name: str, value: str) -> None:
        if owner is not None:
            self.strays.append((owner, [(name, value)], []))
        elif self._open is not None:
            self._open.fields.append((name, value))

    def _add_button(self, owner: str | None, given: dict[str, str]) -> None:
        button = Button(given.get("name", ""), given.get("value", ""), given.get("formaction"))
        if owner is not None:
            self.strays.append((owner, [], [button]))
        elif self._open is not None:
            self._open.buttons.append(button)
