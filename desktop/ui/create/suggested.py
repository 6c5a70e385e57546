"""What the page fills in unasked: marked with where it comes from; whatever the person wrote or emptied is theirs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from desktop.ui.form.view import EMPTY, FormView
from desktop.ui.text import tr
from desktop.ui.widgets.text_field import TextField
from domain.entities.forms import FormField

NAME = "name"
SOURCES = ("order", "record", "history")
"""Where values come from, the surest first: the chosen order, the customer's record, their last ticket."""


class Suggestions:
    """Offers of several sources for the name at the top and the fields of the form, in whichever order they come."""

    def __init__(self, name: TextField, forms: Callable[[], Sequence[FormView]]) -> None:
        self._name, self._forms = name, forms
        self._offered: dict[str, Mapping[str, Any]] = {}
        self._held: dict[str, str] = {}  # what stands there suggested, and from where
        self._emptied: set[str] = set()
        name.edited.connect(lambda: self.touch(NAME))

    def held(self) -> dict[str, str]:
        """The keys whose values nobody has touched since they were filled in, with their sources."""
        return dict(self._held)

    def restore(self, held: Mapping[str, str]) -> None:
        """Begin with a draft: what had been suggested in it."""
        self._offered, self._held, self._emptied = {}, dict(held), set()
        self._mark(NAME)

    def offer(self, source: str, values: Mapping[str, Any]) -> None:
        """Fill in what one source knows; a surer one's value stays."""
        self._offered[source] = {key: value for key, value in values.items() if value not in EMPTY}
        self.show()

    def withdraw(self, *sources: str) -> None:
        """Take back what came from these, as for another customer; the next best takes its place."""
        for source in sources:
            self._offered.pop(source, None)
        for key in [key for key, source in self._held.items() if source in sources]:
            del self._held[key]
            self._put(key, "")
            self._mark(key)
        if len(sources) == len(SOURCES):
            self._emptied.clear()
        self.show()

    def show(self) -> None:
        """Fill in and mark what is offered, as after another template's fields came."""
        for key, field in self._places():
            found = self._best(key, field)
            if found is not None and self._free(key):
                source, value = found
                self._held[key] = source
                if self._value(key) != value:
                    self._put(key, value)
            self._mark(key)

    def touch(self, key: str) -> None:
        """The person wrote there: it is theirs from now on, empty or not."""
        self._held.pop(key, None)
        (self._emptied.add if self._value(key) in EMPTY else self._emptied.discard)(key)
        self._mark(key)

    # Inside.

    def _places(self) -> Iterator[tuple[str, FormField | None]]:
        yield NAME, None
        for form in self._forms():
            for field in form.fields():
                if field.key != NAME:
                    yield field.key, field

    def _best(self, key: str, field: FormField | None) -> tuple[str, Any] | None:
        for source in SOURCES:
            value = self._offered.get(source, {}).get(key)
            fitting = value if field is None or value is None else _fitting(field, value)
            if fitting not in EMPTY:
                return source, fitting
        return None

    def _free(self, key: str) -> bool:
        return key in self._held or (self._value(key) in EMPTY and key not in self._emptied)

    def _form_of(self, key: str) -> FormView | None:
        return next((form for form in self._forms() if any(one.key == key for one in form.fields())), None)

    def _value(self, key: str) -> Any:
        if key == NAME:
            return self._name.value()
        form = self._form_of(key)
        return form.kept().get(key) if form is not None else None

    def _put(self, key: str, value: Any) -> None:
        form = self._form_of(key)
        if key == NAME:
            self._name.set_value(value)
        elif form is not None:
            form.put(key, value)

    def _mark(self, key: str) -> None:
        source = self._held.get(key, "")
        reason = tr(f"create.from_{source}") if source else ""
        form = self._form_of(key)
        if key == NAME:
            self._name.set_state("suggested" if source else "")
            self._name.setToolTip(reason)
            self._name.setAccessibleDescription(reason)
        elif form is not None:
            form.field(key).set_suggested(reason)


def _fitting(field: FormField, value: Any) -> Any:
    """The value as a field takes it: one of its options, by value or by words; None where it is none of them."""
    if not field.options:
        return value
    said = str(value).casefold()
    return next(
        (one.value for one in field.options if said in (one.value.casefold(), one.label.casefold())), None
    )
