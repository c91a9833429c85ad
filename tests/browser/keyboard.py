"""Somebody who uses no pointer: presses keys, and sees at each stop where they are."""

FOCUSED = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.innerText ?? at.getAttribute('aria-label') ?? at.innerText ?? '';
  const around = [at, at.closest('.editor, .level'), ...(at.labels ?? [])];
  const ringed = around.some((one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  const box = at.getBoundingClientRect();
  return { tag: at.tagName, name: label.trim(), ringed, big: box.width > 0 && box.height > 0 }; }"""
MOST_STOPS = 80


class Keyboard:
    """The keys, and what has the focus in the tool's frame."""

    def __init__(self, frame):
        self.frame = frame
        self.page = frame.page
        self.unseen = []

    def at(self):
        """Return what has the focus: its tag and its name."""
        found = self.frame.evaluate(FOCUSED)
        if found["tag"] not in {"BODY", "HTML"} and not (found["ringed"] and found["big"]):
            self.unseen.append((self.frame.url, found["tag"], found["name"][:60]))
        return found["tag"], found["name"]

    def to(self, name):
        """Press Tab until something whose name begins so has the focus."""
        passed = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            tag, found = self.at()
            if found.startswith(name) and tag not in {"BODY", "HTML", "SECTION", "DIV"}:
                return
            passed.append(found[:40])
        raise AssertionError(f"Tab does not lead to {name!r}, but to {passed}")

    def press(self, *keys):
        """Press keys, and look where the focus is after each."""
        for key in keys:
            self.page.keyboard.press(key)

    def activate(self, name, path):
        """Go to a button or link, press Enter, and wait for the page that follows."""
        self.to(name)
        self.press("Enter")
        self.frame.wait_for_url(path)
