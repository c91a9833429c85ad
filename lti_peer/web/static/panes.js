/* Two tabs on a phone share one scroll bar: each keeps its own place, and a reload keeps the tab. */
for (const panes of document.querySelectorAll(".panes")) {
  const places = {};
  let place = window.scrollY;
  const radios = panes.querySelectorAll(":scope > input");
  let shown = [...radios].find((radio) => radio.checked);
  const state = () => history.state ?? {};

  const remembered = state()[panes.id];
  if (remembered && remembered !== shown.id) show(document.getElementById(remembered));

  function show(radio) {
    // Not scrollY: a shorter pane has cut it already.
    places[shown.id] = place;
    radio.checked = true;
    shown = radio;
    window.scrollTo({ top: places[radio.id] ?? Math.min(window.scrollY, panes.offsetTop) });
    history.replaceState({ ...state(), [panes.id]: radio.id }, "");
  }

  addEventListener("scroll", () => { place = window.scrollY; }, { passive: true });
  for (const radio of radios) radio.addEventListener("change", () => show(radio));

  // A link to a field, from the list of errors, may lead into the pane that is not shown.
  document.addEventListener("click", (event) => {
    const hash = event.target.closest('a[href^="#f-"]')?.hash;
    const field = hash && document.getElementById(hash.slice(1));
    const pane = field && field.closest(".pane");
    if (!pane || !panes.contains(pane)) return;
    const radio = radios[pane.classList.contains("pane-first") ? 0 : 1];
    if (radio !== shown) show(radio);
    field.focus();
  });
}
